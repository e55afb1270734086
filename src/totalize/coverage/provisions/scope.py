"""For whom the agreement decides: both systems would claim, and how each sees the work."""

from __future__ import annotations

from totalize.coverage import conditions as c
from totalize.coverage.codes import NOWHERE, US
from totalize.logic.expressions import (
    Condition,
    Fact,
    FirstOther,
    Parameter,
    all_of,
    any_of,
    negate,
)

# The other country with a side in the work: where it is done or, for work in the US, the first
# country that the facts connect with it.
OTHER_COUNTRY = FirstOther(
    (
        c.country,
        c.sent_from,
        c.government,
        c.affiliate_of,
        c.employer_country,
        c.headquarters,
        c.vessel_flag,
        Fact("also_in_1"),
        c.residence,
        c.insured_before,
    ),
    frozenset((NOWHERE, US)),
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
