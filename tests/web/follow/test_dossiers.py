"""A dossier holds what was decided of each work, and until when it is proven."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest
from factories import MUNICH, make_organisation, make_person, make_user

from totalize.kernel.errors import InputError
from totalize.web.applications.services import ConflictError
from totalize.web.follow.models import Dossier
from totalize.web.follow.proofs import Proof
from totalize.web.follow.services import change_case, decide, open_dossier, prove

pytestmark = pytest.mark.django_db


def munich(**changes):
    case = deepcopy(MUNICH)
    case["work"][0].update(changes)
    return case


def opened(case=None):
    manager = make_user()
    return open_dossier(
        by=manager,
        person=make_person(),
        case=case or MUNICH,
        organisation=make_organisation(manager),
        key="A1",
    )


def test_a_dossier_repeats_what_the_determination_says():
    spell = opened().spells.get()
    assert (spell.country, spell.covered_by, spell.otherwise) == ("DE", "US", "US;DE")
    assert (spell.proof, spell.issued_by, spell.rule) == ("needed", "US", "detached_worker")
    assert spell.proven_until is None


def test_a_certificate_that_the_case_tells_of_proves_until_its_last_day():
    held = {"issued_by": "US", "from": "2027-03-01", "to": "2028-12-31"}
    spell = opened(munich(certificate=held)).spells.get()
    assert spell.proven_until == date(2028, 12, 31)


@pytest.mark.parametrize(
    ("proofs", "until"),
    [
        ([("2027-03-01", "2027-12-31"), ("2028-01-01", "2028-06-30")], date(2028, 6, 30)),
        ([("2027-03-01", "2027-12-31"), ("2028-01-02", "2028-06-30")], date(2027, 12, 31)),
        ([("2027-04-01", "2028-06-30")], None),
        ([("2026-01-01", "2027-02-28")], None),
        ([("2027-01-01", "2029-12-31"), ("2027-03-01", "2027-06-30")], date(2029, 12, 31)),
    ],
)
def test_proofs_count_as_far_as_they_follow_one_another_without_a_gap(proofs, until):
    spell = opened().spells.get()
    days = [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in proofs]
    prove(spell, [Proof("US", first, last, "issued", None) for first, last in days])
    assert spell.proven_until == until


def test_a_certificate_of_the_other_country_proves_nothing():
    spell = opened().spells.get()
    prove(spell, [Proof("DE", date(2027, 1, 1), None, "foreign", None)])
    assert spell.proven_until is None
    assert not spell.endless_proof


def test_a_case_that_cannot_be_read_is_refused_and_the_old_one_stays():
    dossier = opened()
    with pytest.raises(InputError, match=r"work\[0\]\.country"):
        change_case(dossier.id, munich(country="Germany"), by=make_user())
    dossier.refresh_from_db()
    assert dossier.case == MUNICH


def test_who_saves_over_a_newer_case_is_told():
    dossier = opened()
    change_case(dossier.id, munich(expected_end="2029-02-28"), by=make_user(), version=0)
    with pytest.raises(ConflictError):
        change_case(dossier.id, MUNICH, by=make_user(), version=0)


def test_a_case_that_went_bad_keeps_its_problem_and_no_spells():
    dossier = opened()
    Dossier.objects.update(case=munich(country="XX"))
    decide(Dossier.objects.all())
    dossier.refresh_from_db()
    assert dossier.problem["path"] == "work[0].country"
    assert not dossier.spells.exists()
