"""Writing what is not worth waiting for the disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def unsynced() -> Iterator[None]:
    """Write in a transaction of its own that does not wait for the disk.

    Others see it at once, and a process or a database that ends loses nothing of it. Only when the
    power goes may the writings of the last moment be lost, each of them whole. It is for counts
    that end by themselves; what somebody was told is done, or stands in the log, waits.
    """
    # In a test the transaction around it is open already, and SQLite allows no change in one.
    lenient = connection.vendor == "sqlite" and not connection.in_atomic_block
    if lenient:
        _set("PRAGMA synchronous=NORMAL")
    try:
        # Durable: within another transaction it would take what that one writes along.
        with transaction.atomic(durable=True):
            if connection.vendor == "postgresql":
                _set("SET LOCAL synchronous_commit TO OFF")
            yield
    finally:
        if lenient:
            _set("PRAGMA synchronous=FULL")


def _set(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
