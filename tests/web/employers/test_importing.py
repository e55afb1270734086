"""A roster is read, checked person by person, taken in and undone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from factories import make_organisation, make_user

from totalize.kernel.errors import InputError
from totalize.web.employers.importing import read_batch, take, undo
from totalize.web.employers.savings import reckon_savings
from totalize.web.follow.models import Dossier, Spell
from totalize.web.follow.services import change_case
from totalize.web.people.models import Person

pytestmark = pytest.mark.django_db
HEADER = (
    "worker_id,full_name,worker.citizenships,activity,country,start,expected_end,"
    "employer.country,sent_from,via,employed_before_transfer,yearly_pay\n"
)
ADA = "A1,Ada Example,US,employment,DE,2027-03-01,2030-02-28,US,US,null,true,145000\n"
ADA_BEFORE = "A1,Ada Example,US,employment,DE,2020-03-01,2021-02-28,US,US,null,true,145000\n"
BOB = "A2,Bob Example,US,employment,FR,2027-13-01,,US,US,null,true,90000\n"


@pytest.fixture
def team():
    manager = make_user()
    return manager, make_organisation(manager)


def read(team, *rows, name="people.csv", header=HEADER):
    manager, organisation = team
    text = header + "".join(rows)
    batch = read_batch(organisation=organisation, by=manager, file_name=name, data=text.encode())
    batch.refresh_from_db()
    return batch


def read_with_currency(team, currency):
    header = HEADER.replace("yearly_pay", "yearly_pay,currency")
    return read(team, ADA.replace("145000", f"145000,{currency}"), header=header)


def test_good_people_are_taken_in_and_bad_ones_are_named_by_row_and_column(team):
    batch = read(team, ADA, BOB, ADA_BEFORE)
    assert (batch.phase, batch.rows, batch.people, batch.bad) == ("checked", 3, 2, 1)
    (error,) = batch.entries.get(key="A2").errors
    assert (error["row"], error["column"]) == (2, "start")
    assert Dossier.objects.count() == 0

    take(batch.id, by=team[0])
    batch.refresh_from_db()
    dossier = Dossier.objects.get()
    assert batch.phase == "taken"
    assert (dossier.key, dossier.person.full_name) == ("A1", "Ada Example")
    assert dossier.yearly_pay == Decimal(145000)
    assert Spell.objects.filter(dossier=dossier).count() == 2


def test_everything_wrong_with_a_row_is_told_at_once(team):
    bad = "A3,Cy Example,Atlantis,working,Mu,01.03.2027,28.02.2029,US,US,null,perhaps,lots\n"
    errors = read(team, bad).entries.get(key="A3").errors
    assert {(error["row"], error["column"]) for error in errors} == {
        (1, "worker.citizenships"),
        (1, "activity"),
        (1, "country"),
        (1, "start"),
        (1, "expected_end"),
        (1, "employed_before_transfer"),
        (1, "yearly_pay"),
    }


def test_each_of_somebodys_rows_is_told_what_is_wrong_with_it(team):
    second = ADA_BEFORE.replace("2020-03-01", "2020-03-99").replace("US,null", "ZZ,null")
    errors = read(team, ADA.replace(",DE,", ",ZZ,"), second).entries.get(key="A1").errors
    assert {(error["row"], error["column"]) for error in errors} == {
        (1, "country"),
        (2, "start"),
        (2, "sent_from"),
    }


def test_what_is_missing_hides_nothing_else(team):
    errors = read(team, "A4,No Start,US,employment,DE,,2029-13-01,US,US,null,true,1\n")
    told = {(error["column"], error["problem"]) for error in errors.entries.get(key="A4").errors}
    assert {column for column, _ in told} == {"start", "expected_end"}
    assert ("start", "is missing and needed") in told


@pytest.mark.parametrize(("currency", "kept"), [("eur", "EUR"), (" USD ", "USD"), ("", "USD")])
def test_a_currency_is_taken_however_it_is_written(team, currency, kept):
    take(read_with_currency(team, currency).id, by=team[0])
    assert Dossier.objects.get().currency == kept


@pytest.mark.parametrize("currency", ["Dollar", "US", "$"])
def test_what_is_no_currency_is_told_and_never_cut_to_one(team, currency):
    (error,) = read_with_currency(team, currency).entries.get().errors
    assert (error["column"], error["problem"]) == ("currency", "is no currency")


def test_undoing_removes_who_was_new(team):
    batch = read(team, ADA)
    take(batch.id, by=team[0])
    undo(batch.id, by=team[0])
    batch.refresh_from_db()
    assert batch.phase == "undone"
    assert not Dossier.objects.exists()
    assert not Person.objects.exists()


def test_undoing_gives_back_the_case_of_before(team):
    take(read(team, ADA_BEFORE).id, by=team[0])
    before = Dossier.objects.get().case
    second = read(team, ADA)
    take(second.id, by=team[0])
    assert Dossier.objects.get().case != before
    undo(second.id, by=team[0])
    assert Dossier.objects.get().case == before


def test_undoing_gives_back_pay_and_whose_task_it_is(team):
    take(read(team, ADA).id, by=team[0])
    dossier = Dossier.objects.get()
    dossier.owner, dossier.due_on = team[0], date(2027, 5, 1)
    dossier.save()
    second = read(team, ADA.replace("145000", "99000"))
    take(second.id, by=team[0])
    assert Dossier.objects.get().yearly_pay == Decimal(99_000)
    undo(second.id, by=team[0])
    found = Dossier.objects.get()
    assert (found.owner, found.due_on) == (team[0], date(2027, 5, 1))
    assert found.yearly_pay == Decimal(145_000)
    assert found.spells.get().yearly_saving == saving_of(found)


def saving_of(dossier):
    reckon_savings([dossier])
    saving = dossier.spells.get().yearly_saving
    assert saving > 10_000
    return saving


def test_undoing_leaves_what_somebody_has_changed_since(team):
    batch = read(team, ADA)
    take(batch.id, by=team[0])
    dossier = Dossier.objects.get()
    changed = dossier.case | {"worker": {"citizenships": ["US", "DE"]}}
    change_case(dossier.id, changed, by=team[0])
    undo(batch.id, by=team[0])
    assert Dossier.objects.get().case == changed
    assert batch.entries.get().kept_at_undo


def test_taking_in_twice_is_refused_and_changes_nothing(team):
    batch = read(team, ADA)
    take(batch.id, by=team[0])
    with pytest.raises(InputError, match="phase"):
        take(batch.id, by=team[0])
    assert Dossier.objects.count() == 1


def test_the_same_number_in_another_organisation_is_another_person(team):
    other = make_user(), None
    other = (other[0], make_organisation(other[0]))
    take(read(team, ADA).id, by=team[0])
    take(read(other, ADA).id, by=other[0])
    assert Dossier.objects.count() == 2
    assert Person.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("people.exe", b"MZ", "kind"),
        ("people.csv", HEADER.encode(), "rows"),
        ("people.csv", b"a,b\n1,2\n", "column"),
        ("people.xlsx", b"not a workbook", "workbook"),
    ],
)
def test_what_is_no_roster_is_refused(team, name, data, words):
    with pytest.raises(InputError, match=words):
        read_batch(organisation=team[1], by=team[0], file_name=name, data=data)
