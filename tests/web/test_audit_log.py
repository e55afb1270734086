"""The log shows every change that was made to it: altered, dropped, added between, reordered."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError, connection, transaction
from factories import make_user

from totalize.kernel.errors import InputError
from totalize.web.audit import notes, published, selectors, triggers
from totalize.web.audit.models import Checkpoint, Entry, Head
from totalize.web.audit.services import BrokenLogError, make_checkpoint, record, verify
from totalize.web.audit.tree import plant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("installation")]


def write_entries(count: int, act: str = "application.submit") -> None:
    for number in range(count):
        record(act, actor=None, subject=f"application:{number}", facts={"from": "draft"})


@pytest.fixture
def tampered():
    """The owner of the database takes the triggers away."""
    triggers.remove(connection)
    yield
    triggers.install(connection)


def codes(report) -> set[str]:
    return {problem.code for problem in report.problems}


def rfc9162_root(leaves: list[bytes]) -> bytes:
    """Source: RFC 9162, section 2.1.1, written from the text for this test."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    left, right = rfc9162_root(leaves[:half]), rfc9162_root(leaves[half:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def rfc9162_proves(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Source: RFC 9162, section 2.1.3.2, written from the text for this test."""
    place, last = index, size - 1
    digest = hashlib.sha256(b"\x00" + leaf).digest()
    for other in path:
        if last == 0:
            return False
        if place % 2 or place == last:
            digest = hashlib.sha256(b"\x01" + other + digest).digest()
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            digest = hashlib.sha256(b"\x01" + digest + other).digest()
        place, last = place >> 1, last >> 1
    return last == 0 and digest == root


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 13, 64, 65])
def test_the_tree_is_hashed_as_the_rfc_says_and_proves_each_of_its_leaves(size):
    leaves = [f"leaf {number}" for number in range(size)]
    tree = plant(leaves)
    assert tree.get_root() == rfc9162_root([leaf.encode() for leaf in leaves])
    for index, leaf in enumerate(leaves):
        path = tree.path(index, size)
        assert rfc9162_proves(leaf.encode(), index, size, path, tree.get_root())
        assert not rfc9162_proves(b"other", index, size, path, tree.get_root())


def test_a_log_that_nobody_touched_is_whole():
    write_entries(5)
    make_checkpoint()
    write_entries(3)
    report = verify()
    assert report.whole
    assert (report.entries, report.covered, report.checkpoints) == (8, 5, 1)


def test_entries_before_the_first_checkpoint_are_whole_and_covered_by_none():
    write_entries(2)
    assert verify().to_dict() | {"root": ""} == {
        "whole": True,
        "entries": 2,
        "checkpoints": 0,
        "covered": 0,
        "root": "",
        "problems": [],
    }


def test_an_empty_log_is_whole_and_nothing_is_signed_over_it():
    assert make_checkpoint() is None
    assert verify().whole


def test_a_checkpoint_is_a_signed_note_and_stands_outside_the_database_too():
    write_entries(3)
    made = make_checkpoint()
    assert make_checkpoint() is None, "no entry came since"
    assert published.file_of(3).read_text(encoding="utf-8") == made.note
    text, signature = made.note.split("\n\n")
    origin, size, root, _ = text.split("\n")
    assert (origin, size) == ("testserver/log", "3")
    leaves = [
        leaf.encode() for leaf in Entry.objects.order_by("sequence").values_list("leaf", flat=True)
    ]
    assert base64.b64decode(root) == rfc9162_root(leaves)
    dash, name, encoded = signature.strip().split(" ")
    raw = base64.b64decode(encoded)
    key = published.public_key()
    identifier = hashlib.sha256(f"{name}\n\x01".encode() + key.public_bytes_raw()).digest()[:4]
    assert (dash, name, raw[:4]) == ("—", origin, identifier)
    key.verify(raw[4:], f"{text}\n".encode())


