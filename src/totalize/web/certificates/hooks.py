"""Where apps further right join in: they register themselves when the service starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from totalize.web.certificates.models import Issued

# Called in the transaction in which a certificate comes into being or changes its state.
on_changed: list[Callable[[Issued], None]] = []


def changed(issued: Issued) -> None:
    """Tell those who joined in that a certificate is another one now."""
    for hear in on_changed:
        hear(issued)
