"""Fit plain values to typed models, from as many threads as there are.

msgspec (0.22.0) learns a type when it is used first. Two threads that use it first at the same
time end the process: one reads what the other has written by half. So one learns, the rest wait.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, Final, TypeVar

import msgspec

Model = TypeVar("Model")

_LEARNING: Final = Lock()
_learnt: set[Any] = set()


def convert(
    value: Any, model: type[Model], *, strict: bool = True, str_keys: bool = False
) -> Model:
    """Return plain values as a model.

    Args:
        value: mappings, lists and scalars.
        model: what they should become.
        strict: take no text for a number.
        str_keys: keys were text where the document was written, whatever they are here.

    Raises:
        msgspec.ValidationError: they do not fit.
    """
    _learn(model)
    return msgspec.convert(value, model, strict=strict, str_keys=str_keys)


def decode(data: bytes, model: type[Model]) -> Model:
    """Return JSON as a model.

    Raises:
        msgspec.DecodeError: it is no JSON, or does not fit.
    """
    _learn(model)
    return msgspec.json.decode(data, type=model)


def _learn(model: Any) -> None:
    if model in _learnt:
        return
    with _LEARNING:
        msgspec.json.Decoder(model)
        _learnt.add(model)
