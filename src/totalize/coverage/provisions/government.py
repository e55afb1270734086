"""Staff of governments."""

from __future__ import annotations

from totalize.coverage import conditions as c
from totalize.coverage.determination import Rule
from totalize.coverage.provisions.model import Provision, Side, on_each_side, open_question
from totalize.coverage.provisions.scope import (
    ABROAD,
    EMPLOYEE,
    OWN_GOVERNMENT,
)
from totalize.logic.expressions import (
    Choice,
    Condition,
    Equal,
    Fact,
    Parameter,
    all_of,
    any_of,
    negate,
)

# Read of its own nationals whom it sent, and of nobody else.
_sent_national = all_of(
    Parameter("government_sent_nationals"),
    c.sent_by_government,
    Choice(c.work_in_us, c.partner_citizen, c.us_citizen),
)
_unread = any_of(
    Parameter("government_unread"),
    Parameter("government_sent_nationals") & negate(_sent_national),
)
_rule = any_of(
    Parameter("government_any"),
    Parameter("government_nationals") & c.us_citizen & ABROAD,
    Parameter("government_nationals") & c.partner_citizen & c.work_in_us,
    Parameter("government_sent") & c.sent_by_government,
    _sent_national,
    all_of(
        Parameter("government_in_region"),
        ABROAD,
        c.us_citizen,
        Condition("in_named_region", Equal(Fact("region"), Parameter("government_region"))),
    ),
)
_staff = all_of(c.has_us_side, c.agreement, c.under_employment_rules, c.is_government)
# This rule holds even where the other system would claim nothing.
GOVERNED_BY_US = all_of(_staff, c.works_for_us_government_abroad, _rule)
GOVERNED_BY_PARTNER = all_of(_staff, c.works_for_partner_government_in_us, _rule)
# A rule for that government's own nationals would place everybody else in the US (ADR 0008);
# where the rule was not read, neither was whom it leaves there.
PERHAPS_LEFT_TO_US = all_of(
    _staff,
    c.works_for_partner_government_in_us,
    any_of(Parameter("government_unread"), Parameter("government_sent_nationals")),
    c.employment_in_us,
    negate(c.us_citizen),
    negate(c.partner_citizen),
)

PROVISIONS = (
    *on_each_side("government", Rule.GOVERNMENT, GOVERNED_BY_US, GOVERNED_BY_PARTNER),
    Provision(
        "government_untouched",
        "government",
        Rule.GOVERNMENT,
        Side.BOTH,
        all_of(EMPLOYEE, OWN_GOVERNMENT, Parameter("government_untouched")),
    ),
    open_question(
        "government_unread",
        Rule.GOVERNMENT,
        all_of(EMPLOYEE, OWN_GOVERNMENT, _unread),
        order="government",
    ),
    open_question("government_perhaps_left_to_us", Rule.GOVERNMENT, PERHAPS_LEFT_TO_US),
)