@pytest.mark.parametrize("table", ["audit_entry", "audit_checkpoint"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {}", "DELETE FROM {}", "replace"])
def test_the_database_itself_refuses_to_change_or_drop(table, change):
    write_entries(2)
    make_checkpoint()
    column = "actor = 'nobody'" if table == "audit_entry" else "root = ''"
    if change == "replace" and connection.vendor == "sqlite":
        change = "INSERT OR REPLACE INTO {0} SELECT * FROM {0}"
    elif change == "replace":
        change = "TRUNCATE {}"
    with (
        pytest.raises(DatabaseError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(table, column))
    assert verify().whole


@pytest.mark.usefixtures("tampered")
class TestTamperingByTheOwnerOfTheDatabase:
    @pytest.fixture(autouse=True)
    def _log(self, installation):
        write_entries(6)
        make_checkpoint()
        write_entries(2)
        make_checkpoint()
        write_entries(1)

    @pytest.mark.parametrize(
        "change",
        [
            {"actor": "user:other"},
            {"act": "application.refuse"},
            {"subject": "application:99"},
        ],
    )
    def test_a_column_that_was_altered_is_found(self, change):
        Entry.objects.filter(sequence=2).update(**change)
        assert [(p.code, p.where) for p in verify().problems] == [("differs", "entry 2")]

    def test_a_time_that_was_altered_is_found(self):
        entry = Entry.objects.get(sequence=2)
        Entry.objects.filter(sequence=2).update(at=entry.at + timedelta(microseconds=1))
        assert codes(verify()) == {"differs"}

    def test_an_entry_rewritten_with_its_text_is_found_by_the_checkpoints(self):
        entry = Entry.objects.get(sequence=2)
        leaf = json.loads(entry.leaf)
        leaf["subject"] = "application:99"
        text = json.dumps(leaf, sort_keys=True, separators=(",", ":"))
        Entry.objects.filter(sequence=2).update(subject="application:99", leaf=text)
        assert codes(verify()) == {"root_differs"}
        write_entries(1)
        with pytest.raises(BrokenLogError):
            make_checkpoint()

    def test_facts_altered_in_the_text_alone_are_found(self):
        entry = Entry.objects.get(sequence=2)
        Entry.objects.filter(sequence=2).update(leaf=entry.leaf.replace("draft", "asked"))
        assert codes(verify()) == {"root_differs"}

    def test_a_text_in_another_form_is_found(self):
        entry = Entry.objects.get(sequence=8)
        Entry.objects.filter(sequence=8).update(leaf=entry.leaf.replace(":", ": ", 1))
        assert codes(verify()) == {"not_canonical"}

    def test_an_entry_dropped_from_the_middle_is_found(self):
        Entry.objects.filter(sequence=3).delete()
        assert ("missing", "entry 3") in [(p.code, p.where) for p in verify().problems]
        with pytest.raises(BrokenLogError):
            make_checkpoint()

    def test_a_gap_closed_by_renumbering_is_found(self):
        Entry.objects.filter(sequence=3).delete()
        for entry in Entry.objects.filter(sequence__gt=3).order_by("sequence"):
            leaf = json.loads(entry.leaf) | {"sequence": entry.sequence - 1}
            text = json.dumps(leaf, sort_keys=True, separators=(",", ":"))
            Entry.objects.filter(sequence=entry.sequence).update(
                sequence=entry.sequence - 1, leaf=text
            )
        Head.objects.update(size=8)
        assert "root_differs" in codes(verify())

    def test_two_entries_that_changed_places_are_found(self):
        second, third = Entry.objects.filter(sequence__in=(2, 3)).order_by("sequence")
        for entry, sequence in ((second, 3), (third, 2)):
            leaf = json.loads(entry.leaf) | {"sequence": sequence}
            Entry.objects.filter(sequence=sequence).update(
                at=entry.at,
                subject=entry.subject,
                leaf=json.dumps(leaf, sort_keys=True, separators=(",", ":")),
            )
        assert codes(verify()) == {"root_differs"}

    def test_a_dropped_tail_is_found_by_the_counter(self):
        Entry.objects.filter(sequence=8).delete()
        assert codes(verify()) == {"dropped_tail"}

    def test_a_dropped_tail_with_the_counter_and_its_checkpoint_is_found_outside(self):
        Entry.objects.filter(sequence__gte=6).delete()
        Checkpoint.objects.filter(size=8).delete()
        Head.objects.update(size=6)
        assert [(p.code, p.where) for p in verify().problems] == [
            ("shorter", "checkpoints/000000000008.txt")
        ]

    def test_an_entry_slipped_in_behind_the_counter_is_found(self):
        Head.objects.update(size=8)
        assert codes(verify()) == {"beyond_head"}

    def test_a_checkpoint_signed_by_another_key_is_found(self):
        row = Checkpoint.objects.get(size=6)
        said = notes.open_note(row.note, published.public_key())
        note = notes.sign(said, Ed25519PrivateKey.generate())
        Checkpoint.objects.filter(size=6).update(note=note)
        assert "bad_signature" in codes(verify())

    def test_a_checkpoint_whose_columns_were_altered_is_found(self):
        Checkpoint.objects.filter(size=6).update(root="00" * 32)
        assert codes(verify()) == {"wrong_columns"}

    def test_a_published_checkpoint_that_was_dropped_or_altered_is_found(self):
        published.file_of(6).unlink()
        path = published.file_of(8)
        path.write_text(path.read_text(encoding="utf-8").replace("\n8\n", "\n7\n"), "utf-8")
        assert codes(verify()) == {"not_published", "published_differs", "bad_signature"}

    def test_a_copy_kept_elsewhere_shows_what_was_rewritten_everywhere(self, tmp_path):
        kept = tmp_path / "kept"
        kept.mkdir()
        (kept / "mine.txt").write_text(published.file_of(8).read_text("utf-8"), "utf-8")
        # Somebody with the key and the folder rewrites the whole history.
        Checkpoint.objects.all().delete()
        Entry.objects.filter(sequence__gte=4).delete()
        Head.objects.update(size=4)
        for path in published.folder().iterdir():
            path.unlink()
        make_checkpoint()
        assert verify().whole
        assert codes(verify(kept)) == {"shorter"}

    def test_a_published_key_that_is_not_the_logs_own_is_found(self):
        other = Ed25519PrivateKey.generate().public_key()
        path = published.folder().parent / "log-key"
        path.write_text(notes.verifier_key("testserver/log", other), encoding="utf-8")
        assert codes(verify()) == {"wrong_key"}


def test_without_the_private_key_the_published_one_checks(installation):
    write_entries(2)
    make_checkpoint()
    installation.drop_key("log")
    assert verify().whole
    (published.folder().parent / "log-key").unlink()
    assert codes(verify()) == {"no_key"}


@pytest.mark.parametrize("text", ["", "a\nb", "o\n1\n!!\nmade x\n\n— o x\n", "o\n1\nAA==\n\n"])
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(InputError, match="no checkpoint"):
        notes.open_note(text, Ed25519PrivateKey.generate().public_key())


def test_the_public_key_in_one_line_reads_back_and_a_changed_one_does_not():
    key = Ed25519PrivateKey.generate().public_key()
    line = notes.verifier_key("example.org/log", key)
    assert notes.read_verifier_key(line) == key
    for changed in (line.replace("org", "net"), line[:-4], "nothing"):
        with pytest.raises(InputError):
            notes.read_verifier_key(changed)


def test_an_auditor_reads_filters_checks_and_fetches_proofs(client):
    auditor = make_user("auditor")
    write_entries(60)
    record("number.revealed", actor=auditor, subject="person:1", facts={})
    make_checkpoint()
    client.force_login(auditor)
    first = client.get("/log/")
    assert b"Page 1 of 2" in first.content
    narrow = client.get("/log/", {"act": "number."})
    assert b"1 entries" in narrow.content
    assert b"application.submit" not in narrow.content
    proof = client.get("/log/entries/60/proof.json").json()
    checkpoint = notes.open_note(proof["checkpoint"], published.public_key())
    path = [bytes.fromhex(digest) for digest in proof["path"]]
    assert rfc9162_proves(proof["leaf"].encode(), 60, 61, path, checkpoint.root)
    assert b"The log is whole" in client.post("/log/check/").content
    triggers.remove(connection)
    Entry.objects.filter(sequence=5).update(actor="user:x")
    assert b"entry 5" in client.post("/log/check/").content
    triggers.install(connection)


def test_anybody_fetches_checkpoints_and_the_key_but_not_the_log(client):
    write_entries(2)
    made = make_checkpoint()
    assert client.get("/log/checkpoint").content.decode() == made.note
    assert client.get("/log/checkpoints/2").content.decode() == made.note
    assert client.get("/log/checkpoints/3").status_code == 404
    line = client.get("/log/key").content.decode()
    notes.open_note(made.note, notes.read_verifier_key(line))
    assert client.get("/log/").status_code == 302
    client.force_login(make_user())
    assert client.get("/log/").status_code == 403


def test_an_entry_without_a_checkpoint_or_that_is_not_there_has_no_proof():
    write_entries(1)
    with pytest.raises(InputError, match="checkpoint"):
        selectors.prove(0)
    with pytest.raises(InputError, match="no entry"):
        selectors.prove(7)
