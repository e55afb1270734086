"""No value of the law without a source: the loaders refuse it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from repository import LAW

from totalize.kernel.reading import parse_trusted
from totalize.law.agreements import Agreement
from totalize.law.book import LawBook
from totalize.law.offices import Offices
from totalize.law.sources import Citation

COUNTRIES = sorted(path.name for path in (LAW / "agreements").iterdir())
MODELS = {"agreement.yaml": Agreement, "offices.yaml": Offices}
EARLIEST = date(2026, 1, 1)  # nothing was read before the project began


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every `cite` in a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "cite":
                yield (*path, key)
            yield from _places(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _places(inner, (*path, number))


def _without(document: Any, path: tuple[Any, ...], *, empty: bool) -> Any:
    """Return a document without the sources at one place, its shared parts pulled apart."""
    changed = copy.deepcopy(document, {})
    place = changed
    for step in path[:-1]:
        place[step] = copy.copy(place[step])
        place = place[step]
    if empty:
        place[path[-1]] = []
    else:
        del place[path[-1]]
    return changed


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("name", MODELS)
def test_the_loader_refuses_every_value_that_loses_its_source(country: str, name: str) -> None:
    text = (LAW / "agreements" / country / name).read_text(encoding="utf-8")
    document = parse_trusted(text)
    model: Any = MODELS[name]
    msgspec.convert(document, model, str_keys=False)
    places = list(_places(document))
    assert len(places) >= 3
    for path in places:
        for empty in (False, True):
            with pytest.raises(msgspec.ValidationError):
                msgspec.convert(_without(document, path, empty=empty), model, str_keys=False)


def _cites(value: Any) -> Iterator[Citation]:
    if isinstance(value, Citation):
        yield value
    elif isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _cites(getattr(value, field))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _cites(item)


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_source_has_an_address_of_the_web_or_none_and_a_day(country: str) -> None:
    book = LawBook()
    found = [
        *_cites(book.agreement(country.upper())),
        *_cites(book.offices(country.upper())),
    ]
    assert found
    for cite in found:
        assert cite.ref.strip() == cite.ref
        assert cite.url is None or cite.url.startswith(("https://", "http://")), cite.ref
        assert cite.checked_on >= EARLIEST


@pytest.mark.parametrize("country", COUNTRIES)
def test_what_stands_in_the_address_of_a_letter_is_no_remark(country: str) -> None:
    document = parse_trusted((LAW / "agreements" / country / "offices.yaml").read_text())
    for office in document["offices"]:
        lines = [office["name"], *(office.get("address") or "").split(";")]
        for line in lines:
            told = [
                word for word in ("www.", " has the form", "not read", "in general") if word in line
            ]
            assert not told, f"{office['code']}: {line!r} belongs into the note"
        assert ";" not in office["name"]
