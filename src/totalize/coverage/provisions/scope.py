"""For whom the agreement decides: both systems would claim, and how each sees the work."""

from __future__ import annotations

from totalize.coverage import conditions as c
from totalize.logic.expressions import (
    Condition,
    Parameter,
    all_of,
    any_of,
    negate,
)

ABROAD = negate(c.work_in_us)
DECIDES_BOTH = all_of(c.has_us_side, c.agreement, c.both_would_claim)
EMPLOYEE = all_of(DECIDES_BOTH, c.under_employment_rules)
SELF_EMPLOYED = all_of(DECIDES_BOTH, c.under_self_employment_rules)
OWN_GOVERNMENT = all_of(
    c.is_government,
    any_of(c.works_for_us_government_abroad, c.works_for_partner_government_in_us),
)
BY_NATIONALITY = Parameter("nationality")
ONLY_US_NATIONAL = Condition("only_us_national", c.us_citizen & negate(c.partner_citizen))
