"""A backup, made while the service runs, and an installation made from it on another machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import zipfile
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection
from factories import (
    give_second_factor,
    make_application,
    make_organisation,
    make_person,
    make_user,
)

from totalize.kernel.errors import InputError
from totalize.web.accounts.models import User
from totalize.web.audit.models import Entry
from totalize.web.audit.services import make_checkpoint, record
from totalize.web.backup.making import make_backup
from totalize.web.backup.secrets import open_files, seal_files
from totalize.web.people.services import keep_number
from totalize.web.people.vault import seal

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "078-05-1120"
PASSPHRASE = "a long enough passphrase"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

# Run in the restored installation: what is there, and whether it opens.
LOOK = """
import json
from totalize.web.serving import setup
setup.load_settings(None, "localhost", 8000)
from django.conf import settings
from totalize.kernel.errors import InputError
from totalize.web.accounts.models import Membership, User
from totalize.web.applications.models import Application
from totalize.web.audit.models import Entry
from totalize.web.audit.services import record
from totalize.web.people.models import Person
from totalize.web.people.services import known_people, number_for_document
from totalize.web.people.vault import unseal
def tried(call):
    try:
        return call()
    except InputError as error:
        return error.code
person = Person.objects.get(full_name="Ada Kept")
upload = settings.INSTALLATION.uploads / "ab" / "one.sealed"
seen = {
    "users": sorted(User.objects.values_list("email", flat=True)),
    "roles": sorted(Membership.objects.values_list("role", flat=True)),
    "cases": [each.case["work"][0]["id"] for each in Application.objects.all()],
    "entries": list(Entry.objects.order_by("sequence").values_list("leaf", flat=True)),
    "number": tried(lambda: number_for_document(person, "US")),
    "known": tried(lambda: [each.full_name for each in known_people("US", "078051120")]),
    "upload": tried(lambda: unseal(person, "upload:one", upload.read_bytes()).decode()),
    "password": User.objects.get(email="ada@example.org").password,
}
# Counters of rows go on behind the restored ones.
user = User.objects.first()
from totalize.web.accounts.models import Organisation
Membership.objects.create(user=user, organisation=Organisation.objects.create(name="New"))
record("test.after", actor=None, subject="test")
print(json.dumps(seen))
"""


@pytest.fixture
def filled(installation):
    """An installation with accounts, a number, an upload and a signed log."""
    worker, owner = make_user(email="ada@example.org"), make_user(email="olivia@example.org")
    person = make_person(full_name="Ada Kept", account=worker)
    keep_number(person, "US", NUMBER)
    make_application(worker, person=person, employer=make_organisation(owner))
    folder = installation.uploads / "ab"
    folder.mkdir(parents=True)
    (folder / "one.sealed").write_bytes(seal(person, "upload:one", b"a document"))
    (installation.data_dir / "authority.yaml").write_text("office: {}\n", encoding="utf-8")
    (installation.data_dir / "office.p12").write_bytes(b"the office's signing key")
    record("application.submit", actor=worker, subject="application:1")
    record("application.issue", actor=owner, subject="application:1")
    make_checkpoint()
    return installation


@pytest.fixture
def elsewhere(tmp_path):
    """Another machine: an empty folder, and an empty database where the tests use a server."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TOTALIZE_", "DJANGO_", "DATABASE_URL"))
    }
    folder = tmp_path / "elsewhere"
    name = f"restored_{uuid4().hex[:12]}"
    if connection.vendor == "postgresql":
        base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
        environment["DATABASE_URL"] = f"{base}/{name}"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
    environment["TOTALIZE_DATA_DIR"] = str(folder)

    def run(*words, **more):
        return subprocess.run(
            [sys.executable, *words],
            env=environment | more,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    run.folder = folder
    yield run
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def look(elsewhere):
    answer = elsewhere("-c", LOOK)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def test_an_installation_comes_up_whole_on_another_machine(filled, elsewhere, tmp_path):
    backup = tmp_path / "all.backup"
    made = make_backup(backup, NOW, PASSPHRASE)
    assert (made.keys, made.entries) == (True, Entry.objects.count())
    assert backup.stat().st_mode & 0o077 == 0
    assert NUMBER.encode() not in backup.read_bytes()
    answer = elsewhere(
        "-m", "totalize", "restore", str(backup), "--data-dir", str(elsewhere.folder), "--json",
        TOTALIZE_PASSPHRASE=PASSPHRASE,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["log_whole"] is True
    assert (elsewhere.folder / "office.p12").read_bytes() == b"the office's signing key"
    assert (elsewhere.folder / "keys" / "master.key").stat().st_mode & 0o077 == 0
    seen = look(elsewhere)
    assert seen == {
        "users": ["ada@example.org", "olivia@example.org"],
        "roles": ["owner"],
        "cases": ["munich"],
        "entries": list(Entry.objects.order_by("sequence").values_list("leaf", flat=True)),
        "number": NUMBER,
        "known": ["Ada Kept"],
        "upload": "a document",
        "password": User.objects.get(email="ada@example.org").password,
    }
    checked = elsewhere("-m", "totalize", "audit", "verify", "--data-dir", str(elsewhere.folder))
    assert checked.returncode == 0, checked.stderr
    assert "whole" in checked.stdout


def test_without_the_keys_everything_comes_up_but_no_number_opens_until_they_are_there(
    filled, elsewhere, tmp_path
):
    backup = tmp_path / "rows.backup"
    make_backup(backup, NOW)
    with zipfile.ZipFile(backup) as archive:
        names = archive.namelist()
    assert not [name for name in names if "key" in name.rpartition("/")[2] and "log-key" not in name
                and not name.startswith("rows/")]  # fmt: skip
    answer = elsewhere(
        "-m", "totalize", "restore", str(backup), "--data-dir", str(elsewhere.folder)
    )
    assert answer.returncode == 0, answer.stderr
    assert "No keys were in it" in answer.stderr
    assert look(elsewhere)["number"] == "sealed"
    for name in ("master", "lookup"):
        kept = elsewhere.folder / "keys" / f"{name}.key"
        kept.write_bytes((filled.data_dir / "keys" / f"{name}.key").read_bytes())
    seen = look(elsewhere)
    assert (seen["number"], seen["upload"]) == (NUMBER, "a document")


def test_nothing_is_overwritten_and_nothing_half_is_left(filled, elsewhere, tmp_path):
    backup = tmp_path / "one.backup"
    make_backup(backup, NOW, PASSPHRASE)
    with pytest.raises(InputError, match="there already"):
        make_backup(backup, NOW)
    restore = ("-m", "totalize", "restore", str(backup), "--data-dir", str(elsewhere.folder))
    wrong = elsewhere(*restore, TOTALIZE_PASSPHRASE="another passphrase")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "does not open the keys" in wrong.stderr
    assert not elsewhere.folder.exists()
    assert elsewhere(*restore).returncode == 2, "no passphrase and nobody to ask"
    elsewhere.folder.mkdir()
    (elsewhere.folder / "mine").write_text("x", encoding="utf-8")
    taken = elsewhere(*restore, TOTALIZE_PASSPHRASE=PASSPHRASE)
    assert (taken.returncode, taken.stdout) == (2, "")
    assert "is not empty" in taken.stderr
    assert [each.name for each in tmp_path.iterdir() if "partial" in each.name] == []


@pytest.mark.parametrize(
    "fault", ["row", "added", "dropped", "escape", "cut", "other", "list", "table"]
)
def test_a_damaged_backup_is_refused_before_anything_is_made(filled, tmp_path, fault):
    from totalize.web.backup.restoring import restore_backup

    backup, bad = tmp_path / "good.backup", tmp_path / "bad.backup"
    make_backup(backup, NOW)
    if fault == "cut":
        bad.write_bytes(backup.read_bytes()[:-200])
    elif fault == "other":
        bad.write_text("no backup", encoding="utf-8")
    else:
        with zipfile.ZipFile(backup) as source, zipfile.ZipFile(bad, "w") as target:
            for name in source.namelist():
                data = source.read(name)
                if name == "rows/accounts.user.jsonl" and fault == "row":
                    data = data.replace(b"ada@", b"eve@")
                if name == "manifest.json" and fault == "list":
                    data = b"[1]"
                if name == "manifest.json" and fault == "table":
                    data = data.replace(b'"audit.entry"', b'"audit.nothing"')
                if not (name == "rows/audit.entry.jsonl" and fault == "dropped"):
                    target.writestr(name, data)
            if fault in ("added", "escape"):
                target.writestr("files/new" if fault == "added" else "files/../../x", b"x")

    def never(_):
        pytest.fail("started")

    with pytest.raises(InputError, match="damaged"):
        restore_backup(bad, tmp_path / "restored", never)
    assert not (tmp_path / "restored").exists()


def test_a_backup_is_of_one_moment_while_others_write(filled, tmp_path, monkeypatch):
    """Another connection adds entries while the rows are being read; the backup has none or all."""
    from totalize.web.backup import rows

    write, done = rows.write_rows, threading.Event()

    def add():
        try:
            record("test.meanwhile", actor=None, subject="test")
            make_user(email="late@example.org")
        finally:
            connection.close()
            done.set()

    def write_and_let_others(model, file):
        count = write(model, file)
        if not done.is_set():
            other = threading.Thread(target=add)
            other.start()
            other.join()
        return count

    monkeypatch.setattr(rows, "write_rows", write_and_let_others)
    before = Entry.objects.count()
    made = make_backup(tmp_path / "live.backup", NOW)
    assert done.is_set()
    assert Entry.objects.count() == before + 1
    with zipfile.ZipFile(tmp_path / "live.backup") as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert b"meanwhile" not in archive.read("rows/audit.entry.jsonl")
        assert b"late@" not in archive.read("rows/accounts.user.jsonl")
        assert b"late@" not in archive.read("rows/account.emailaddress.jsonl")
    assert manifest["rows"]["audit.entry"] == before == made.entries


def test_keys_want_a_long_passphrase_and_the_same_again():
    with pytest.raises(InputError, match="too short"):
        seal_files({}, "short")
    sealed = seal_files({"keys/a.key": b"x"}, PASSPHRASE)
    assert open_files(sealed, PASSPHRASE) == {"keys/a.key": b"x"}
    with pytest.raises(InputError, match="does not open"):
        open_files(sealed, PASSPHRASE + "!")


def test_the_commands_refuse_a_folder_that_holds_no_installation(elsewhere, tmp_path):
    for words in (("audit", "verify"), ("backup", "--out", str(tmp_path / "x"))):
        answer = elsewhere("-m", "totalize", *words, "--data-dir", str(tmp_path / "nothing"))
        assert (answer.returncode, answer.stdout) == (2, "")
        assert "holds no installation" in answer.stderr


def test_a_seed_of_codes_is_restored_sealed(filled, tmp_path):
    give_second_factor(make_user())
    make_backup(tmp_path / "x.backup", NOW)
    assert b"JBSWY3DPEHPK3PXP" not in (tmp_path / "x.backup").read_bytes()
    with zipfile.ZipFile(tmp_path / "x.backup") as archive:
        assert b"JBSWY3DPEHPK3PXP" not in archive.read("rows/mfa.authenticator.jsonl")
