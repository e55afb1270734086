"""Employees: the place of work, except those sent for a time and those who choose."""

from __future__ import annotations

from totalize.coverage import conditions as c
from totalize.coverage.determination import Rule
from totalize.coverage.provisions.model import Provision, Side, on_each_side, open_question
from totalize.coverage.provisions.scope import (
    ABROAD,
    BY_NATIONALITY,
    EMPLOYEE,
    ONLY_US_NATIONAL,
    OWN_GOVERNMENT,
)
from totalize.logic.expressions import (
    Condition,
    Parameter,
    all_of,
    any_of,
    negate,
)

# Own staff that a government sent, or all of it, has a rule of its own beside the place of work;
# the rule for employees sent by companies is then none of theirs.
_governed = OWN_GOVERNMENT & any_of(
    Parameter("government_sent"),
    Parameter("government_sent_nationals"),
    Parameter("government_any"),
)
_ashore = EMPLOYEE & c.is_ashore
_may_be_detached = _ashore & negate(_governed)
_place_read = negate(Parameter("territorial_unread"))
_detached = _may_be_detached & Condition("detached_worker", c.detached_worker.holds, whole=True)
_general = _ashore & negate(c.is_government)
_must_elect = all_of(_general, BY_NATIONALITY, c.partner_citizen)

PROVISIONS = (
    *on_each_side(
        "territorial",
        Rule.TERRITORIAL,
        all_of(_ashore, _place_read, c.work_in_us),
        all_of(_ashore, _place_read, ABROAD),
    ),
    open_question(
        "territorial_unread",
        Rule.TERRITORIAL,
        _ashore & Parameter("territorial_unread"),
        order="territorial",
    ),
    *on_each_side(
        "detached_worker",
        Rule.DETACHED_WORKER,
        _detached & ABROAD,
        _detached & c.work_in_us,
        move=c.detached_worker,
    ),
    open_question(
        "detached_worker_unread",
        Rule.DETACHED_WORKER,
        _may_be_detached
        & Condition("detached_worker_unread", c.detached_worker.unread, quiet=False),
        order="detached_worker_unread",
    ),
    Provision(
        "nationality_us",
        "nationality",
        Rule.NATIONALITY,
        Side.US,
        all_of(_general, BY_NATIONALITY, ONLY_US_NATIONAL),
    ),
    *on_each_side(
        "election",
        Rule.ELECTION,
        _must_elect & c.elects_us,
        _must_elect & c.elects_partner,
    ),
    open_question(
        "election_open",
        Rule.ELECTION,
        all_of(_must_elect, negate(c.elects_us), negate(c.elects_partner)),
        order="election",
    ),
)
