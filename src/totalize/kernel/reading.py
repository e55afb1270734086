"""Turn the text of a YAML or JSON document into plain values, refusing what is unsafe.

Scalars stay as written: dates and decimals come out as text, so that the reader of a field
decides, and reports, what it accepts. `NO` is Norway, not false.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from totalize.kernel.errors import InputError

MAX_BYTES = 1_000_000
MAX_DEPTH = 40


def read_document(text: str | bytes, name: str = "the document") -> Any:
    """Parse a document, JSON if it starts like JSON, YAML otherwise.

    Args:
        text: the whole document, UTF-8.
        name: how to call it in an error.

    Raises:
        InputError: empty, too large, too deep, not UTF-8, not well formed, with a repeated
            key, or with YAML aliases, anchors or tags.
    """
    if isinstance(text, bytes):
        _refuse_large(len(text), name)
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(
                "",
                f"{name} is not UTF-8 text: byte {error.start} cannot be read",
                expected="a file saved as UTF-8",
                code="not_utf8",
            ) from None
    _refuse_large(len(text), name)
    stripped = text.strip()
    if not stripped:
        raise InputError("", f"{name} is empty", code="empty")
    if stripped[0] in "{[":
        import json  # noqa: PLC0415 - YAML does without

        try:
            return _read_json(stripped, name)
        except json.JSONDecodeError as error:
            if stripped[0] == "[" or '"' in stripped[:40]:
                raise InputError(
                    "",
                    f"{name} is not well-formed JSON: {error.msg} at line {error.lineno}",
                    code="broken_json",
                ) from None
    return _read_yaml(text, name)


def parse_trusted(text: str) -> Any:
    """Parse YAML of our own by the same rules for scalars; anchors are ours to use there."""
    import yaml  # noqa: PLC0415 - see _read_yaml

    return _assemble(yaml.parse(text, Loader=_loader()), "law data", trusted=True)


def _refuse_large(size: int, name: str) -> None:
    if size > MAX_BYTES:
        raise InputError(
            "",
            f"{name} is too large: {size:,} bytes",
            expected=f"at most {MAX_BYTES:,}",
            code="too_large",
        )


def _too_deep(name: str) -> InputError:
    return InputError(
        "", f"{name} is nested too deeply", expected=f"at most {MAX_DEPTH} levels", code="too_deep"
    )


def _read_json(text: str, name: str) -> Any:
    import json  # noqa: PLC0415 - YAML does without

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise InputError(key, "stands twice in the same place", code="repeated_key")
            found[key] = value
        return found

    def number(token: str) -> int:
        # A number of thousands of digits would cost quadratic time to convert.
        if len(token) > 30:
            raise InputError("", f"{name} holds a number of {len(token)} digits", code="bad_number")
        return int(token)

    depth = deepest = 0
    for mark in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        opening = mark.group()
        depth += (opening in "[{") - (opening in "]}")
        deepest = max(deepest, depth)
        if deepest > MAX_DEPTH:
            raise _too_deep(name)

    def constant(token: str) -> Any:
        raise InputError("", f"{name} holds {token}", expected="a number", code="bad_number")

    return json.loads(
        text,
        object_pairs_hook=unique,
        parse_float=str,
        parse_int=number,
        parse_constant=constant,
    )


def _read_yaml(text: str, name: str) -> Any:
    import yaml  # noqa: PLC0415 - costs 29 ms, and JSON does without

    if re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text):
        raise InputError("", f"{name} holds control characters", code="broken_yaml")
    try:
        value = _assemble(yaml.parse(text, Loader=_loader()), name, trusted=False)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise InputError(
            "", f"{name} is not well-formed YAML: {problem}{where}", code="broken_yaml"
        ) from None
    if value is None:
        raise InputError("", f"{name} is empty", code="empty")
    return value


def _loader() -> Any:
    import yaml  # noqa: PLC0415 - see _read_yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_NO_KEY: Final = object()
_WORDS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


def _assemble(events: Iterable[Any], name: str, *, trusted: bool) -> Any:
    """Build plain values from the events of a YAML parser, with no recursion and no tags.

    Args:
        events: what the parser found, in order.
        name: how to call the document in an error.
        trusted: anchors and aliases are followed, and depth is not looked at.
    """
    anchored: dict[str, Any] = {}
    building = _Building(name, MAX_DEPTH if not trusted else None)
    for event in events:
        kind = type(event).__name__
        if kind in {"MappingEndEvent", "SequenceEndEvent"}:
            building.close()
        elif kind == "DocumentStartEvent":
            building.refuse_second()
        elif kind in _CARRY_VALUES:
            if not trusted:
                _refuse_unsafe(event, name)
            value = anchored[event.anchor] if kind == "AliasEvent" else _value_of(event, kind)
            if event.anchor is not None:
                anchored[event.anchor] = value
            building.put(value, event, opens=kind in {"MappingStartEvent", "SequenceStartEvent"})
    return building.whole[0] if building.whole else None


_CARRY_VALUES: Final = frozenset(
    {"ScalarEvent", "MappingStartEvent", "SequenceStartEvent", "AliasEvent"}
)


class _Building:
    """A document under construction: where the next value goes.

    Args:
        name: how to call the document in an error.
        deepest: how many levels it may have, None for any number.
    """

    def __init__(self, name: str, deepest: int | None) -> None:
        self.whole: list[Any] = []
        self._name = name
        self._deepest = deepest
        self._place: Any = self.whole
        self._key: Any = _NO_KEY
        self._above: list[tuple[Any, Any]] = []

    def put(self, value: Any, event: Any, *, opens: bool) -> None:
        """Put a value in its place, or take it as the key of the next; a container is entered."""
        place = self._place
        if type(place) is list:
            place.append(value)
        elif self._key is _NO_KEY:
            self._key = _checked_key(value, place, event)
            return
        else:
            place[self._key] = value
            self._key = _NO_KEY
        if opens:
            self._above.append((place, self._key))
            if self._deepest is not None and len(self._above) > self._deepest:
                raise _too_deep(self._name)
            self._place, self._key = value, _NO_KEY

    def close(self) -> None:
        """Leave a container."""
        self._place, self._key = self._above.pop()

    def refuse_second(self) -> None:
        """Refuse a further document in the same text."""
        if self.whole:
            raise InputError(
                "",
                f"{self._name} holds more than one document",
                expected="one",
                code="many_documents",
            )


def _value_of(event: Any, kind: str) -> Any:
    if kind == "MappingStartEvent":
        return {}
    if kind == "SequenceStartEvent":
        return []
    return _scalar(event.value) if event.implicit[0] and not event.style else event.value


def _scalar(text: str) -> Any:
    """Return null, true, false or a whole number where a plain scalar says so, else its text."""
    if text in _WORDS:
        return _WORDS[text]
    # A cheap look first: most scalars are words.
    if text[0] in "-0123456789" and _INTEGER.fullmatch(text):
        return int(text)
    return text


def _checked_key(key: Any, place: dict[Any, Any], event: Any) -> Any:
    if type(key) is not str and type(key) is not int:
        raise InputError("", f"a key is not text: {key!r}"[:80], code="bad_key")
    if key in place:
        raise InputError(
            str(key),
            f"stands twice in the same place (line {event.start_mark.line + 1})",
            code="repeated_key",
        )
    return key


def _refuse_unsafe(event: Any, name: str) -> None:
    line = event.start_mark.line + 1
    if event.anchor is not None:
        raise InputError(
            "",
            f"{name} uses a YAML anchor or alias at line {line}",
            expected="the value itself, written out",
            code="yaml_alias",
        )
    if event.tag is not None:
        raise InputError(
            "",
            f"{name} uses the YAML tag {event.tag} at line {line}",
            expected="plain values without tags",
            code="yaml_tag",
        )
