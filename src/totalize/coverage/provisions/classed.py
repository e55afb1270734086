"""Work that one country sees as employment and the other as self-employment."""

from __future__ import annotations

from totalize.coverage import conditions as c
from totalize.coverage.determination import Rule
from totalize.coverage.provisions.model import on_each_side, open_question
from totalize.coverage.provisions.scope import (
    DECIDES_BOTH,
)
from totalize.logic.expressions import (
    Parameter,
    any_of,
    negate,
)

_classed = DECIDES_BOTH & c.classed_differently
_by_residence = any_of(
    Parameter("class_by_residence_else_other"), Parameter("class_by_residence_else_employment")
)
_us_sees_self_employment = negate(c.employment_in_us)
# Who lives where the work is self-employment is covered there; anybody else, under some
# agreements, in the other country.
_there = _by_residence & c.resides_where_self_employed
_elsewhere = Parameter("class_by_residence_else_other") & negate(c.resides_where_self_employed)

PROVISIONS = (
    *on_each_side(
        "classed",
        Rule.SELF_EMPLOYED_RESIDENCE,
        _classed
        & any_of(_us_sees_self_employment & _there, negate(_us_sees_self_employment) & _elsewhere),
        _classed
        & any_of(negate(_us_sees_self_employment) & _there, _us_sees_self_employment & _elsewhere),
    ),
    open_question("classed_unread", None, _classed & Parameter("class_unread")),
)
