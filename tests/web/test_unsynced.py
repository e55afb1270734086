"""What does not wait for the disk is whole, and stands in a transaction of its own."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from totalize.web.unsynced import unsynced
from totalize.web.verify.models import Attempts

pytestmark = pytest.mark.django_db(transaction=True)


def waits():
    """Return how this connection waits for the disk."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous")
            return {2: "on", 1: "off"}[cursor.fetchone()[0]]
        cursor.execute("SHOW synchronous_commit")
        return cursor.fetchone()[0]


@pytest.fixture(autouse=True)
def synced():
    """Have a connection that waits, as one that is kept does."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous=FULL")
        else:
            cursor.execute("SET synchronous_commit TO ON")
    yield
    connection.close()


def write():
    Attempts.objects.create(key="a", count=1, ends_at=timezone.now())


def write_twice():
    with unsynced():
        write()
        write()


def test_only_what_is_inside_does_not_wait():
    assert waits() == "on"
    with unsynced():
        write()
        assert waits() == "off"
    assert waits() == "on"
    assert Attempts.objects.count() == 1


def test_what_fails_is_not_written_and_the_next_waits_again():
    with pytest.raises(IntegrityError):
        write_twice()
    assert not Attempts.objects.exists()
    assert waits() == "on"


def test_it_takes_nothing_along_that_has_to_last():
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        write_twice()
    assert not Attempts.objects.exists()
    assert waits() == "on"
