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
# Whom the text keeps under US law whatever the nationality, while US law by itself claims nothing:
# the sources pull apart (ADR 0008). Affiliates count only where US law would claim.
SENT_WITHOUT_US_CLAIM = all_of(
    c.has_us_side,
    c.agreement,
    c.under_employment_rules,
    Parameter("detached_whatever_nationality"),
    ABROAD,
    c.is_ashore,
    negate(c.is_government),
    negate(c.us_claims_under_agreement),
    c.partner_would_claim,
    negate(c.works_for_affiliate),
    Condition("detached_worker", c.detached_worker.holds, whole=True),
)
_must_elect = all_of(_general, BY_NATIONALITY, c.partner_citizen)

PROVISIONS = (
    *on_each_side(
        "territorial",
        Rule.TERRITORIAL,
        all_of(_ashore, _place_read, c.work_in_us, negate(c.lives_and_works_in_partner)),
        all_of(_ashore, _place_read, ABROAD | c.lives_and_works_in_partner),
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
    open_question("sent_without_us_claim", Rule.DETACHED_WORKER, SENT_WITHOUT_US_CLAIM),
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
