"""Which country's social security covers work across a border with the United States.

The names exported here are the public interface; see `totalize.api`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from totalize.api import check as check

__all__ = ["check"]


def __getattr__(name: str) -> object:
    """Load the public functions on first use, so that `import totalize` stays light."""
    if name in __all__:
        from totalize import api  # noqa: PLC0415 - lazy on purpose

        return getattr(api, name)
    raise AttributeError(f"module 'totalize' has no attribute {name!r}")
