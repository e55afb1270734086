"""What a provision is."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from totalize.coverage.conditions import Move
from totalize.coverage.determination import Outcome, Rule
from totalize.logic.expressions import Expression


class Side(Enum):
    """Whose system a provision puts the work under."""

    US = "us"
    PARTNER = "partner"
    BOTH = "both"
    NEITHER = "neither"
    OPEN = "open"


class Provision(Struct, frozen=True):
    """When a provision applies and what follows.

    Attributes:
        code: stable name.
        order: its name in the order among rules; one that is not listed there meets no other rule.
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
    move: Move | None = None


def on_each_side(
    order: str,
    rule: Rule,
    us: Expression,
    partner: Expression,
    move: Move | None = None,
) -> tuple[Provision, Provision]:
    """Return a provision that puts work under US law, and its mirror image.

    Args:
        order: their name in the order among rules; their codes add the side to it.
        rule: the rule they report.
        us: when US law covers the work.
        partner: when the other country's law does.
        move: the stay abroad they rest on.
    """
    return (
        Provision(f"{order}_us", order, rule, Side.US, us, move=move),
        Provision(f"{order}_partner", order, rule, Side.PARTNER, partner, move=move),
    )


def open_question(
    code: str,
    rule: Rule | None,
    applies: Expression,
    *,
    order: str | None = None,
    outcome: Outcome = Outcome.UNSETTLED,
) -> Provision:
    """Return a provision under which the law gives no answer; its order is by default its code."""
    return Provision(code, order or code, rule, Side.OPEN, applies, outcome)
