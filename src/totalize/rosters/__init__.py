"""Many people: read, decide, write, resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from totalize.law.book import LawBook
    from totalize.rosters.costs import CostOptions

__all__ = ["decide"]


def decide(
    frame: Any,
    keep: Sequence[str] = (),
    book: LawBook | None = None,
    *,
    cost: CostOptions | None = None,
    benefit: bool = False,
) -> Any:
    """Decide a Polars frame, a pandas frame or an Arrow table and return the same kind.

    Args:
        frame: one row a work, columns as in section 5 of the contract.
        keep: columns of your own, passed through; `*` for all.
        book: another law than the one that comes with the package.
        cost: add what each work costs, `totalize.rosters.costs.CostOptions(as_of=...)`.
        benefit: add the US benefit of each row's record.

    Raises:
        InputError: it is no such frame, or its columns cannot be used.
    """
    from totalize.rosters.extras import Extras  # noqa: PLC0415 - heavy
    from totalize.rosters.frames import decide as decide_any  # noqa: PLC0415 - heavy

    return decide_any(frame, keep, book, Extras(cost=cost, benefit=benefit))
