"""JSON Schemas (2020-12) of the files that go in and come out, made from their own models.

Input models are msgspec structs, results frozen records that `kernel.plain` turns into
JSON; this module says what that gives. Descriptions come from the models' docstrings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SCALARS: dict[type, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    Decimal: {"type": "number"},
    date: {"type": "string", "format": "date"},
    NoneType: {"type": "null"},
}


def input_schema(model: type[msgspec.Struct], title: str) -> dict[str, Any]:
    """Return the schema of a document that goes in."""
    (top,), parts = msgspec.json.schema_components([model], ref_template="#/$defs/{name}")
    for inner in _structs(model, {}).values():
        part = parts.get(inner.__name__)
        if part is not None:
            _describe(part, inner)
    whole: dict[str, Any] = _with_amounts({**top, "$defs": parts})
    return {"$schema": DIALECT, "title": title, **whole}


def result_schema(model: type, title: str) -> dict[str, Any]:
    """Return the schema of a result that comes out; all its fields are always there."""
    parts: dict[str, Any] = {}
    top = _schema_of(model, parts)
    return {"$schema": DIALECT, "title": title, **top, "$defs": parts}


# Amounts come as numbers or as decimal text; the decoder's own schema knows only the text.
_AMOUNT_TEXT = {"type": "string", "format": "decimal"}
_AMOUNT = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}],
}


def _with_amounts(part: Any) -> Any:
    if part == _AMOUNT_TEXT:
        return _AMOUNT
    if isinstance(part, dict):
        return {key: _with_amounts(item) for key, item in part.items()}
    if isinstance(part, list):
        return [_with_amounts(item) for item in part]
    return part


def _schema_of(kind: Any, parts: dict[str, Any]) -> dict[str, Any]:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _schema_of(inner[0], parts)
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in {Union, UnionType}:
        return {"anyOf": [_schema_of(item, parts) for item in inner]}
    if origin in {tuple, list, frozenset, Sequence}:
        return {"type": "array", "items": _schema_of(inner[0], parts) if inner else {}}
    if origin in {dict, Mapping}:
        return {"type": "object", "additionalProperties": _schema_of(inner[1], parts)}
    if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, msgspec.Struct)):
        return _reference(kind, parts)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [item.value for item in kind]}
    return dict(_SCALARS.get(kind, {}))


def _reference(kind: Any, parts: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in parts:
        parts[name] = {}  # stands in while the parts are made, which may lead back here
        hints = get_type_hints(kind, include_extras=True)
        keys = _keys_of(kind)
        part = {
            "type": "object",
            "properties": {keys[name]: _schema_of(hints[name], parts) for name in keys},
            "required": list(keys.values()),
        }
        _describe(part, kind, keys)
        parts[name] = part
    return {"$ref": f"#/$defs/{name}"}


def _keys_of(model: Any) -> dict[str, str]:
    """Return the JSON key of each field of a record."""
    if issubclass(model, msgspec.Struct):
        return {item.name: item.encode_name for item in msgspec.structs.fields(model)}
    return {item.name: item.metadata.get("key", item.name) for item in fields(model)}


def _describe(part: dict[str, Any], model: type, keys: Mapping[str, str] | None = None) -> None:
    """Add what the docstring says of the model and of its fields."""
    summary, attributes = read_docstring(model.__doc__ or "")
    if summary:
        part["description"] = summary
    if keys is None:
        keys = _keys_of(model) if issubclass(model, msgspec.Struct) else {}
    for name, text in attributes.items():
        field = part.get("properties", {}).get(keys.get(name, name))
        if field is not None:
            field["description"] = text


def read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """Return the first sentence of a docstring and what it says of each attribute."""
    lines = text.strip().splitlines()
    summary = lines[0].strip() if lines else ""
    attributes: dict[str, str] = {}
    names: list[str] = []
    for line in lines[1:]:
        # A field is named one level below its heading; what hangs deeper goes on.
        if found := re.match(r" {8}(\w+(?:, \w+)*): (.*)", line):
            names = found[1].split(", ")
            attributes |= dict.fromkeys(names, found[2].strip())
        elif names and re.match(r" {12}\S", line):
            for name in names:
                attributes[name] += f" {line.strip()}"
        else:
            names = []
    return summary, attributes


def _structs(model: Any, found: dict[str, type]) -> dict[str, type]:
    """Return a struct and all structs below it, by name."""
    if isinstance(model, type) and issubclass(model, msgspec.Struct):
        if model.__name__ not in found:
            found[model.__name__] = model
            for hint in get_type_hints(model).values():
                _structs(hint, found)
        return found
    for inner in get_args(model):
        _structs(inner, found)
    return found
