"""Law data that cannot be right is refused when it is loaded, with its file named."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
import pytest

from totalize.kernel.errors import LawError
from totalize.law.agreements import countries, load_agreement, version_on
from totalize.law.book import LawBook
from totalize.law.loading import DATA, digest, load
from totalize.law.order import RuleOrder, check_order, load_order
from totalize.law.sources import Sure
from totalize.law.territories import load_territories

Edit = Callable[[str], str]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of Germany's agreement and the files that all of them share."""
    root = tmp_path / "data"
    (root / "agreements").mkdir(parents=True)
    shutil.copytree(DATA / "agreements" / "de", root / "agreements" / "de")
    for name in ("order.yaml", "territories.yaml"):
        shutil.copy(DATA / name, root / name)
    return root


def _edit(root: Path, edit: Edit, relative: str = "agreements/de/agreement.yaml") -> None:
    path = root / relative
    before = path.read_text(encoding="utf-8")
    after = edit(before)
    assert after != before, "the edit found nothing to change"
    path.write_text(after, encoding="utf-8")


def _replace(old: str, new: str) -> Edit:
    return lambda text: text.replace(old, new, 1)


def _sub(pattern: str, new: str) -> Edit:
    return lambda text: re.sub(pattern, new, text, count=1)


def test_the_copy_as_it_stands_is_accepted(copy: Path) -> None:
    assert load_agreement("DE", copy) == load_agreement("DE")
    assert countries(copy) == ["DE"]


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (_sub(r"(?m)^cite:\n(  .*\n)+", ""), "missing required field `cite`"),
        (_sub(r"(?m)^cite:\n(  .*\n)+", "cite: []\n"), "length >= 1"),
        (_sub(r"checked_on: [0-9-]+, ", ""), "missing required field `checked_on`"),
        (_sub(r"sure: \w+", "sure: certain"), "Invalid enum value 'certain'"),
        (_sub(r"conditions: \[", "conditions: [born_on_a_sunday, "), "born_on_a_sunday"),
        (_sub(r"max_months: \d+", "max_months: 0"), ">= 1"),
        (_sub(r"max_months: \d+", "max_months: 241"), "<= 240"),
        (_sub(r"max_months: \d+", "max_months: five years"), "int"),
        (_sub(r"affiliate: \w+", "affiliate: perhaps"), "perhaps"),
        (_sub(r"third_country: \w+", "third_country: by_ship"), "by_ship"),
        (_replace("coverage:", "covers: 1\ncoverage:"), "unknown field `covers`"),
        (_sub(r"country: DE", "country: GERMANY"), "matching regex"),
        (_sub(r"country: DE", "country: FR"), "is the file of FR"),
        (_sub(r"country: DE", "country: QQ"), "QQ is not a country"),
        (_sub(r"in_force: [0-9-]+", "in_force: 1979-02-30"), "date"),
        (_sub(r"status: in_force", "status: signed"), "status and date"),
        (_sub(r"(?m)^in_force: [0-9-]+", "in_force: null"), "status and date"),
    ],
)
def test_a_file_that_says_what_cannot_be_is_refused(copy: Path, edit: Edit, problem: str) -> None:
    _edit(copy, edit)
    with pytest.raises(LawError, match=re.escape(problem)) as caught:
        load_agreement("DE", copy)
    assert caught.value.where.startswith("agreements/de/agreement.yaml")


_UNREAD = "      rule: unread\n      cite: [{ref: x, checked_on: 2026-01-01, sure: unread}]\n"


def _versions(*spans: tuple[str, str]) -> Edit:
    """Return an edit that gives the rule on ships other versions."""
    versions = "".join(
        f"    - from: {first}\n{f'      to: {last}' + chr(10) if last else ''}{_UNREAD}"
        for first, last in spans
    )
    return _sub(
        r"(?m)^  seafarer:\n(    .*\n)+", f"  seafarer:{' []' if not spans else ''}\n{versions}"
    )


@pytest.mark.parametrize(
    ("spans", "problem"),
    [
        ((("1979-12-01", "1989-12-31"), ("1990-01-02", "")), "leaves a gap from 1989-12-31"),
        ((("1979-12-01", "1990-01-01"), ("1990-01-01", "")), "overlap at 1990-01-01"),
        ((("1979-12-01", ""), ("1990-01-01", "")), "overlap at 1990-01-01"),
        ((("1990-01-01", "1999-12-31"), ("1979-12-01", "")), "overlap|gap"),
        ((("1979-12-02", ""),), "leaves a gap from 1979-12-01 to 1979-12-02"),
        ((("1979-12-01", "2020-12-31"),), "ends on 2020-12-31 and nothing follows"),
        ((), "has no version"),
    ],
)
def test_versions_follow_one_another_without_gap_or_overlap(
    copy: Path, spans: tuple[tuple[str, str], ...], problem: str
) -> None:
    _edit(copy, _versions(*spans))
    with pytest.raises(LawError, match=problem) as caught:
        load_agreement("DE", copy)
    assert "seafarer" in caught.value.where


