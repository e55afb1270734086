"""Turn the text of a YAML or JSON document into plain values, refusing what is unsafe.

Scalars stay as written: dates and decimals come out as text, so that the reader of a field
decides, and reports, what it accepts. `NO` is Norway, not false.
"""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

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
    """Parse YAML of our own by the same rules for scalars, without the checks against attacks."""
    import yaml  # noqa: PLC0415 - see _read_yaml

    return yaml.load(text, Loader=_yaml_loader())  # noqa: S506, TID251 - the loader is the safe one


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
    loader = _yaml_loader()
    try:
        _inspect(yaml.parse(text, Loader=loader), name)
        value = yaml.load(text, Loader=loader)  # noqa: S506, TID251 - the loader is the safe one
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


def _inspect(events: Any, name: str) -> None:
    import yaml  # noqa: PLC0415 - see _read_yaml

    depth = documents = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InputError(
                "",
                f"{name} uses a YAML anchor or alias at line {line}",
                expected="the value itself, written out",
                code="yaml_alias",
            )
        if getattr(event, "tag", None) is not None:
            raise InputError(
                "",
                f"{name} uses the YAML tag {event.tag} at line {line}",
                expected="plain values without tags",
                code="yaml_tag",
            )
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise InputError(
                    "",
                    f"{name} holds more than one document",
                    expected="one",
                    code="many_documents",
                )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _too_deep(name)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


_loaders: dict[str, Any] = {}


def _yaml_loader() -> Any:
    if "loader" in _loaders:
        return _loaders["loader"]
    import yaml  # noqa: PLC0415 - see _read_yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]  # the C loader is untyped
        """The safe loader with only null, true, false and plain integers resolved."""

        yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            found = set()
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                if not isinstance(key, (str, int)):
                    raise InputError("", f"a key is not text: {key!r}"[:80], code="bad_key")
                if key in found:
                    raise InputError(
                        str(key),
                        f"stands twice in the same place (line {key_node.start_mark.line + 1})",
                        code="repeated_key",
                    )
                found.add(key)
            mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
            return mapping

    tag = "tag:yaml.org,2002:"
    Loader.add_implicit_resolver(f"{tag}null", re.compile(r"^(?:~|null|Null|NULL|)$"), [*"~nN", ""])
    Loader.add_implicit_resolver(
        f"{tag}bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), [*"tTfF"]
    )
    Loader.add_implicit_resolver(
        f"{tag}int", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$"), [*"-0123456789"]
    )
    _loaders["loader"] = Loader
    return Loader
