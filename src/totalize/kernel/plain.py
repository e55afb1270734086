"""Frozen results as plain dictionaries, lists and text, ready for JSON."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from msgspec import Struct
from msgspec.structs import fields as struct_fields


def to_plain(value: Any) -> Any:
    """Return a result as JSON-ready values: dates as ISO text, decimals as numbers of equal text.

    A dataclass field may name its JSON key in its metadata: `field(metadata={"key": "from"})`.
    Decimals become `int` when whole, otherwise `float`, which prints an amount of up to
    fifteen digits exactly as it stands.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {
            item.metadata.get("key", item.name): to_plain(getattr(value, item.name))
            for item in fields(value)
        }
    if isinstance(value, Struct):
        return {
            item.encode_name: to_plain(getattr(value, item.name)) for item in struct_fields(value)
        }
    if isinstance(value, dict):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
