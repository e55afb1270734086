"""Numbers that SSA never issues are refused, and no refusal repeats one (RM 10201.035)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import ValidationError, convert

from totalize.certificates.details import read_details
from totalize.certificates.model import Party
from totalize.certificates.social_security_number import (
    EXAMPLES,
    is_example,
    read_social_security_number,
)
from totalize.kernel.errors import InputError


@pytest.mark.parametrize(
    "number",
    [
        "000-12-3456",
        "666-12-3456",
        "900-12-3456",
        "999-99-9999",
        "987-65-4319",
        "987-65-4330",
        "123-00-4567",
        "123-45-0000",
        "000000000",
        "912 34 5678",
    ],
)
def test_a_number_that_is_never_issued_is_refused_by_its_field(number):
    with pytest.raises(InputError) as caught:
        read_details({"social_security_number": number})
    assert (caught.value.path, caught.value.code) == (
        "details.social_security_number",
        "never_issued",
    )
    assert number not in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("001-01-0001", "001-01-0001"),
        ("665 12 3456", "665-12-3456"),
        ("667123456", "667-12-3456"),
        (899_99_9999, "899-99-9999"),
        ("078-05-1120", "078-05-1120"),
    ],
)
def test_a_number_that_may_be_somebodys_is_taken(typed, printed):
    assert read_social_security_number(typed, "number") == printed


def test_the_ten_that_are_kept_for_advertisements_are_examples():
    assert [read_social_security_number(each, "number") for each in EXAMPLES] == list(EXAMPLES)
    assert all(is_example(each) for each in EXAMPLES)
    assert (EXAMPLES[0], EXAMPLES[-1], len(EXAMPLES)) == ("987-65-4320", "987-65-4329", 10)
    assert not is_example("078-05-1120")


@given(st.integers(0, 999_999_999))
def test_what_is_taken_can_be_issued_or_is_an_example(drawn):
    digits = f"{drawn:09d}"
    area, group, serial = int(digits[:3]), int(digits[3:5]), int(digits[5:])
    can_be = 0 < area < 900 and area != 666 and group > 0 and serial > 0
    try:
        number = read_social_security_number(digits, "number")
    except InputError:
        assert not can_be
    else:
        assert can_be or is_example(number)


def test_no_certificate_shows_an_ending_that_no_number_has():
    assert convert({"full_name": "Ada", "number_ending": "0001"}, Party).number_ending == "0001"
    with pytest.raises(ValidationError):
        convert({"full_name": "Ada", "number_ending": "0000"}, Party)
