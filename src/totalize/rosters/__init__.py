"""Many people: read, decide, write, resume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from totalize.law.book import LawBook

__all__ = ["decide"]


def decide(frame: Any, keep: Sequence[str] = (), book: LawBook | None = None) -> Any:
    """Decide a Polars frame, a pandas frame or an Arrow table; see `totalize.rosters.frames`."""
    from totalize.rosters.frames import decide as decide_any  # noqa: PLC0415 - heavy

    return decide_any(frame, keep, book)
