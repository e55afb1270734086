"""One installation for the tests: a folder of its own, and the database that is named.

Without `DATABASE_URL` the embedded database is used, with it PostgreSQL: the same tests.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import django
import pytest
import time_machine
import unasked_order

from totalize.coverage.determine import Determiner

os.environ["TOTALIZE_DATA_DIR"] = tempfile.mkdtemp(prefix="totalize-tests-")
Path(os.environ["TOTALIZE_DATA_DIR"], "static").mkdir()
os.environ["DJANGO_SETTINGS_MODULE"] = "totalize.web.config.settings"
os.environ["TOTALIZE_ADDRESS"] = "http://testserver"
os.environ["TOTALIZE_HOSTS"] = "testserver,localhost,127.0.0.1"
django.setup()


def pytest_configure(config: pytest.Config) -> None:
    """Let each worker read the settings for itself, after it has a folder of its own.

    Django's plugin reads them at once where it is told of them, and that would be this folder.
    """
    if getattr(config.option, "numprocesses", None):
        del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(os.environ["TOTALIZE_DATA_DIR"], ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix) -> None:
    """Keep the embedded database in a file, as it is when it serves: threads share it properly.

    PostgreSQL's can't be removed while a thread holds a connection for later.
    """
    from django.db import connection

    connection.settings_dict["CONN_MAX_AGE"] = 0
    if connection.vendor == "sqlite":
        # Nothing has to outlive a failure of power here.
        options = connection.settings_dict["OPTIONS"]
        options["init_command"] = options["init_command"].replace("FULL", "OFF")
        options["init_command"] += unasked_order.SQLITE
        folder = Path(os.environ["TOTALIZE_DATA_DIR"])
        connection.settings_dict["TEST"]["NAME"] = str(folder / "tests.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _request_key_is_good_on_every_day() -> None:
    """Make the key before the earliest day of any test: it is good for ten years from then on."""
    from totalize.web.applications.requestkey import request_key

    with time_machine.travel("2026-01-01T00:00:00Z"):
        request_key()


@pytest.fixture(scope="session", autouse=True)
def _log_is_emptied_between_tests() -> Iterator[None]:
    """Take the triggers of the log away while a test that committed is cleaned up."""
    from django.db import connection
    from django.test import TransactionTestCase

    from totalize.web.audit import triggers

    clean_up = TransactionTestCase._fixture_teardown

    def emptied(case: TransactionTestCase) -> None:
        triggers.remove(connection)
        try:
            clean_up(case)
        finally:
            triggers.install(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptied)
        yield


@pytest.fixture(scope="session", autouse=True)
def _nothing_leans_on_an_order_it_did_not_ask_for() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        unasked_order.turn_around(patch)
        yield


@pytest.fixture
def installation(tmp_path, settings):
    """Give a test an installation folder of its own: keys, uploads, published files."""
    settings.INSTALLATION = replace(settings.INSTALLATION, data_dir=tmp_path)
    return settings.INSTALLATION


@pytest.fixture
def standing_clock() -> Iterator[time_machine.Traveller]:
    """Let the clock stand: what is good for half a minute is good as long as a test takes."""
    with time_machine.travel(datetime(2027, 3, 1, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _tests_of_the_web(settings) -> None:
    """Answer at once: passwords that are quick to check, tasks that run where they are queued."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture
def decided(monkeypatch):
    """The cases that were decided, in order."""
    cases = []
    decide = Determiner.decide

    def noted(self, case, *given, **options):
        cases.append(case)
        return decide(self, case, *given, **options)

    monkeypatch.setattr(Determiner, "decide", noted)
    return cases
