"""The order among rules: which exception overrides what."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from totalize.kernel.errors import LawError
from totalize.law.loading import DATA, load


class RuleOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule, the kinds of work it is for and the rules it overrides."""

    code: str
    kinds: list[str]
    overrides: list[str] = []


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    rules: list[RuleOrder]


@cache
def load_order(root: Path = DATA) -> dict[str, RuleOrder]:
    """Return the rules by code.

    Raises:
        LawError: a rule stands twice or overrides one that is unknown or itself, or two
            rules for the same kind of work have no order between them.
    """
    rules = {rule.code: rule for rule in load("order.yaml", _File, root).rules}
    check_order(rules)
    return rules


def check_order(rules: dict[str, RuleOrder]) -> None:
    """Refuse an order that leaves two rules side by side.

    Raises:
        LawError: see `load_order`.
    """
    for rule in rules.values():
        for other in rule.overrides:
            if other not in rules:
                raise LawError("order.yaml", f"{rule.code} overrides {other}, which is no rule")
            if rule.code in rules[other].overrides or other == rule.code:
                raise LawError("order.yaml", f"{rule.code} and {other} override one another")
    codes = list(rules)
    for position, first in enumerate(codes):
        for second in codes[position + 1 :]:
            if not set(rules[first].kinds) & set(rules[second].kinds):
                continue
            if second not in rules[first].overrides and first not in rules[second].overrides:
                raise LawError(
                    "order.yaml", f"{first} and {second} may meet and neither overrides the other"
                )
