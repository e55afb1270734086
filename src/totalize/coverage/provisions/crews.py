"""Crews of ships and aircraft."""

from __future__ import annotations

from totalize.coverage import conditions as c
from totalize.coverage.determination import Rule
from totalize.coverage.provisions.model import on_each_side, open_question
from totalize.coverage.provisions.scope import (
    EMPLOYEE,
)
from totalize.logic.expressions import (
    Condition,
    Parameter,
    all_of,
    any_of,
    negate,
)

_seafarer = EMPLOYEE & c.is_seafarer
_flag_is_meant = any_of(negate(Parameter("ship_own_flags_only")), c.flag_of_us, c.flag_of_partner)
_seafarer_us = Condition(
    "seafarer_us",
    any_of(
        all_of(Parameter("ship_flag"), Parameter("ship_us_read"), c.flag_of_us),
        Parameter("ship_us_flag_else_partner") & c.flag_of_us,
        all_of(Parameter("ship_residence"), c.resides_in_us, _flag_is_meant),
        Parameter("ship_residence_else_us") & negate(c.resides_in_partner),
    ),
)
_seafarer_partner = Condition(
    "seafarer_partner",
    any_of(
        all_of(Parameter("ship_flag"), Parameter("ship_partner_read"), c.flag_of_partner),
        Parameter("ship_us_flag_else_partner") & negate(c.flag_of_us),
        all_of(
            any_of(Parameter("ship_residence"), Parameter("ship_residence_else_us")),
            c.resides_in_partner,
            _flag_is_meant,
        ),
    ),
)

_aircrew = EMPLOYEE & c.is_aircrew
_aircrew_us = Condition(
    "aircrew_us",
    any_of(
        Parameter("air_headquarters") & c.headquarters_in_us,
        all_of(
            Parameter("air_headquarters_unless_resident"),
            any_of(
                c.headquarters_in_us & negate(c.resides_in_partner),
                c.headquarters_in_partner & c.resides_in_us,
            ),
        ),
        all_of(
            Parameter("air_residence_else_headquarters"),
            any_of(c.resides_in_us, negate(c.resides_in_one_of_both) & c.headquarters_in_us),
        ),
        Parameter("air_residence") & c.resides_in_us,
        Parameter("air_residence_else_us") & negate(c.resides_in_partner),
    ),
)
_aircrew_partner = Condition(
    "aircrew_partner",
    any_of(
        Parameter("air_headquarters") & c.headquarters_in_partner,
        all_of(
            Parameter("air_headquarters_unless_resident"),
            any_of(
                c.headquarters_in_partner & negate(c.resides_in_us),
                c.headquarters_in_us & c.resides_in_partner,
            ),
        ),
        all_of(
            Parameter("air_residence_else_headquarters"),
            any_of(
                c.resides_in_partner,
                negate(c.resides_in_one_of_both) & c.headquarters_in_partner,
            ),
        ),
        any_of(Parameter("air_residence"), Parameter("air_residence_else_us"))
        & c.resides_in_partner,
    ),
)

PROVISIONS = (
    *on_each_side(
        "seafarer",
        Rule.SEAFARER,
        _seafarer & _seafarer_us,
        _seafarer & _seafarer_partner,
    ),
    open_question(
        "seafarer_unread",
        Rule.SEAFARER,
        all_of(_seafarer, negate(_seafarer_us), negate(_seafarer_partner)),
        order="seafarer",
    ),
    *on_each_side(
        "aircrew",
        Rule.AIRCREW,
        _aircrew & _aircrew_us,
        _aircrew & _aircrew_partner,
    ),
    open_question(
        "aircrew_unread",
        Rule.AIRCREW,
        all_of(_aircrew, negate(_aircrew_us), negate(_aircrew_partner)),
        order="aircrew",
    ),
)
