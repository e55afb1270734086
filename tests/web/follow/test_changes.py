"""Each change, what it does to the case, and what has to be done about the certificate."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest
from factories import MUNICH

from totalize import api
from totalize.kernel.errors import InputError
from totalize.web.follow.changes import Change, Step, advise, apply
from totalize.web.follow.proofs import Proof

TODAY = date(2028, 6, 1)
DAY = date(2028, 7, 1)
HELD = Proof("US", date(2027, 3, 1), date(2030, 2, 28), "issued", None)


def advice(change, day=DAY, held=(HELD,), **facts):
    changed = apply(MUNICH, "munich", change, day, facts)
    before, after = api.check(MUNICH, TODAY), api.check(changed.case, TODAY)
    return advise(changed, before, after, held, "munich")


def test_the_case_that_was_given_stays_as_it_was():
    case = deepcopy(MUNICH)
    apply(case, "munich", Change.EARLY_RETURN, DAY, {})
    assert case == MUNICH


def test_a_stay_prolonged_within_the_limit_needs_a_certificate_for_longer():
    found = advice(Change.EXTENSION, date(2030, 3, 1), end="2031-02-28")
    assert found.steps == (Step.EXTEND,)
    assert found.after.covered_by == ("US",)


def test_a_stay_prolonged_beyond_the_limit_is_for_both_authorities():
    found = advice(Change.EXTENSION, date(2030, 3, 1), end="2035-02-28")
    assert found.steps == (Step.EXTEND, Step.ASK_BOTH)
    assert found.after.last == date(2032, 2, 29)


def test_a_stay_prolonged_from_the_limit_on_does_not_give_back_what_was_proven():
    case = deepcopy(MUNICH)
    case["work"][0]["expected_end"] = "2032-02-29"
    held = Proof("US", date(2027, 3, 1), date(2032, 2, 29), "issued", None)
    day = date(2032, 3, 1)
    changed = apply(case, "munich", Change.EXTENSION, day, {"end": "2033-02-28"})
    found = advise(
        changed, api.check(case, TODAY), api.check(changed.case, TODAY), [held], "munich"
    )
    assert Step.GIVE_BACK not in found.steps
    assert Step.ASK_BOTH in found.steps
    assert found.after.covered_by == ("DE",)


def test_who_comes_back_early_has_the_certificate_shortened_and_tells_both_sides():
    found = advice(Change.EARLY_RETURN)
    assert found.steps == (Step.SHORTEN,)
    assert {"issuer", "other_side"} <= set(found.tell)


def test_who_comes_back_on_the_last_day_of_the_certificate_has_nothing_to_do():
    assert advice(Change.EARLY_RETURN, day=date(2030, 2, 28)).steps == (Step.NOTHING,)


def test_another_country_ends_this_certificate_and_asks_for_one_there():
    found = advice(Change.OTHER_COUNTRY, country="FR", expected_end="2030-02-28")
    assert found.steps[0] is Step.SHORTEN
    assert found.after.agreement == "FR"


def test_a_local_employer_abroad_leaves_the_united_states_without_a_claim():
    found = advice(Change.NEW_EMPLOYER, employer={"country": "DE"}, sent_from=None)
    assert Step.SHORTEN in found.steps
    assert found.after.covered_by == ("DE",)
    assert Step.KEEP not in found.steps


def test_an_affiliate_keeps_what_was_not_changed_of_the_employer():
    changed = apply(
        MUNICH, "munich", Change.NEW_AFFILIATE, DAY, {"employer": {"affiliate_of": "US"}}
    )
    assert changed.case["work"][1]["employer"] == {"country": "US", "affiliate_of": "US"}
    assert changed.case["work"][0]["end"] == "2028-06-30"


def test_citizenship_that_changes_nothing_leaves_the_certificate_as_it_is():
    found = advice(Change.STATUS, citizenships=["US", "DE"])
    assert found.steps == (Step.KEEP,)


def test_without_a_certificate_one_is_asked_for():
    found = advice(Change.EXTENSION, date(2030, 3, 1), held=(), end="2031-02-28")
    assert found.steps == (Step.REQUEST,)


def test_a_day_before_the_work_and_a_work_that_is_none_are_refused_by_name():
    with pytest.raises(InputError, match="day"):
        apply(MUNICH, "munich", Change.EARLY_RETURN, date(2020, 1, 1), {})
    with pytest.raises(InputError, match="munich"):
        apply(MUNICH, "tokyo", Change.EARLY_RETURN, DAY, {})


def test_the_new_work_gets_a_name_of_its_own_however_often_things_change():
    once = apply(MUNICH, "munich", Change.NEW_JOB, DAY, {})
    twice = apply(once.case, "munich", Change.NEW_JOB, date(2028, 8, 1), {})
    names = [work["id"] for work in twice.case["work"]]
    assert len(names) == len(set(names)) == 3


def test_a_certificate_that_ends_before_the_work_does_is_the_one_to_prolong():
    short = Proof("US", date(2027, 3, 1), date(2028, 7, 31), "issued", None)
    found = advice(Change.EXTENSION, date(2030, 3, 1), held=(short,), end="2031-02-28")
    assert found.steps == (Step.EXTEND,)
    assert found.paper is short
