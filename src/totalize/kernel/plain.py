"""Frozen results as plain dictionaries, lists and text, ready for JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from msgspec import Struct


def to_plain(value: Any) -> Any:
    """Return a result as JSON-ready values: dates as ISO text, decimals as numbers of equal text.

    A dataclass field may name its JSON key in its metadata: `field(metadata={"key": "from"})`.
    Decimals become `int` when whole, otherwise `float`, which prints an amount of up to
    fifteen digits exactly as it stands.
    """
    kind = type(value)
    plain = _known.get(kind)
    if plain is None:
        # Found once a type, for finding the fields of a record is not cheap.
        plain = _known[kind] = _plainer_of(kind)
    return plain(value)


_known: dict[type[Any], Callable[[Any], Any]] = {}


def _plainer_of(kind: type[Any]) -> Callable[[Any], Any]:
    if is_dataclass(kind):
        return _record([(item.name, item.metadata.get("key", item.name)) for item in fields(kind)])
    if issubclass(kind, Struct):
        return _record(
            list(zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True))
        )
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, dict):
        return lambda value: {str(key): to_plain(item) for key, item in value.items()}
    if issubclass(kind, (list, tuple)):
        return lambda value: [to_plain(item) for item in value]
    if issubclass(kind, date):
        return lambda value: value.isoformat()
    if issubclass(kind, Decimal):
        return _number
    return lambda value: value


def _record(names: list[tuple[str, str]]) -> Callable[[Any], Any]:
    def plain(value: Any) -> dict[str, Any]:
        return {key: to_plain(getattr(value, name)) for name, key in names}

    return plain


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
