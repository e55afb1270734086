"""Which country's social security covers work across a border with the United States.

The names exported here are the public interface; see `totalize.api`.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from totalize.api import benefit as benefit
    from totalize.api import check as check
    from totalize.api import cost as cost
    from totalize.api import filing as filing
    from totalize.api import request as request
    from totalize.api import specimen as specimen
    from totalize.api import verify as verify

__all__ = ["benefit", "check", "cost", "filing", "request", "specimen", "verify"]
_ROOMS = frozenset({"rosters"})  # rooms with public functions of their own: totalize.rosters.decide


def __getattr__(name: str) -> object:
    """Load the public functions on first use, so that `import totalize` stays light."""
    if name in __all__:
        from totalize import api  # noqa: PLC0415 - lazy on purpose

        return getattr(api, name)
    if name in _ROOMS:
        return import_module(f"totalize.{name}")
    raise AttributeError(f"module 'totalize' has no attribute {name!r}")


class _CallableRoom(ModuleType):
    """A room whose name is also a public function: it can be imported from and called."""

    def __call__(self, *arguments: object, **options: object) -> object:
        from totalize import api  # noqa: PLC0415 - lazy on purpose

        return getattr(api, self.__name__.rpartition(".")[2])(*arguments, **options)


class _Package(ModuleType):
    """Keep a public function callable where a room has the same name, as `filing` has."""

    def __setattr__(self, name: str, value: object) -> None:
        # The import system puts every imported room on the package, over the function.
        if name in __all__ and isinstance(value, ModuleType):
            value.__class__ = _CallableRoom
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
