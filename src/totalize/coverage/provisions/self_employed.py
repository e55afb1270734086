"""The self-employed: by residence or by place of activity, except a business moved for a time."""

from __future__ import annotations

from totalize.coverage import conditions as c
from totalize.coverage.determination import Outcome, Rule
from totalize.coverage.provisions.model import Provision, Side, on_each_side, open_question
from totalize.coverage.provisions.scope import (
    ABROAD,
    BY_NATIONALITY,
    ONLY_US_NATIONAL,
    SELF_EMPLOYED,
)
from totalize.logic.expressions import (
    Choice,
    Condition,
    Fact,
    Known,
    Parameter,
    all_of,
    any_of,
    negate,
)

_under_us_by_nationality = Condition(
    "self_employed_us_national",
    any_of(
        ONLY_US_NATIONAL,
        c.us_citizen & c.work_in_us,
        all_of(c.partner_citizen, c.work_in_us, c.resides_in_us),
    ),
)
_must_elect = all_of(
    SELF_EMPLOYED, BY_NATIONALITY, c.partner_citizen, negate(_under_us_by_nationality)
)

_by_activity = Parameter("self_employed_activity")
_in_conflict = Parameter("self_employed_conflict")
_moved = Condition("self_employed_transfer", c.business_transfer.holds, whole=True)
_resides_at_work = Choice(c.work_in_us, c.resides_in_us, c.resides_in_partner)
_resides_at_home = Choice(c.work_in_us, c.resides_in_partner, c.resides_in_us)
# Sources that conflict between residence and place of activity may still agree on a case.
_readings_agree = any_of(
    _moved & _resides_at_home,
    all_of(negate(_moved), _resides_at_work, negate(c.works_in_both)),
)
_by_residence = any_of(
    Parameter("self_employed_residence"),
    all_of(_by_activity, Parameter("both_by_residence"), c.works_in_both),
    _in_conflict & _readings_agree,
)
_may_be_moved = all_of(
    SELF_EMPLOYED,
    _by_activity,
    negate(all_of(Known(Fact("also_in_us")), c.works_in_both)),
)
_in_one_country = _by_activity & negate(c.works_in_both)
_by_principal = _by_activity & Parameter("both_by_principal")
_in_both_by_principal = _by_principal & c.works_in_both
# Some agreements leave whoever does not live in the other country to the US, wherever they live.
_left_to_us = Parameter("self_employed_else_us") & negate(c.resides_in_partner)
_exempt_alone = all_of(
    c.has_us_side,
    c.agreement,
    c.under_self_employment_rules,
    negate(Parameter("self_employed_needs_both")),
    c.us_claims_under_agreement,
    negate(c.partner_would_claim),
)
# Abroad the exemption is for US nationals; a resident alien who lives there goes on owing.
_exempt_abroad = all_of(_exempt_alone, c.resides_in_partner, c.us_citizen)
EXEMPT_ALONE = any_of(_exempt_alone & c.resides_in_us, _exempt_abroad)

PROVISIONS = (
    *on_each_side(
        "self_employed_activity",
        Rule.SELF_EMPLOYED_ACTIVITY,
        all_of(
            SELF_EMPLOYED,
            any_of(
                (_in_one_country | BY_NATIONALITY) & c.work_in_us,
                all_of(_by_principal, c.principal_in_us, c.work_in_us | c.works_in_both),
            ),
        ),
        all_of(
            SELF_EMPLOYED,
            any_of(
                (_in_one_country | BY_NATIONALITY) & ABROAD,
                all_of(_by_principal, c.principal_in_partner, ABROAD | c.works_in_both),
            ),
        ),
    ),
    open_question(
        "self_employed_activity_unread",
        Rule.SELF_EMPLOYED_ACTIVITY,
        all_of(
            SELF_EMPLOYED,
            any_of(
                all_of(_by_activity, Parameter("both_unread"), c.works_in_both),
                all_of(
                    _in_both_by_principal,
                    negate(c.principal_in_us),
                    negate(c.principal_in_partner),
                ),
                all_of(_in_conflict, negate(_readings_agree)),
                Parameter("self_employed_unread"),
            ),
        ),
        order="self_employed_activity",
    ),
    *on_each_side(
        "self_employed_residence",
        Rule.SELF_EMPLOYED_RESIDENCE,
        any_of(
            c.resides_in_us & (all_of(SELF_EMPLOYED, _by_residence) | _exempt_alone),
            all_of(SELF_EMPLOYED, _by_residence, _left_to_us),
        ),
        all_of(SELF_EMPLOYED, _by_residence, c.resides_in_partner),
    ),
    Provision(
        "self_employed_residence_neither",
        "self_employed_residence",
        Rule.SELF_EMPLOYED_RESIDENCE,
        Side.NEITHER,
        _exempt_abroad,
    ),
    open_question(
        "self_employed_residence_elsewhere",
        Rule.SELF_EMPLOYED_RESIDENCE,
        all_of(
            SELF_EMPLOYED,
            _by_residence,
            negate(Parameter("self_employed_else_us")),
            negate(c.resides_in_us),
            negate(c.resides_in_partner),
        ),
        order="self_employed_residence",
        outcome=Outcome.NEEDS_CONSENT,
    ),
    *on_each_side(
        "self_employed_transfer",
        Rule.SELF_EMPLOYED_TRANSFER,
        all_of(_may_be_moved, ABROAD, _moved),
        all_of(_may_be_moved, c.work_in_us, _moved),
        move=c.business_transfer,
    ),
    open_question(
        "self_employed_transfer_unread",
        Rule.SELF_EMPLOYED_TRANSFER,
        _may_be_moved
        & Condition("self_employed_transfer_unread", c.business_transfer.unread, quiet=False),
        order="self_employed_transfer_unread",
    ),
    Provision(
        "self_employed_nationality_us",
        "self_employed_nationality",
        Rule.NATIONALITY,
        Side.US,
        all_of(SELF_EMPLOYED, BY_NATIONALITY, _under_us_by_nationality),
    ),
    *on_each_side(
        "self_employed_election",
        Rule.ELECTION,
        _must_elect & c.elects_us,
        _must_elect & c.elects_partner,
    ),
    open_question(
        "self_employed_election_open",
        Rule.ELECTION,
        all_of(_must_elect, negate(c.elects_us), negate(c.elects_partner)),
        order="self_employed_election",
    ),
)
