"""FICA stops only on the other country's certificate, and only as long as it proves."""

from __future__ import annotations

from datetime import date

import pytest

from totalize.web.employers.payroll import Covered, Flag, flags

FIRST, LAST = date(2027, 1, 1), date(2028, 12, 31)


def stretch(**changes):
    fields = {
        "work": "seoul",
        "first": FIRST,
        "last": LAST,
        "covered_by": ("KR",),
        "us_claims": True,
        "issued_by": "KR",
        "proven_until": None,
    }
    return Covered(**{**fields, **changes})


@pytest.mark.parametrize(
    ("changes", "flag", "reason"),
    [
        ({"covered_by": ("US",)}, Flag.WITHHOLD, "us_covers"),
        ({"covered_by": ("US", "IN")}, Flag.WITHHOLD, "us_covers"),
        ({}, Flag.WITHHOLD, "not_proven"),
        ({"proven_until": LAST}, Flag.STOP, "proven"),
        ({"proven_until": date.max, "last": None}, Flag.STOP, "proven"),
        ({"us_claims": False, "covered_by": ("KR",)}, Flag.STOP, "no_us_claim"),
        ({"covered_by": ()}, Flag.ASK, "not_settled"),
    ],
)
def test_each_stretch_has_one_flag(changes, flag, reason):
    (found,) = flags([stretch(**changes)])
    assert (found.flag, found.reason) == (flag, reason)


def test_the_day_after_the_proof_ends_fica_is_due_again():
    stop, start = flags([stretch(proven_until=date(2027, 6, 30))])
    assert (stop.flag, stop.last, stop.proof) == (Flag.STOP, date(2027, 6, 30), "KR")
    assert (start.flag, start.first, start.last) == (Flag.WITHHOLD, date(2027, 7, 1), LAST)
