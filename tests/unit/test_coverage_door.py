"""The door of a case: what is refused, by which path and code, and what is let in."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import msgspec
import pytest

from totalize.coverage.case import Case
from totalize.coverage.door import MAX_WORKS, read_case
from totalize.kernel.errors import InputError

GOOD: dict[str, Any] = {
    "contract": 1,
    "worker": {"citizenships": ["US"], "residence": "DE", "birth_date": "1980-02-29"},
    "work": [
        {
            "id": "berlin",
            "activity": "employment",
            "country": "DE",
            "start": "2026-03-01",
            "expected_end": "2029-02-28",
            "employer": {"name": "Acme", "country": "US", "affiliate_of": None},
            "sent_from": "US",
            "also_in": ["FR"],
            "health_insurance": {"worker": True},
            "certificate": {"issued_by": "US", "from": "2026-03-01", "to": None},
            "activity_in": {"US": "employment"},
        }
    ],
}


def _with(path: str, value: Any) -> dict[str, Any]:
    """Return the good case with one value changed; `...` takes the field away."""
    case: Any = deepcopy(GOOD)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = case
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return case


def test_a_good_case_is_let_in_as_it_stands() -> None:
    case = read_case(GOOD)
    assert isinstance(case, Case)
    assert read_case(case) is case
    assert read_case(msgspec.to_builtins(case)) == case


@pytest.mark.parametrize(
    ("path", "value", "where", "code"),
    [
        ("wrok", [], "wrok", "unknown_field"),
        ("work.0.sent_form", "US", "work[0].sent_form", "unknown_field"),
        ("work.0.employer.seat", "US", "work[0].employer.seat", "unknown_field"),
        ("worker.citizenship", ["US"], "worker.citizenship", "unknown_field"),
        ("worker", ..., "worker", "missing_field"),
        ("work", ..., "work", "missing_field"),
        ("work.0.start", ..., "work[0].start", "missing_field"),
        ("work.0.activity", ..., "work[0].activity", "missing_field"),
        ("worker.citizenships", [], "worker.citizenships", "bad_input"),
        ("work", [], "work", "bad_input"),
        ("contract", 2, "contract", "bad_input"),
        ("work.0.activity", "employed", "work[0].activity", "bad_input"),
        ("work.0.occupation", "pilot", "work[0].occupation", "bad_input"),
        ("work.0.sent_from", ["US"], "work[0].sent_from", "bad_input"),
        ("work.0.employer.american", "yes", "work[0].employer.american", "bad_input"),
        ("work.0.start", "2026-02-30", "work[0].start", "bad_date"),
        ("work.0.start", "soon", "work[0].start", "bad_date"),
        ("work.0.start", 2026, "work[0].start", "bad_date"),
        ("work.0.start", "0001-01-01", "work[0].start", "date_out_of_range"),
        ("work.0.expected_end", "9999-12-31", "work[0].expected_end", "date_out_of_range"),
        ("work.0.expected_end", "2026-02-28", "work[0].expected_end", "end_before_start"),
        ("work.0.end", "2020-01-01", "work[0].end", "end_before_start"),
        ("work.0.certificate.to", "2026-02-28", "work[0].certificate.to", "end_before_start"),
        ("work.0.country", "XX", "work[0].country", "unknown_country"),
        ("work.0.country", "de", "work[0].country", "unknown_country"),
        ("work.0.also_in.0", "UK", "work[0].also_in[0]", "unknown_country"),
        ("work.0.activity_in", {"ZZ": "employment"}, "work[0].activity_in.ZZ", "unknown_country"),
        ("work.0.employer.affiliate_of", "USA", "work[0].employer.affiliate_of", "unknown_country"),
        ("work.0.certificate.issued_by", "U", "work[0].certificate.issued_by", "unknown_country"),
        ("worker.citizenships.0", False, "worker.citizenships[0]", "bad_input"),
        ("worker.birth_date", "2026-03-01", "worker.birth_date", "bad_input"),
        ("work.0.id", "", "work[0].id", "bad_input"),
        ("work.0.id", "x" * 101, "work[0].id", "bad_input"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(path: str, value: Any, where: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_case(_with(path, value))
    assert (caught.value.path, caught.value.code) == (where, code)


@pytest.mark.parametrize("document", [None, [], "case", 7, [GOOD]])
def test_what_is_no_mapping_is_refused(document: object) -> None:
    with pytest.raises(InputError, match="not a mapping"):
        read_case(document)


def test_a_misspelt_field_comes_with_the_one_that_was_meant() -> None:
    with pytest.raises(InputError) as caught:
        read_case(_with("work.0.expected_ende", "2030-01-01"))
    assert "expected_end" in caught.value.expected


def test_two_works_of_one_id_are_refused_and_both_named() -> None:
    twice = deepcopy(GOOD)
    twice["work"].append(deepcopy(GOOD["work"][0]))
    with pytest.raises(InputError, match=r"already the id of work\[0\]") as caught:
        read_case(twice)
    assert (caught.value.path, caught.value.code) == ("work[1].id", "repeated_id")


def test_an_id_left_out_may_not_be_taken_by_another_work() -> None:
    twice = deepcopy(GOOD)
    twice["work"].append(deepcopy(GOOD["work"][0]))
    del twice["work"][1]["id"]
    twice["work"][0]["id"] = "w2"
    with pytest.raises(InputError) as caught:
        read_case(twice)
    assert caught.value.path == "work[1].id"


@pytest.mark.parametrize(("count", "accepted"), [(MAX_WORKS, True), (MAX_WORKS + 1, False)])
def test_a_case_has_at_most_so_many_works(count: int, accepted: bool) -> None:
    many = deepcopy(GOOD)
    many["work"] = [{**GOOD["work"][0], "id": str(number)} for number in range(count)]
    if accepted:
        assert len(read_case(many).work) == count
    else:
        with pytest.raises(InputError, match=str(count)):
            read_case(many)


def test_a_work_may_end_on_the_day_it_starts() -> None:
    case = read_case(_with("work.0.expected_end", "2026-03-01"))
    assert case.work[0].expected_end == case.work[0].start


def test_works_without_an_id_are_numbered() -> None:
    case = read_case(_with("work.0.id", ...))
    assert case.work_id(0) == "w1"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("wrok", [], "wrok: is not a field of the contract; expected work, perhaps"),
        (
            "work.0.health_insurance.dog",
            True,
            (
                "work[0].health_insurance.dog: is not a field of the contract; "
                "expected one of worker, family"
            ),
        ),
        (
            "work.0.certificate.x",
            1,
            (
                "work[0].certificate.x: is not a field of the contract; "
                "expected one of issued_by, from, to"
            ),
        ),
        ("work.0.country", ..., "work[0].country: is missing and needed"),
        (
            "work.0.employer.american",
            "yes",
            "work[0].employer.american: is text (found 'yes'); expected true or false",
        ),
        (
            "worker.citizenships.0",
            False,
            (
                "worker.citizenships[0]: is true or false (found False); "
                "expected a country code of two capital letters, like US or DE (ISO 3166-1)"
            ),
        ),
        ("contract", 2, "contract: is not one of the values allowed (found 2); expected 1"),
        ("contract", "1", "contract: is text (found '1'); expected 1"),
        (
            "work.0.sent_from",
            7,
            (
                "work[0].sent_from: is a number (found 7); expected a country code of two "
                "capital letters, like US or DE (ISO 3166-1) or null"
            ),
        ),
        (
            "work.0.country",
            "Germany",
            "work[0].country: is not a country (found 'Germany'); expected DE",
        ),
        ("work.0.country", "EL", "work[0].country: is not a country (found 'EL'); expected GR"),
        ("work.0.start", None, "work[0].start: is null; expected a date like 2026-03-01"),
        (
            "work.0.id",
            "",
            "work[0].id: is empty or too long (found ''); expected 1 to 100 characters",
        ),
        (
            "work.0.activity_in",
            {"US": "employment", "DE": "job"},
            (
                "work[0].activity_in.DE: is not one of the values allowed (found 'job'); "
                "expected employment or self_employment"
            ),
        ),
        ("worker", [], "worker: is a list (found []); expected a mapping of fields"),
        (
            "work",
            {},
            (
                "work: is a mapping of fields (found {}); expected "
                "a list: square brackets around it, or a dash before each entry"
            ),
        ),
        (
            "work.0.start",
            "2026-02-30",
            (
                "work[0].start: is not a date of the calendar (found '2026-02-30'); "
                "expected a date like 2026-03-01"
            ),
        ),
        (
            "work.0.certificate.from",
            [],
            "work[0].certificate.from: is not a date (found []); expected a date like 2026-03-01",
        ),
    ],
)
def test_what_is_wrong_is_said_in_words(path: str, value: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_case(_with(path, value))
    assert str(caught.value) == message
