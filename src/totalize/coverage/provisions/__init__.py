"""The provisions: a general rule and its exceptions, for every agreement at once.

Each provision says when it applies and what follows. Which exceptions override which rule is
law data (`law/data/order.yaml`); the final test of a provision is its own, and that nothing
which overrides it applies. For any complete set of facts exactly one provision applies: a test
proves it for every agreement.
"""

from __future__ import annotations

from totalize.coverage.provisions import (
    classed,
    crews,
    domestic,
    employees,
    government,
    self_employed,
)
from totalize.coverage.provisions.model import Provision, Side
from totalize.law.order import RuleOrder
from totalize.logic.expressions import Expression, all_of, any_of, conjuncts, negate

__all__ = ["PROVISIONS", "Provision", "Side", "order_provisions"]

PROVISIONS: tuple[Provision, ...] = (
    *domestic.PROVISIONS,
    *employees.PROVISIONS,
    *crews.PROVISIONS,
    *government.PROVISIONS,
    *self_employed.PROVISIONS,
    *classed.PROVISIONS,
)


def order_provisions(rules: dict[str, RuleOrder]) -> dict[str, Expression]:
    """Return the final test of each provision: its own, and nothing that overrides it applies.

    Of a test that overrides, only what is not asked anyway is denied: where both are for employees
    whom both systems would claim, a provision that holds has settled that. Else a case in which
    the claims are unknown would ask for facts that make no difference.

    Args:
        rules: the order among rules.
    """
    final: dict[str, Expression] = {}
    for provision in PROVISIONS:
        asked = {id(part) for part in conjuncts(provision.applies)}
        overriding = [
            all_of(*(part for part in conjuncts(other.applies) if id(part) not in asked))
            for other in PROVISIONS
            if other.order in rules and provision.order in rules[other.order].overrides
        ]
        final[provision.code] = (
            all_of(provision.applies, negate(any_of(*overriding)))
            if overriding
            else provision.applies
        )
    return final
