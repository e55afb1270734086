"""Where no agreement decides: one system claims, none does, or both and nothing helps."""

from __future__ import annotations

from totalize.coverage import conditions as c
from totalize.coverage.determination import Outcome, Rule
from totalize.coverage.provisions.employees import SENT_WITHOUT_US_CLAIM
from totalize.coverage.provisions.government import (
    GOVERNED_BY_PARTNER,
    GOVERNED_BY_US,
    PERHAPS_LEFT_TO_US,
)
from totalize.coverage.provisions.model import Provision, Side, open_question
from totalize.coverage.provisions.self_employed import EXEMPT_ALONE
from totalize.logic.expressions import (
    Condition,
    Expression,
    Parameter,
    all_of,
    any_of,
    negate,
)

# What an agreement settles, or may settle, even though only one system would claim.
_settled = any_of(
    GOVERNED_BY_US,
    GOVERNED_BY_PARTNER,
    PERHAPS_LEFT_TO_US,
    SENT_WITHOUT_US_CLAIM,
    EXEMPT_ALONE,
)
_free = c.has_us_side & negate(_settled)
_us, _partner = c.us_claims_under_agreement, c.partner_would_claim
_unhelped = all_of(c.has_us_side, c.both_would_claim, negate(c.agreement))
_later = Parameter("before_agreement")


def _without_agreement(code: str, rule: Rule, side: Side, applies: Expression) -> Provision:
    """Return a provision that stands outside the order among an agreement's rules."""
    return Provision(code, code, rule, side, applies)


PROVISIONS = (
    open_question(
        "no_us_side",
        None,
        negate(Condition("has_us_side", c.has_us_side)),
        outcome=Outcome.OUT_OF_SCOPE,
    ),
    _without_agreement(
        "only_us_claims", Rule.DOMESTIC, Side.US, all_of(_free, _us, negate(_partner))
    ),
    _without_agreement(
        "only_partner_claims", Rule.DOMESTIC, Side.PARTNER, all_of(_free, negate(_us), _partner)
    ),
    _without_agreement(
        "nobody_claims", Rule.DOMESTIC, Side.NEITHER, all_of(_free, negate(_us), negate(_partner))
    ),
    _without_agreement("no_agreement", Rule.NO_AGREEMENT, Side.BOTH, _unhelped & negate(_later)),
    _without_agreement("before_agreement", Rule.BEFORE_AGREEMENT, Side.BOTH, _unhelped & _later),
)
