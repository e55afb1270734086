"""The law pages say what the law data says, and what the program decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest
from docs_support import generated, generator

from totalize.api import check
from totalize.kernel.dates import add_months
from totalize.kernel.errors import LawError
from totalize.law import agreements as law
from totalize.law.book import LawBook
from totalize.law.loading import load
from totalize.law.offices import Item, Office, RequiredInformation
from totalize.law.sources import Citation

BOOK = LawBook()
COUNTRIES = sorted(BOOK.countries())

generator()
from lawpages import markdown
from lawpages.pages import page_name
from lawpages.words import Words, sides

WORDS = Words(BOOK.sentences())


def _page(country: str) -> str:
    return generated()[f"{page_name(country)}.md"]


def _agreement(country: str) -> law.Agreement:
    found = BOOK.agreement(country)
    assert found is not None
    return found


def _structs(value: Any) -> Iterator[msgspec.Struct]:
    """Yield every record inside a record."""
    if isinstance(value, msgspec.Struct):
        yield value
        for field in value.__struct_fields__:
            yield from _structs(getattr(value, field))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _structs(item)


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_page_names_every_source_with_the_day_it_was_checked(country: str) -> None:
    page = _page(country)
    records = [*_structs(_agreement(country)), *_structs(BOOK.offices(country))]
    cites = [item for item in records if isinstance(item, Citation)]
    assert len(cites) > 10
    for cite in cites:
        assert markdown.link(cite.ref, cite.url) in page, cite.ref
        assert f"checked {_in_words(cite.checked_on)}" in page
        assert cite.note is None or markdown.escape(cite.note) in page, cite.note


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_page_names_every_date_limit_condition_and_extension(country: str) -> None:
    page, agreement = _page(country), _agreement(country)
    for record in _structs(agreement):
        if isinstance(record, law.Version):
            assert _in_words(record.first) in page
            assert record.last is None or _in_words(record.last) in page
        if isinstance(record, law.Amendment):
            assert markdown.escape(record.what) in page
    for side, names in zip(("us_to_foreign", "foreign_to_us"), sides(country), strict=True):
        for directions in (
            agreement.coverage.detached_worker,
            agreement.coverage.self_employed_transfer,
        ):
            for version in getattr(directions, side, ()):
                if version.sure.value == "unread":
                    continue
                for name in (*version.conditions, *version.unread_conditions):
                    assert WORDS.condition(name, **names) in page, name
                if version.max_months is not None:
                    assert f"Limit: {WORDS.duration(version.max_months)}." in page
                if version.extension is not None:
                    assert markdown.escape(version.extension.text) in page


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_page_names_every_office_item_note_and_doubt(country: str) -> None:
    page, agreement, offices = _page(country), _agreement(country), BOOK.offices(country)
    assert offices is not None
    for record in _structs(offices):
        if isinstance(record, Office):
            shown = (record.name, record.address, record.form, record.note, record.website)
            for text in shown:
                assert text is None or markdown.escape(text) in page, text
        if isinstance(record, Item):
            assert markdown.escape(record.label) in page
        if isinstance(record, RequiredInformation) and not record.complete:
            assert "not known to be complete" in page
    for note in (*agreement.practice, *agreement.acceptance):
        assert markdown.escape(note.text) in page
    for text in (*agreement.uncertain, *offices.uncertain):
        assert markdown.escape(text) in page


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_page_has_no_holes(country: str) -> None:
    page = _page(country)
    assert "None" not in page
    assert not re.search(r"(?<![\\\]}])\{(?!\.|toctree|warning)", page), "a name was not filled in"
    lines = page.splitlines()
    assert lines[0].startswith("# ")
    assert [line for line in lines if line.startswith("## ")].count("## The self-employed") == 1


DETACHED = [
    (country, side)
    for country in COUNTRIES
    for side in ("us_to_foreign", "foreign_to_us")
    if _agreement(country).status == "in_force" and _agreement(country).coverage.detached_worker
]
UNREAD = [("IE", "foreign_to_us")]


@pytest.mark.parametrize(("country", "side"), UNREAD)
def test_a_limit_that_was_not_read_decides_nothing_and_is_not_shown(
    country: str, side: str
) -> None:
    names = sides(country)[side == "foreign_to_us"]
    title = f"### From {names['home']} to {names['host']}"
    section = _page(country).split(title, 1)[1].split("\n##", 1)[0]
    assert "Limit" not in section
    home, host = ("US", country) if side == "us_to_foreign" else (country, "US")
    period = _decide(home, host, date(2024, 3, 1), date(2024, 8, 31))
    assert (period.outcome.value, period.covered_by) == ("unsettled", None)


@pytest.mark.parametrize(("country", "side"), [way for way in DETACHED if way not in UNREAD])
def test_the_limit_on_the_page_is_the_limit_that_decides(country: str, side: str) -> None:
    directions = _agreement(country).coverage.detached_worker
    assert directions is not None
    names = sides(country)[side == "foreign_to_us"]
    title = f"### From {names['home']} to {names['host']}"
    section = _page(country).split(title, 1)[1]
    number, unit = re.findall(r"^\* Limit: (\d+) (years|months)\.$", section, re.MULTILINE)[0]
    months = int(number) * (12 if unit == "years" else 1)
    home, host = ("US", country) if side == "us_to_foreign" else (country, "US")
    start = date(2024, 3, 1)
    limit = add_months(start, months)
    inside = _decide(home, host, start, limit - timedelta(days=1))
    assert (inside.outcome.value, inside.covered_by) == ("determined", (home,))
    outside = _decide(home, host, start, limit)
    assert (outside.outcome.value, outside.covered_by) == ("determined", (host,))


def _decide(home: str, host: str, start: date, end: date) -> Any:
    """Decide a case that meets every condition there is, but perhaps not the limit."""
    case = {
        "worker": {"citizenships": [home], "residence": home, "us_resident": False},
        "work": [
            {
                "id": "stay",
                "activity": "employment",
                "country": host,
                "start": start.isoformat(),
                "expected_end": end.isoformat(),
                "employer": {"country": home, "american": home == "US", "affiliate_of": None},
                "sent_from": home,
                "via": None,
                "employed_before_transfer": True,
                "insured_before": home,
                "insured_before_since": "2015-01-01",
                "health_insurance": {"worker": True, "family": True},
                "family_accompanies": False,
                "same_work_as_before": False,
                "also_in": [],
            }
        ],
    }
    [period, *_] = check(case, start).for_work("stay").periods
    return period


def _codes() -> Iterator[tuple[str, str, str]]:
    """Yield every closed vocabulary of the schema: record, field, code."""
    for name, model in vars(law).items():
        if not (isinstance(model, type) and issubclass(model, msgspec.Struct)):
            continue
        for field, hint in get_type_hints(model).items():
            for part in (hint, *get_args(hint)):
                if get_origin(part) is Literal:
                    yield from ((name, field, code) for code in get_args(part))


GROUPS = {
    ("Agreement", "status"): "status",
    ("Crew", "rule"): "crew",
    ("Crew", "sides"): "sides",
    ("DetachedWorker", "affiliate"): "affiliate",
    ("DetachedWorker", "third_country"): "third_country",
    ("Government", "foreign"): "government",
    ("Government", "us"): "government",
    ("Note", "way"): "way",
    ("Note", "when"): "trigger",
    ("SelfEmployed", "classed_differently"): "classed_differently",
    ("SelfEmployed", "elsewhere"): "elsewhere",
    ("SelfEmployed", "in_both_countries"): "in_both_countries",
    ("SelfEmployed", "rule"): "self_employed",
}
CONDITIONS = {"conditions", "unread_conditions"}


def test_every_code_that_the_law_may_use_has_words() -> None:
    seen = set()
    for record, field, code in _codes():
        seen.add(field)
        if field in CONDITIONS:
            assert WORDS.condition(code, partner="X", home="X", host="X")
        elif field in {"measured", "clock"}:
            assert WORDS.say(field, code)
        else:
            assert WORDS.say(GROUPS[record, field], code, partner="X", home="X", rule="X")
    assert {"measured", "clock", "rule", "when", *CONDITIONS} <= seen


# What the pages know of each record. A new field fails here until the pages show it.
SHOWN = {
    "Version": {"first", "last", "cite"},
    "Repeat": {"within_months_of_first_start", "or_gap_months", "gap_exceeded"},
    "Extension": {"max_months", "text", "cite"},
    "Transfer": {
        "max_months", "measured", "clock", "conditions", "unread_conditions", "repeat", "extension",
    },
    "DetachedWorker": {"third_country", "affiliate", "whatever_nationality"},
    "SelfEmployed": {
        "rule", "needs_double_claim", "in_both_countries", "elsewhere", "classed_differently",
    },
    "Territorial": {"residents_working_in_both"},
    "Crew": {"rule", "sides", "own_flags_only"},
    "Government": {"us", "foreign", "nationals_in_regions"},
    "Nationality": {"election_months"},
    "HostClaim": {
        "employment", "self_employment", "nationals_abroad_for_own_employers",
        "certifies_own_coverage",
    },
    "Note": {"code", "when", "way", "text", "cite"},
    "Amendment": {"signed", "in_force", "what", "cite"},
    "Scope": {"us", "foreign_covered", "foreign_not_covered", "note"},
    "SpecialException": {
        "article", "applicant", "us_authority", "foreign_authority", "note", "cite",
    },
    "Coverage": {
        "territorial", "detached_worker", "self_employed", "self_employed_transfer", "seafarer",
        "aircrew", "government", "nationality", "host_claim",
    },
    "Agreement": {
        "country", "name", "status", "signed", "in_force", "cite", "text_url", "territory",
        "amendments", "scope", "coverage", "special_exception", "practice", "acceptance",
        "uncertain",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_the_pages_know_every_field_of_the_schema(name: str) -> None:
    model = getattr(law, name)
    inherited = {
        field
        for base in model.__mro__[1:]
        for field in SHOWN.get(base.__name__, ())
        if base.__name__ in {"Version", "Transfer"}
    }
    assert set(model.__struct_fields__) - inherited == SHOWN[name]


def test_every_page_is_listed_and_nothing_else_is() -> None:
    index = generated()["index.md"]
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", index))
    assert listed == set(generated()) - {"index.md", "us.md"}
    assert len(COUNTRIES) == len(listed) - 1


def test_the_registry_has_a_row_for_every_agreement_in_each_table() -> None:
    registry = generated()["registry.md"]
    for country in COUNTRIES:
        row = f"| [{markdown.escape(_agreement(country).name)}]({page_name(country)}.md)"
        assert registry.count(row) == 3, country


def test_the_registry_counts_the_law_cases_that_the_tests_decide() -> None:
    rows = generated()["registry.md"].splitlines()
    row = next(line for line in reversed(rows) if line.startswith("| [Germany]"))
    from docs_support import ROOT

    from totalize.kernel.reading import parse_trusted

    files = (ROOT / "tests" / "law" / "de").glob("*.yaml")
    count = sum(len(parse_trusted(path.read_text(encoding="utf-8"))) for path in files)
    assert count > 20
    assert f"| {count} |" in row


def test_a_code_without_words_stops_the_build() -> None:
    with pytest.raises(LawError, match=r"no words for crew\.submarine"):
        WORDS.say("crew", "submarine")


def test_text_of_the_law_cannot_become_markup() -> None:
    text = markdown.escape("a | b *c* <d> [e](f) {g} `h` # i\nj")
    assert text == r"a \| b \*c\* \<d\> \[e\](f) \{g\} \`h\` \# i j"


def test_words_stand_in_one_catalogue_unless_the_pages_say_more() -> None:
    from lawpages.words import CATALOGUE, SHARED, _Shared

    from totalize.kernel.reading import parse_trusted

    own = parse_trusted(CATALOGUE.read_text(encoding="utf-8"))
    names = {
        f"{group}.{code}" if isinstance(words, dict) else group
        for group, words in own.items()
        for code in (words if isinstance(words, dict) else (group,))
    }
    twice = names & set(load(SHARED, _Shared).words)
    longer = {"repeat", "needs_double_claim"}
    assert {name for name in twice if not name.startswith("classed_differently.")} <= longer
