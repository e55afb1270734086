"""The provisions: a general rule and its exceptions, for every agreement at once.

Each provision says when it applies and what follows. Which exceptions override which rule is
law data (`law/data/order.yaml`); the final test of a provision is its own, and that nothing
which overrides it applies. For any complete set of facts exactly one provision applies: a test
proves it for every agreement.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from totalize.coverage import conditions as c
from totalize.coverage.codes import NOWHERE, US
from totalize.coverage.determination import Outcome, Rule
from totalize.law.order import RuleOrder
from totalize.logic.expressions import (
    Choice,
    Condition,
    Equal,
    Expression,
    Fact,
    FirstOther,
    Known,
    Parameter,
    all_of,
    any_of,
    negate,
)


class Side(Enum):
    """Whose system a provision puts the work under."""

    US = "us"
    PARTNER = "partner"
    BOTH = "both"
    NEITHER = "neither"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Provision:
    """When a provision applies and what follows.

    Attributes:
        code: stable name.
        order: its name in the order among rules; empty when it meets no other rule.
        rule: the rule it reports.
        side: whose system covers the work.
        outcome: determined, or why it is not.
        applies: its own test, exceptions not yet considered.
        move: the stay abroad it rests on, where it ends with a limit.
    """

    code: str
    order: str
    rule: Rule | None
    side: Side
    applies: Expression
    outcome: Outcome = Outcome.DETERMINED
    move: c.Move | None = None


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

_decides_both = all_of(c.has_us_side, c.agreement, c.both_would_claim)
_employee = all_of(_decides_both, c.under_employment_rules)
# Own staff that a government sent, or all of it, has a rule of its own beside the place of work;
# the rule for employees sent by companies is then none of theirs.
_governed = all_of(
    c.is_government,
    any_of(c.works_for_us_government_abroad, c.works_for_partner_government_in_us),
    Parameter("government_sent") | Parameter("government_any"),
)
_ashore = _employee & c.is_ashore
_may_be_detached = _ashore & negate(_governed)
_place_read = negate(Parameter("territorial_unread"))
_general = _ashore & negate(c.is_government)
_self_employed = all_of(_decides_both, c.under_self_employment_rules)
_abroad = negate(c.work_in_us)


def _own_government_rule() -> tuple[Expression, Expression]:
    rules = any_of(
        Parameter("government_any"),
        Parameter("government_nationals") & c.us_citizen & _abroad,
        Parameter("government_nationals") & c.partner_citizen & c.work_in_us,
        Parameter("government_sent") & c.sent_by_government,
        all_of(
            Parameter("government_in_region"),
            _abroad,
            c.us_citizen,
            Condition("in_named_region", Equal(Fact("region"), Parameter("government_region"))),
        ),
    )
    employee = all_of(c.has_us_side, c.agreement, c.under_employment_rules, c.is_government)
    return (
        all_of(employee, c.works_for_us_government_abroad, rules),
        all_of(employee, c.works_for_partner_government_in_us, rules),
    )


_government_us, _government_partner = _own_government_rule()
_works_for_own_government = all_of(
    _employee,
    c.is_government,
    any_of(c.works_for_us_government_abroad, c.works_for_partner_government_in_us),
)

_seafarer = _employee & c.is_seafarer
_seafarer_us = Condition(
    "seafarer_us",
    any_of(
        all_of(Parameter("ship_flag"), Parameter("ship_us_read"), c.flag_of_us),
        Parameter("ship_residence") & c.resides_in_us,
    ),
)
_seafarer_partner = Condition(
    "seafarer_partner",
    any_of(
        all_of(Parameter("ship_flag"), Parameter("ship_partner_read"), c.flag_of_partner),
        Parameter("ship_residence") & c.resides_in_partner,
    ),
)

_aircrew = _employee & c.is_aircrew
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
            Parameter("air_residence"),
            any_of(c.resides_in_us, negate(c.resides_in_one_of_both) & c.headquarters_in_us),
        ),
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
            Parameter("air_residence"),
            any_of(
                c.resides_in_partner,
                negate(c.resides_in_one_of_both) & c.headquarters_in_partner,
            ),
        ),
    ),
)

_by_nationality = Parameter("nationality")
_only_us_national = Condition("only_us_national", c.us_citizen & negate(c.partner_citizen))
_self_employed_us_national = Condition(
    "self_employed_us_national",
    any_of(
        _only_us_national,
        c.us_citizen & c.work_in_us,
        all_of(c.partner_citizen, c.work_in_us, c.resides_in_us),
    ),
)
_must_elect = _general & _by_nationality & c.partner_citizen
_self_employed_must_elect = all_of(
    _self_employed, _by_nationality, c.partner_citizen, negate(_self_employed_us_national)
)

_by_activity = Parameter("self_employed_activity")
_in_conflict = Parameter("self_employed_conflict")
_moved = Condition("self_employed_transfer", c.business_transfer.holds)
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
    _self_employed,
    _by_activity,
    negate(all_of(Known(Fact("also_in_us")), c.works_in_both)),
)
_in_one_country = _by_activity & negate(c.works_in_both)
_in_both_by_principal = all_of(_by_activity, Parameter("both_by_principal"), c.works_in_both)
_exempt_alone = all_of(
    c.has_us_side,
    c.agreement,
    c.under_self_employment_rules,
    negate(Parameter("self_employed_needs_both")),
    c.us_claims_under_agreement,
    negate(c.partner_would_claim),
)
_classed = all_of(_decides_both, c.classed_differently)
_class_by_residence = any_of(
    Parameter("class_by_residence_else_other"), Parameter("class_by_residence_else_employment")
)
_sees_self_employment_us = negate(c.employment_in_us)

_special = any_of(_government_us, _government_partner, _exempt_alone & c.resides_in_one_of_both)
_one_system = all_of(c.has_us_side, negate(_special))

PROVISIONS: tuple[Provision, ...] = (
    Provision(
        "no_us_side",
        "",
        None,
        Side.OPEN,
        negate(Condition("has_us_side", c.has_us_side)),
        Outcome.OUT_OF_SCOPE,
    ),
    Provision(
        "only_us_claims",
        "",
        Rule.DOMESTIC,
        Side.US,
        all_of(_one_system, c.us_claims_under_agreement, negate(c.partner_would_claim)),
    ),
    Provision(
        "only_partner_claims",
        "",
        Rule.DOMESTIC,
        Side.PARTNER,
        all_of(_one_system, negate(c.us_claims_under_agreement), c.partner_would_claim),
    ),
    Provision(
        "nobody_claims",
        "",
        Rule.DOMESTIC,
        Side.NEITHER,
        all_of(_one_system, negate(c.us_claims_under_agreement), negate(c.partner_would_claim)),
    ),
    Provision(
        "no_agreement",
        "",
        Rule.NO_AGREEMENT,
        Side.BOTH,
        all_of(
            c.has_us_side,
            c.both_would_claim,
            negate(c.agreement),
            negate(Parameter("before_agreement")),
        ),
    ),
    Provision(
        "before_agreement",
        "",
        Rule.BEFORE_AGREEMENT,
        Side.BOTH,
        all_of(
            c.has_us_side, c.both_would_claim, negate(c.agreement), Parameter("before_agreement")
        ),
    ),
    # Employees: the place of work, except ...
    Provision(
        "territorial_us",
        "territorial",
        Rule.TERRITORIAL,
        Side.US,
        all_of(_ashore, _place_read, c.work_in_us),
    ),
    Provision(
        "territorial_partner",
        "territorial",
        Rule.TERRITORIAL,
        Side.PARTNER,
        all_of(_ashore, _place_read, _abroad),
    ),
    Provision(
        "territorial_unread",
        "territorial",
        Rule.TERRITORIAL,
        Side.OPEN,
        all_of(_ashore, Parameter("territorial_unread")),
        Outcome.UNSETTLED,
    ),
    Provision(
        "detached_from_us",
        "detached_worker",
        Rule.DETACHED_WORKER,
        Side.US,
        all_of(_may_be_detached, _abroad, Condition("detached_worker", c.detached_worker.holds)),
        move=c.detached_worker,
    ),
    Provision(
        "detached_from_partner",
        "detached_worker",
        Rule.DETACHED_WORKER,
        Side.PARTNER,
        all_of(
            _may_be_detached, c.work_in_us, Condition("detached_worker", c.detached_worker.holds)
        ),
        move=c.detached_worker,
    ),
    Provision(
        "detached_worker_unread",
        "detached_worker_unread",
        Rule.DETACHED_WORKER,
        Side.OPEN,
        _may_be_detached
        & Condition("detached_worker_unread", c.detached_worker.unread, quiet=False),
        Outcome.UNSETTLED,
    ),
    Provision(
        "nationality_us",
        "nationality",
        Rule.NATIONALITY,
        Side.US,
        all_of(_general, _by_nationality, _only_us_national),
    ),
    Provision("election_us", "election", Rule.ELECTION, Side.US, _must_elect & c.elects_us),
    Provision(
        "election_partner", "election", Rule.ELECTION, Side.PARTNER, _must_elect & c.elects_partner
    ),
    Provision(
        "election_open",
        "election",
        Rule.ELECTION,
        Side.OPEN,
        all_of(_must_elect, negate(c.elects_us), negate(c.elects_partner)),
        Outcome.UNSETTLED,
    ),
    Provision("seafarer_us", "seafarer", Rule.SEAFARER, Side.US, _seafarer & _seafarer_us),
    Provision(
        "seafarer_partner", "seafarer", Rule.SEAFARER, Side.PARTNER, _seafarer & _seafarer_partner
    ),
    Provision(
        "seafarer_unread",
        "seafarer",
        Rule.SEAFARER,
        Side.OPEN,
        all_of(_seafarer, negate(_seafarer_us), negate(_seafarer_partner)),
        Outcome.UNSETTLED,
    ),
    Provision("aircrew_us", "aircrew", Rule.AIRCREW, Side.US, _aircrew & _aircrew_us),
    Provision(
        "aircrew_partner", "aircrew", Rule.AIRCREW, Side.PARTNER, _aircrew & _aircrew_partner
    ),
    Provision(
        "aircrew_unread",
        "aircrew",
        Rule.AIRCREW,
        Side.OPEN,
        all_of(_aircrew, negate(_aircrew_us), negate(_aircrew_partner)),
        Outcome.UNSETTLED,
    ),
    Provision("government_us", "government", Rule.GOVERNMENT, Side.US, _government_us),
    Provision(
        "government_partner", "government", Rule.GOVERNMENT, Side.PARTNER, _government_partner
    ),
    Provision(
        "government_untouched",
        "government",
        Rule.GOVERNMENT,
        Side.BOTH,
        _works_for_own_government & Parameter("government_untouched"),
    ),
    Provision(
        "government_unread",
        "government",
        Rule.GOVERNMENT,
        Side.OPEN,
        _works_for_own_government & Parameter("government_unread"),
        Outcome.UNSETTLED,
    ),
    # The self-employed: the place of activity or of residence, except ...
    Provision(
        "activity_us",
        "self_employed_activity",
        Rule.SELF_EMPLOYED_ACTIVITY,
        Side.US,
        all_of(
            _self_employed,
            any_of(
                (_in_one_country | _by_nationality) & c.work_in_us,
                _in_both_by_principal & c.principal_in_us,
            ),
        ),
    ),
    Provision(
        "activity_partner",
        "self_employed_activity",
        Rule.SELF_EMPLOYED_ACTIVITY,
        Side.PARTNER,
        all_of(
            _self_employed,
            any_of(
                (_in_one_country | _by_nationality) & _abroad,
                _in_both_by_principal & c.principal_in_partner,
            ),
        ),
    ),
    Provision(
        "activity_unread",
        "self_employed_activity",
        Rule.SELF_EMPLOYED_ACTIVITY,
        Side.OPEN,
        all_of(
            _self_employed,
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
        Outcome.UNSETTLED,
    ),
    Provision(
        "residence_us",
        "self_employed_residence",
        Rule.SELF_EMPLOYED_RESIDENCE,
        Side.US,
        any_of(
            all_of(_self_employed, _by_residence, c.resides_in_us),
            all_of(_exempt_alone, c.resides_in_us),
        ),
    ),
    Provision(
        "residence_partner",
        "self_employed_residence",
        Rule.SELF_EMPLOYED_RESIDENCE,
        Side.PARTNER,
        all_of(_self_employed, _by_residence, c.resides_in_partner),
    ),
    Provision(
        "residence_neither",
        "self_employed_residence",
        Rule.SELF_EMPLOYED_RESIDENCE,
        Side.NEITHER,
        all_of(_exempt_alone, c.resides_in_partner),
    ),
    Provision(
        "residence_elsewhere",
        "self_employed_residence",
        Rule.SELF_EMPLOYED_RESIDENCE,
        Side.OPEN,
        all_of(
            _self_employed, _by_residence, negate(c.resides_in_us), negate(c.resides_in_partner)
        ),
        Outcome.NEEDS_CONSENT,
    ),
    Provision(
        "transfer_from_us",
        "self_employed_transfer",
        Rule.SELF_EMPLOYED_TRANSFER,
        Side.US,
        all_of(_may_be_moved, _abroad, _moved),
        move=c.business_transfer,
    ),
    Provision(
        "transfer_from_partner",
        "self_employed_transfer",
        Rule.SELF_EMPLOYED_TRANSFER,
        Side.PARTNER,
        all_of(_may_be_moved, c.work_in_us, _moved),
        move=c.business_transfer,
    ),
    Provision(
        "transfer_unread",
        "self_employed_transfer_unread",
        Rule.SELF_EMPLOYED_TRANSFER,
        Side.OPEN,
        _may_be_moved
        & Condition("self_employed_transfer_unread", c.business_transfer.unread, quiet=False),
        Outcome.UNSETTLED,
    ),
    Provision(
        "self_employed_national_us",
        "self_employed_nationality",
        Rule.NATIONALITY,
        Side.US,
        all_of(_self_employed, _by_nationality, _self_employed_us_national),
    ),
    Provision(
        "self_employed_election_us",
        "self_employed_election",
        Rule.ELECTION,
        Side.US,
        _self_employed_must_elect & c.elects_us,
    ),
    Provision(
        "self_employed_election_partner",
        "self_employed_election",
        Rule.ELECTION,
        Side.PARTNER,
        _self_employed_must_elect & c.elects_partner,
    ),
    Provision(
        "self_employed_election_open",
        "self_employed_election",
        Rule.ELECTION,
        Side.OPEN,
        all_of(_self_employed_must_elect, negate(c.elects_us), negate(c.elects_partner)),
        Outcome.UNSETTLED,
    ),
    # Work that one country sees as employment and the other as self-employment
    Provision(
        "classed_us",
        "",
        Rule.SELF_EMPLOYED_RESIDENCE,
        Side.US,
        all_of(
            _classed,
            any_of(
                all_of(
                    _class_by_residence, _sees_self_employment_us, c.resides_where_self_employed
                ),
                all_of(
                    Parameter("class_by_residence_else_other"),
                    negate(_sees_self_employment_us),
                    negate(c.resides_where_self_employed),
                ),
            ),
        ),
    ),
    Provision(
        "classed_partner",
        "",
        Rule.SELF_EMPLOYED_RESIDENCE,
        Side.PARTNER,
        all_of(
            _classed,
            any_of(
                all_of(
                    _class_by_residence,
                    negate(_sees_self_employment_us),
                    c.resides_where_self_employed,
                ),
                all_of(
                    Parameter("class_by_residence_else_other"),
                    _sees_self_employment_us,
                    negate(c.resides_where_self_employed),
                ),
            ),
        ),
    ),
    Provision(
        "classed_unread",
        "",
        None,
        Side.OPEN,
        _classed & Parameter("class_unread"),
        Outcome.UNSETTLED,
    ),
)


def order_provisions(rules: dict[str, RuleOrder]) -> dict[str, Expression]:
    """Return the final test of each provision: its own, and nothing that overrides it applies.

    Args:
        rules: the order among rules.
    """
    final: dict[str, Expression] = {}
    for provision in PROVISIONS:
        overriding = [
            other.applies
            for other in PROVISIONS
            if other.order and provision.order in rules[other.order].overrides
        ]
        final[provision.code] = (
            all_of(provision.applies, negate(any_of(*overriding)))
            if overriding
            else provision.applies
        )
    return final
