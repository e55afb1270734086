"""What a query leaves open is turned around in all these tests, on both databases."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import Count
from factories import make_organisation, make_user

from totalize.web.accounts.models import Membership, Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three() -> None:
    person = make_user()
    for name in ("first", "second", "third"):
        make_organisation(person, name=name)


# In which order PostgreSQL sums up, nobody can say.
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite it is known")
NAMES = Organisation.objects.values_list("name", flat=True)


@pytest.mark.parametrize(
    "names",
    [
        NAMES,
        NAMES.order_by("kind"),
        NAMES.filter(memberships__role="owner").order_by("memberships__role"),
        pytest.param(NAMES.distinct(), marks=on_sqlite),
        pytest.param(NAMES.annotate(Count("memberships")).order_by(), marks=on_sqlite),
    ],
    ids=["no order", "an order of equals", "an order through a join", "distinct", "groups"],
)
def test_whoever_asks_for_no_order_gets_the_last_first(names):
    assert list(names) == ["third", "second", "first"]


def test_a_part_of_them_and_the_last_of_equals_are_others_too():
    assert [row.name for row in Organisation.objects.all()[:1]] == ["third"]
    assert Organisation.objects.order_by("kind").first().name == "third"
    assert Organisation.objects.order_by("kind").last().name == "first"
    places = Membership.objects.select_related("organisation")
    assert [place.organisation.name for place in places] == ["third", "second", "first"]


def test_an_order_that_was_asked_for_stays():
    names = ["first", "second", "third"]
    assert list(NAMES.order_by("name")) == names
    assert list(NAMES.order_by("name").reverse()) == names[::-1]
    assert list(NAMES.order_by("name").distinct()) == names


@on_sqlite
def test_a_statement_written_by_hand_gets_the_last_first():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM accounts_organisation")
        assert [name for (name,) in cursor.fetchall()] == ["third", "second", "first"]
