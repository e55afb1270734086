"""Documents: what is read as what, and everything that is refused before it can do harm."""

from __future__ import annotations

from typing import Any

import pytest

from totalize.kernel.errors import InputError
from totalize.kernel.reading import MAX_BYTES, MAX_DEPTH, parse_trusted, read_document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("country: NO", {"country": "NO"}),
        ("a: yes\nb: off", {"a": "yes", "b": "off"}),
        ("day: 2026-03-01", {"day": "2026-03-01"}),
        ("amount: 1.10", {"amount": "1.10"}),
        ("years: 007", {"years": "007"}),
        ("on: true\noff: null\nempty:", {"on": True, "off": None, "empty": None}),
        ("count: -12", {"count": -12}),
        ('text: "true"', {"text": "true"}),
        ("list: [1, two, {three: 3}]", {"list": [1, "two", {"three": 3}]}),
        ("time: 12:30", {"time": "12:30"}),
        ("big: 1_000", {"big": "1_000"}),
    ],
)
def test_scalars_of_yaml_stay_as_they_are_written(text: str, value: Any) -> None:
    assert read_document(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"amount": 1.10, "n": 3}', {"amount": "1.10", "n": 3}),
        ("[1, [2]]", [1, [2]]),
        ('{"a": null, "b": false}', {"a": None, "b": False}),
        ("{work: [a]}", {"work": ["a"]}),
        ('\ufeff{"a": 1}'.encode(), {"a": 1}),
        ('{"brackets": "[[[[{{{{"}', {"brackets": "[[[[{{{{"}),
    ],
)
def test_json_is_read_like_yaml(text: str | bytes, value: Any) -> None:
    assert read_document(text) == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("---\n", "empty"),
        (b"\xff\xfe", "not_utf8"),
        ("a: [1", "broken_yaml"),
        ("a: 1\n b: 2", "broken_yaml"),
        ("a: 1\x00", "broken_yaml"),
        ('{"a": 1', "broken_json"),
        ("[1, 2", "broken_json"),
        ('{"a": 1, "a": 2}', "repeated_key"),
        ("a: 1\na: 2", "repeated_key"),
        ('{"a": NaN}', "bad_number"),
        ('{"a": ' + "9" * 5000 + "}", "bad_number"),
        ("a: &x [1]\nb: *x", "yaml_alias"),
        ("a: &x 1", "yaml_alias"),
        ("a: !!python/object/apply:os.system ['true']", "yaml_tag"),
        ("a: !!str 1", "yaml_tag"),
        ("a: 1\n---\nb: 2", "many_documents"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "too_deep"),
        ("- " * (MAX_DEPTH + 1) + "x", "too_deep"),
        ("x" * (MAX_BYTES + 1), "too_large"),
        (b"x" * (MAX_BYTES + 1), "too_large"),
        ("[" * 500_000, "too_deep"),
    ],
)
def test_what_could_do_harm_is_refused(text: str | bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_document(text, "case.yaml")
    assert caught.value.code == code


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [*{before}, *{before}, *{before}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(InputError) as caught:
        read_document(bomb)
    assert caught.value.code == "yaml_alias"


def test_the_deepest_document_that_is_allowed_is_read() -> None:
    value = read_document("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    for _ in range(MAX_DEPTH - 1):
        (value,) = value
    assert value == []


def test_law_data_may_repeat_itself_by_alias() -> None:
    assert parse_trusted("a: &x {ref: 1}\nb: *x\nc: NO") == {
        "a": {"ref": 1},
        "b": {"ref": 1},
        "c": "NO",
    }
