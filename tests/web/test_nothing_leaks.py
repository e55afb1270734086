"""Personal numbers are nowhere in clear: database, files, mails, logs, pages, errors."""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from datetime import date
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from factories import make_application, make_user
from objects import make_world
from offices import set_up_office

from totalize.kernel.errors import InputError
from totalize.web.audit.models import Entry
from totalize.web.audit.services import make_checkpoint
from totalize.web.pages.logs import WithoutNumbers
from totalize.web.people.services import keep_number, reveal

pytestmark = pytest.mark.django_db
NUMBER = "078-05-1120"
FOREIGN = "65 170839 J 008"
BORN = date(1985, 4, 2)
WAYS_TO_WRITE = ("078-05-1120", "078051120", "078 05 1120", "65170839J008", "65 170839 J 008")
BIRTHDAYS = ("1985-04-02", "19850402", "04/02/1985", "02.04.1985", "April 2, 1985", "2 April 1985")
ENDING = re.compile(r"(?<![0-9a-zA-Z])(1120|J008|J 008)(?![0-9a-zA-Z])")


def needles() -> dict[str, bytes]:
    """Return everything that would give a number away: itself, and its digests without a key."""
    found: dict[str, bytes] = {}
    for text in WAYS_TO_WRITE:
        raw = text.encode()
        found[text] = raw
        found[f"base64 of {text}"] = base64.b64encode(raw).rstrip(b"=")
        found[f"hex of {text}"] = raw.hex().encode()
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
            digest = hashlib.new(name, raw).digest()
            found[f"{name} of {text}"] = digest
            found[f"{name} of {text}, hex"] = digest.hex().encode()
            found[f"{name} of {text}, base64"] = base64.b64encode(digest).rstrip(b"=")
    return found


def leaks(data: bytes) -> list[str]:
    found = [name for name, needle in needles().items() if needle in data]
    text = data.decode("utf-8", "ignore")
    if ENDING.search(text) and any(day in text for day in BIRTHDAYS):
        found.append("last four and birth date")
    return found


def rows() -> list[tuple[str, bytes]]:
    """Return every row of every table as bytes."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                cells = [
                    bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
                    for cell in row
                ]
                found.append((table, b"\x1f".join(cells)))
    return found


@pytest.fixture
def flow(installation, caplog):
    """An application's whole life, with a number read by an officer, and everything that logs."""
    caplog.set_level(logging.DEBUG)
    with time_machine.travel("2027-01-15T09:30:00Z", tick=False):
        set_up_office()
        cache.clear()
        world = make_world()
        person = world.application.person
        person.birth_date = BORN
        person.save()
        keep_number(person, "US", NUMBER)
        keep_number(person, "DE", FOREIGN)
        reveal(
            person,
            "US",
            by=world.actors["supervisor"],
            reason=f"the worker says it is {NUMBER}",
        )
        make_checkpoint()
        yield world


def test_the_search_finds_what_it_is_looking_for():
    assert leaks(b"x078-05-1120x") == ["078-05-1120"]
    assert leaks(b"1985-04-02 ... ending 1120") == ["last four and birth date"]
    assert leaks(hashlib.sha256(b"078051120").hexdigest().encode())
    assert not leaks(b"1985-04-02 and a1120b")


def test_the_whole_database_gives_no_number_away(flow):
    found = [(table, leaks(row)) for table, row in rows()]
    assert len(found) > 100
    assert [(table, what) for table, what in found if what] == []


def test_no_file_of_the_installation_gives_a_number_away(flow, installation):
    files = [path for path in installation.data_dir.rglob("*") if path.is_file()]
    assert len([path for path in files if "uploads" in path.parts]) == 2
    assert [
        (str(path), leaks(path.read_bytes())) for path in files if leaks(path.read_bytes())
    ] == []


def test_no_mail_and_no_log_line_gives_a_number_away(
    flow, caplog, django_capture_on_commit_callbacks
):
    for message in mail.outbox:
        assert leaks(f"{message.subject}\n{message.body}".encode()) == []
    for line in caplog.messages:
        assert leaks(line.encode()) == []


def test_the_log_of_acts_holds_identifiers_and_codes_only(flow):
    people = {user.email for user in flow.actors.values() if hasattr(user, "email")}
    for leaf in Entry.objects.values_list("leaf", flat=True):
        assert not [email for email in people if email in leaf]
        assert "Ada Example" not in leaf
        assert leaks(leaf.encode()) == []


def test_pages_of_the_desk_show_a_number_masked_until_it_is_asked_for(flow):
    client = Client()
    client.force_login(
        flow.actors["caseworker"], backend="django.contrib.auth.backends.ModelBackend"
    )
    page = client.get(f"/desk/{flow.objects['desk:application_id']}/")
    assert page.status_code == 200
    assert not [text for text in WAYS_TO_WRITE if text in page.content.decode()]


def test_a_fault_says_nothing_of_what_was_entered(flow, monkeypatch):
    from totalize.web.accounts import views

    def fail(*_args, **_named):
        error = f"cannot read {NUMBER} of a person born 1985-04-02"
        raise RuntimeError(error)

    monkeypatch.setattr(views.selectors, "factors_of", fail)
    client = Client(raise_request_exception=False)
    client.force_login(flow.actors["worker"], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/people/account/")
    assert answer.status_code == 500
    assert leaks(answer.content) == []
    assert b"RuntimeError" not in answer.content
    assert b"Traceback" not in answer.content


def test_who_was_refused_what_is_in_the_log_without_a_name(client, caplog):
    user = make_user(full_name="Ada Example")
    client.force_login(user)
    assert client.get("/log/").status_code == 403
    [line] = [each for each in caplog.messages if each.startswith("refused")]
    assert line == f"refused log:entries to user:{user.id}"


def test_who_asked_for_what_is_not_theirs_is_in_the_log_without_a_name(client, caplog):
    user, application = make_user(full_name="Ada Example"), make_application()
    client.force_login(user)
    assert client.get(f"/applications/{application.id}/").status_code == 404
    [line] = [each for each in caplog.messages if each.startswith("nothing")]
    assert line == f"nothing for applications:detail to user:{user.id}"


def test_a_log_line_with_a_number_is_masked_with_its_traceback():
    try:
        raise InputError("number", "is wrong", value=NUMBER)
    except InputError as error:
        line = logging.LogRecord(
            "x", 40, "f", 1, "no %s and %s", (NUMBER, 123456789), (type(error), error, None)
        )
    assert WithoutNumbers().filter(line)
    text = logging.Formatter().format(line)
    assert "1120" not in text
    assert text.count("[number]") >= 2


def test_keys_lie_outside_of_the_database_and_for_their_owner_only(flow, installation):
    keys = list((installation.data_dir / "keys").iterdir())
    assert {path.stat().st_mode & 0o077 for path in keys} == {0}
    content = b"".join(row for _, row in rows())
    for path in keys:
        key = path.read_bytes()
        assert key not in content
        assert key.hex().encode() not in content
        assert base64.b64encode(key) not in content
    assert Path(installation.data_dir).stat().st_mode
