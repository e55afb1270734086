"""Making an installation from a backup, in a folder and a database that are empty."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from totalize.kernel.errors import InputError
from totalize.web.backup import KEYS
from totalize.web.backup.manifest import NAME, Manifest, member_of, read
from totalize.web.backup.secrets import open_files

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Restored:
    """What came out of a backup, and whether its log is whole."""

    rows: int
    files: int
    keys: bool
    made_at: str
    log_whole: bool

    def to_dict(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "rows": self.rows,
            "files": self.files,
            "keys": self.keys,
            "made_at": self.made_at,
            "log_whole": self.log_whole,
        }


def restore_backup(
    source: Path, data_dir: Path, start: Callable[[Path], None], passphrase: str | None = None
) -> Restored:
    """Make an installation from a backup; where something goes wrong, nothing is left behind.

    Args:
        source: the backup.
        data_dir: a folder that is not there yet, or is empty.
        start: sets Django up on a folder and makes the tables; called once the keys are there.
        passphrase: opens the keys, where they are in the backup.

    Raises:
        InputError: the backup was damaged or made by another version, the folder or the database
            is not empty, the passphrase is missing or wrong.
    """
    if data_dir.exists() and (not data_dir.is_dir() or any(data_dir.iterdir())):
        raise InputError("--data-dir", "is not empty", value=str(data_dir), code="not_empty")
    try:
        archive = zipfile.ZipFile(source)
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise InputError("FILE", problem, value=str(source), code="unreadable") from None
    except zipfile.BadZipFile:
        raise _damaged(source.name) from None
    with archive:
        manifest = _manifest(archive)
        keys = _keys(archive, manifest, passphrase)
        partial = data_dir.with_name(f".{data_dir.name}.partial")
        try:
            partial.mkdir(mode=0o700, parents=True)
        except FileExistsError:
            raise InputError(
                "--data-dir",
                "was being restored before and that was not finished: remove the rest first",
                value=str(partial),
                code="not_empty",
            ) from None
        try:
            files = _unpack(archive, partial, keys)
            start(partial)
            restored = _load(archive, manifest, files, bool(keys))
            if data_dir.exists():
                data_dir.rmdir()
            partial.rename(data_dir)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    return restored


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    """Return the manifest once everything in the archive is what it says."""
    try:
        manifest = read(archive.read(NAME))
    except (KeyError, ValueError, zipfile.BadZipFile):
        raise _damaged(NAME) from None
    if manifest is None:
        raise _other_version()
    names = {info.filename for info in archive.infolist()} - {NAME}
    for name in sorted(names ^ manifest.sha256.keys()):
        raise _damaged(name)
    for name, expected in manifest.sha256.items():
        digest = hashlib.sha256()
        try:
            with archive.open(name) as member:
                while chunk := member.read(_CHUNK):
                    digest.update(chunk)
        except (zipfile.BadZipFile, OSError, EOFError):
            raise _damaged(name) from None
        if digest.hexdigest() != expected:
            raise _damaged(name)
    return manifest


def _damaged(name: str) -> InputError:
    return InputError("FILE", f"is no backup, or was damaged ({name})", code="damaged")


def _other_version() -> InputError:
    return InputError("FILE", "was made by another version of totalize", code="version")


def _keys(archive: zipfile.ZipFile, manifest: Manifest, passphrase: str | None) -> dict[str, bytes]:
    if not manifest.keys:
        return {}
    if passphrase is None:
        raise InputError(
            "passphrase", "is missing: the backup holds keys", code="missing_passphrase"
        )
    return open_files(archive.read(KEYS), passphrase)


def _unpack(archive: zipfile.ZipFile, folder: Path, keys: dict[str, bytes]) -> int:
    files = 0
    for name, raw in keys.items():
        _place(folder, name).write_bytes(raw)
        (folder / name).chmod(0o600)
    for info in archive.infolist():
        if info.filename.startswith("files/"):
            path = _place(folder, info.filename.removeprefix("files/"))
            with archive.open(info) as member, path.open("wb") as file:
                shutil.copyfileobj(member, file, _CHUNK)
            files += 1
    return files


def _place(folder: Path, name: str) -> Path:
    """Return where a file goes; a name that leads out of the folder is refused."""
    parts = PurePosixPath(name).parts
    if not parts or PurePosixPath(name).is_absolute() or ".." in parts:
        raise _damaged(name)
    path = folder.joinpath(*parts)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _load(archive: zipfile.ZipFile, manifest: Manifest, files: int, keys: bool) -> Restored:
    # The settings are there only now, and with them the models.
    from django.db import connection, transaction  # noqa: PLC0415

    from totalize.web.audit.services import verify  # noqa: PLC0415
    from totalize.web.backup import rows  # noqa: PLC0415

    if rows.migrations() != manifest.migrations:
        raise _other_version()
    if not rows.is_empty():
        raise InputError("DATABASE_URL", "holds data already", code="not_empty")
    count = 0
    with transaction.atomic():
        for label, expected in manifest.rows.items():
            with archive.open(member_of(label)) as member:
                added = rows.read_rows(member)
            if added != expected:
                raise _damaged(label)
            count += added
        rows.count_on()
    whole = verify().whole
    connection.close()
    return Restored(count, files, keys, manifest.made_at, whole)