def test_versions_that_follow_one_another_are_accepted(copy: Path) -> None:
    _edit(copy, _versions(("1979-12-01", "1989-12-31"), ("1990-01-01", "")))
    versions = load_agreement("DE", copy).coverage.seafarer
    assert version_on(versions, date(1989, 12, 31)) is versions[0]
    assert version_on(versions, date(1990, 1, 1)) is versions[1]
    assert version_on(versions, date(1970, 1, 1)) is versions[0]


def test_two_notes_of_one_code_are_refused(copy: Path) -> None:
    agreement = load_agreement("DE")
    notes = (*agreement.practice, *agreement.acceptance)
    assert len(notes) > 1
    _edit(copy, _replace(f"code: {notes[1].code}", f"code: {notes[0].code}"))
    with pytest.raises(LawError, match="same code"):
        load_agreement("DE", copy)


def test_a_version_is_as_sure_as_its_best_source() -> None:
    agreement = load_agreement("DE")
    version = agreement.coverage.territorial[0]
    cite = msgspec.structs.replace(version.cite[0], sure=Sure.SECONDARY)
    best = msgspec.structs.replace(version.cite[0], sure=Sure.OFFICIAL_TEXT)
    assert msgspec.structs.replace(version, cite=[cite]).sure is Sure.SECONDARY
    assert msgspec.structs.replace(version, cite=[cite, best]).sure is Sure.OFFICIAL_TEXT


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(LawError, match=r"agreements/in/agreement\.yaml: no such file"):
        load_agreement("IN")
    assert LawBook().agreement("IN") is None


def test_a_book_refuses_an_amendment_that_contradicts_itself() -> None:
    agreement = load_agreement("DE")
    broken = msgspec.structs.replace(agreement, in_force=None)
    with pytest.raises(LawError, match="amended agreement of DE"):
        LawBook(amended={"DE": broken})


def test_an_amended_book_says_so() -> None:
    agreement = load_agreement("DE")
    book = LawBook(
        amended={"DE": agreement, "IN": msgspec.structs.replace(agreement, country="IN")}
    )
    assert book.version == f"{LawBook().version}+amended"
    assert "IN" in book.countries()
    assert book.agreement("IN") is not None
    assert book.offices("IN") is None
    assert book.offices("ZW") is None


def test_the_digest_changes_with_every_value(copy: Path) -> None:
    before = digest(copy)
    _edit(copy, _sub(r"checked_on: 2026-11-22", "checked_on: 2026-11-23"))
    digest.cache_clear()
    assert digest(copy) != before


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ([("a", ["x"], []), ("b", ["x"], [])], "a and b may meet and neither overrides"),
        ([("a", ["x"], ["b"]), ("b", ["x"], ["a"])], "override one another"),
        ([("a", ["x"], ["a"])], "override one another"),
        ([("a", ["x"], ["c"])], "overrides c, which is no rule"),
    ],
)
def test_two_exceptions_without_an_order_are_refused(
    rules: list[tuple[str, list[str], list[str]]], problem: str
) -> None:
    order = {code: RuleOrder(code=code, kinds=kinds, overrides=o) for code, kinds, o in rules}
    with pytest.raises(LawError, match=problem):
        check_order(order)


def test_rules_for_different_kinds_of_work_need_no_order() -> None:
    check_order(
        {
            "a": RuleOrder(code="a", kinds=["x"]),
            "b": RuleOrder(code="b", kinds=["y"]),
            "c": RuleOrder(code="c", kinds=["x", "y"], overrides=["a", "b"]),
        }
    )


def test_an_order_taken_out_of_the_file_is_missed(copy: Path) -> None:
    _edit(
        copy, _sub(r"(code: detached_worker, .*?), overrides: \[territorial\]", r"\1"), "order.yaml"
    )
    with pytest.raises(LawError, match="territorial and detached_worker may meet"):
        load_order(copy)


def test_a_place_belongs_to_one_country_that_exists(copy: Path) -> None:
    assert load_territories(copy) == load_territories()
    _edit(copy, _sub(r"code: [A-Z]{2}", "code: QQ"), "territories.yaml")
    load_territories.cache_clear()
    with pytest.raises(LawError, match="QQ is unknown or stands twice"):
        load_territories(copy)


class _Paper(msgspec.Struct, forbid_unknown_fields=True):
    name: str


def test_what_the_schema_does_not_know_is_refused(tmp_path: Path) -> None:
    (tmp_path / "paper.yaml").write_text("name: NO\nage: 3\n", encoding="utf-8")
    with pytest.raises(LawError, match="unknown field `age`"):
        load("paper.yaml", _Paper, tmp_path)
    (tmp_path / "paper.yaml").write_text("name: NO\n", encoding="utf-8")
    assert load("paper.yaml", _Paper, tmp_path).name == "NO"
