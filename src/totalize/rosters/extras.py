"""Which amounts to add to a roster's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from totalize.rosters.amounts import MONEY, Reckoner
from totalize.rosters.fields import ANSWER, BENEFIT_ANSWER, COST_ANSWER

# What reckons amounts takes a while to import, and most rosters ask for none.
if TYPE_CHECKING:
    from totalize.rosters.costs import CostOptions

_WHOLE = frozenset({"cost.for_year", "benefit.us_quarters_total", "benefit.foreign_quarters_used"})
_TEXT = frozenset({"cost.in_currency", "cost.at_least", "benefit.insured"})


@dataclass(frozen=True, slots=True)
class Extras:
    """Amounts beside the determination.

    Attributes:
        cost: add what the work costs.
        benefit: add the US benefit of the row's record.
    """

    cost: CostOptions | None = None
    benefit: bool = False

    def reckoners(self) -> tuple[Reckoner, ...]:
        """Return what reckons them."""
        found: list[Reckoner] = []
        if self.cost is not None:
            from totalize.rosters.costs import Costs  # noqa: PLC0415 - see above

            found.append(Costs(self.cost))
        if self.benefit:
            from totalize.rosters.benefits import Benefits  # noqa: PLC0415 - see above

            found.append(Benefits())
        return tuple(found)

    def names(self) -> tuple[str, ...]:
        """Return the names of all columns of the answer, in order."""
        return (
            *ANSWER,
            *(COST_ANSWER if self.cost is not None else ()),
            *(BENEFIT_ANSWER if self.benefit else ()),
        )

    def types(self) -> dict[str, Any]:
        """Return the types of the columns that are no text."""
        types: dict[str, Any] = {"from": pl.Date, "to": pl.Date}
        for name in (*COST_ANSWER, *BENEFIT_ANSWER):
            if name not in _TEXT:
                types[name] = pl.Int64 if name in _WHOLE else MONEY
        return types

    def to_plain(self) -> dict[str, Any]:
        """Return it as values for JSON."""
        return {
            "cost": None if self.cost is None else self.cost.to_plain(),
            "benefit": self.benefit,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Extras:
        """Return what `to_plain` wrote down."""
        cost, benefit = plain["cost"], plain["benefit"]
        if cost is None:
            return cls(benefit=benefit)
        from totalize.rosters.costs import CostOptions  # noqa: PLC0415 - see above

        return cls(CostOptions.from_plain(cost), benefit)
