# ruff: noqa: SLF001 - `_meta` and `_base_manager` are names of Django's documented interface
"""All rows of the database as text, the same from SQLite and from PostgreSQL.

Written by the program rather than by the database's own tool, a backup of one database can be
restored into the other.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from totalize.kernel.errors import InputError

# Made anew by the program (content types), or of no use elsewhere (who is signed in right now).
LEFT_OUT = frozenset({"contenttypes", "auth", "sessions"})
LEFT_OUT_TABLES = frozenset({"accounts.opensession"})
_BATCH = 500


class _Exact(DjangoJSONEncoder):
    """Moments to the microsecond: the log's digests are made over them."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def tables() -> dict[str, type[models.Model]]:
    """Return what is backed up, by its name."""
    return {
        model._meta.label_lower: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and not model._meta.proxy
        and model._meta.app_label not in LEFT_OUT
        and model._meta.label_lower not in LEFT_OUT_TABLES
    }


def migrations() -> list[str]:
    """Return which version of the tables this is."""
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything as it is at one moment, while others go on writing."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        # The service's own transactions take the writer's place at once; a reader must not.
        own: Any = connections[DEFAULT_DB_ALIAS]  # its mode is SQLite's own and nobody's type
        mode = own.transaction_mode
        own.transaction_mode = None
        try:
            with transaction.atomic():
                yield
        finally:
            own.transaction_mode = mode
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def write_rows(model: type[models.Model], file: IO[bytes]) -> int:
    """Write a table, one row a line; return how many."""
    rows = model._base_manager.order_by(model._meta.pk.name)
    text = io.TextIOWrapper(file, encoding="utf-8", write_through=True)
    count = 0

    def counted() -> Iterator[models.Model]:
        nonlocal count
        for row in rows.iterator(chunk_size=_BATCH):
            count += 1
            yield row

    serializers.serialize("jsonl", counted(), stream=text, cls=_Exact)
    text.detach()  # who opened the file closes it
    return count


def read_rows(file: IO[bytes]) -> int:
    """Add the rows of a table; call it inside a transaction, in which the order does not matter."""
    count = 0
    for row in serializers.deserialize("jsonl", io.TextIOWrapper(file, encoding="utf-8")):
        row.object.save_base(raw=True, force_insert=True)
        for name, values in (row.m2m_data or {}).items():
            getattr(row.object, name).set(values)
        count += 1
    return count


def be_readable() -> None:
    """Make sure that the tables are there.

    Raises:
        InputError: the database can't be reached or holds no installation of this version.
    """
    try:
        migrations()
        is_empty()
    except DatabaseError as error:
        problem = f"cannot be read: {str(error).strip().splitlines()[0]}"
        raise InputError("database", problem, code="no_database") from None


def is_empty() -> bool:
    """Tell whether the database holds nobody's data."""
    return not any(model._base_manager.exists() for model in tables().values())


def count_on() -> None:
    """Let the database's counters go on after the highest number that was restored."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables().values())):
            cursor.execute(statement)
