"""Checking the log from scratch: whether anything was altered, dropped, added between or reordered.

Nothing stored is believed: the leaves are read again, every root is computed again, and compared
with the signed checkpoints in the database and with those published outside of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from totalize.kernel.errors import InputError
from totalize.web.audit import notes, published
from totalize.web.audit.models import Checkpoint, Entry, Head
from totalize.web.audit.tree import Tree

_MOST_PROBLEMS = 100

_WORDS = {
    "missing": "an entry is missing here",
    "not_canonical": "the text of this entry was altered",
    "differs": "the columns of this entry do not say what its text says",
    "dropped_tail": "entries at the end are missing",
    "beyond_head": "there are entries the counter does not know of",
    "bad_checkpoint": "this is no checkpoint, or it was altered",
    "bad_signature": "this checkpoint is not signed by the log's key",
    "wrong_columns": "the columns of this checkpoint do not say what was signed",
    "root_differs": "the entries under this checkpoint are not those that were signed",
    "shorter": "this checkpoint was made over more entries than there are",
    "not_published": "this checkpoint is not among the published ones",
    "published_differs": "the published checkpoint says something else than the database",
    "no_key": "the key of the log is missing, so no signature can be checked",
    "wrong_key": "the published key is not the log's own",
    "bad_key": "the published key of the log cannot be read",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as it was signed, and where."""

    code: str
    where: str

    @property
    def words(self) -> str:
        """Say it."""
        return _WORDS[self.code]

    def to_dict(self) -> dict[str, str]:
        """Return it for machines."""
        return {"code": self.code, "where": self.where, "problem": self.words}


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of the whole log found.

    Attributes:
        entries: how many were read.
        checkpoints: how many checkpoints were checked, in the database and outside.
        covered: how many entries the last good checkpoint covers; those after it are only
            held by their own texts so far.
        root: the tree's root over all entries, hexadecimal; empty without entries.
        problems: what was found, the first hundred.
    """

    entries: int
    checkpoints: int
    covered: int
    root: str
    problems: tuple[Problem, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "whole": self.whole,
            "entries": self.entries,
            "checkpoints": self.checkpoints,
            "covered": self.covered,
            "root": self.root,
            "problems": [problem.to_dict() for problem in self.problems],
        }


@dataclass(slots=True)
class _Findings:
    problems: list[Problem] = field(default_factory=list)

    def add(self, code: str, where: object) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(code, str(where)))


def verify(kept: Path | None = None) -> Report:
    """Check the whole log.

    Args:
        kept: a folder with checkpoints that somebody fetched earlier and kept elsewhere; they are
            checked beside the installation's own published ones.
    """
    found = _Findings()
    size = Head.objects.values_list("size", flat=True).first() or 0
    tree = Tree()
    for leaf in _leaves(size, found):
        tree.append_entry(leaf.encode())
    there = tree.get_size()
    covered, checked = 0, 0
    try:
        key = published.public_key()
    except InputError as error:
        key = None
        if Checkpoint.objects.exists() or any(published.notes(kept or published.folder())):
            found.add(error.code, "key")
    if key is not None:
        stored = _stored(tree, key, found)
        outside = _outside(tree, key, kept, stored, found)
        checked = len(stored) + len(outside)
        covered = max([*stored, *outside], default=0)
    root = tree.get_root().hex() if there else ""
    return Report(there, checked, covered, root, tuple(found.problems))


def _leaves(size: int, found: _Findings) -> Iterator[str]:
    """Give the leaves in order, and note gaps, altered texts and columns that differ."""
    expected = 0
    for entry in Entry.objects.order_by("sequence").iterator(chunk_size=5000):
        if entry.sequence >= size:
            # Entries added while we read: the next check reads them. More than that is a forgery.
            if entry.sequence >= (Head.objects.values_list("size", flat=True).first() or 0):
                found.add("beyond_head", f"entry {entry.sequence}")
            break
        while expected < entry.sequence:
            found.add("missing", f"entry {expected}")
            if len(found.problems) >= _MOST_PROBLEMS:
                break
            expected += 1
        expected = entry.sequence + 1
        _check_leaf(entry, found)
        yield entry.leaf
    if expected < size:
        found.add("dropped_tail", f"entries {expected} to {size - 1}")


def _check_leaf(entry: Entry, found: _Findings) -> None:
    where = f"entry {entry.sequence}"
    try:
        said = json.loads(entry.leaf)
        again = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        columns = {name: said[name] for name in ("sequence", "at", "actor", "act", "subject")}
    except (ValueError, TypeError, KeyError):
        found.add("not_canonical", where)
        return
    if again != entry.leaf:
        found.add("not_canonical", where)
    if columns != {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "act": entry.act,
        "subject": entry.subject,
    }:
        found.add("differs", where)


def _stored(tree: Tree, key: Ed25519PublicKey, found: _Findings) -> dict[int, str]:
    """Check the database's checkpoints; return the notes of the good ones by size."""
    good: dict[int, str] = {}
    for row in Checkpoint.objects.order_by("size"):
        where = f"checkpoint {row.size}"
        said = _opened(row.note, key, where, found)
        if said is None:
            continue
        if (said.size, said.root.hex(), said.made_at) != (row.size, row.root, row.made_at):
            found.add("wrong_columns", where)
        elif _holds(said, tree, where, found):
            good[row.size] = row.note
        path = published.file_of(row.size)
        if not path.exists():
            found.add("not_published", where)
        elif path.read_text(encoding="utf-8", errors="replace") != row.note:
            found.add("published_differs", where)
    return good


def _outside(
    tree: Tree, key: Ed25519PublicKey, kept: Path | None, stored: dict[int, str], found: _Findings
) -> list[int]:
    """Check the checkpoints outside the database that are no copies of checked ones."""
    good = []
    folders = [published.folder()] if kept is None else [published.folder(), kept]
    for folder in folders:
        for name, note in published.notes(folder):
            where = f"{folder.name}/{name}"
            said = None if note in stored.values() else _opened(note, key, where, found)
            if said is not None and _holds(said, tree, where, found):
                good.append(said.size)
    return good


def _opened(
    note: str, key: Ed25519PublicKey, where: str, found: _Findings
) -> notes.Checkpoint | None:
    try:
        return notes.open_note(note, key)
    except InputError as error:
        found.add(error.code, where)
        return None


def _holds(said: notes.Checkpoint, tree: Tree, where: str, found: _Findings) -> bool:
    if said.size > tree.get_size():
        found.add("shorter", where)
        return False
    if tree.get_root(said.size) != said.root:
        found.add("root_differs", where)
        return False
    return True
