"""One installation: its folder, its keys, its database and, where it is one, its authority.

Everything comes from the environment and from the folder. Keys are made on the first run, can be
read by their owner only, and never enter the database.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from totalize.kernel.errors import InputError

DATA_DIR = "TOTALIZE_DATA_DIR"
KEY_BYTES = 32
DEMONSTRATION_KEY = "demonstration.p12"


@dataclass(frozen=True, slots=True)
class Installation:
    """What settings are made from.

    Attributes:
        data_dir: database (when embedded), keys, uploads, outgoing mail, published files.
        database_url: where the data is; None for the embedded database.
        address: how people reach it, without a slash at the end.
        hosts: host names it answers to.
        mail_url: how mail leaves (`smtp://...`); None writes it to files in the folder.
        proxy: a reverse proxy stands in front and says whether a request came over TLS.
    """

    data_dir: Path
    database_url: str | None
    address: str
    hosts: tuple[str, ...]
    mail_url: str | None
    proxy: bool

    @property
    def secure(self) -> bool:
        """Whether people reach it over TLS, so that cookies may insist on it."""
        return self.address.startswith("https://")

    @property
    def authority_file(self) -> Path:
        """Where an issuing office is described; without the file nothing is issued."""
        return self.data_dir / "authority.yaml"

    @property
    def demonstration(self) -> bool:
        """Whether everybody in it is made up: `totalize serve --demo` filled it."""
        return (self.data_dir / DEMONSTRATION_KEY).exists()

    @property
    def uploads(self) -> Path:
        """Encrypted uploads, outside of anything a web server shows."""
        return self.data_dir / "uploads"

    @property
    def published(self) -> Path:
        """Signed files anybody may fetch: the status list, checkpoints of the log."""
        return self.data_dir / "published"

    def key(self, name: str) -> bytes:
        """Return a secret key of the installation, made when it is asked for first."""
        return _kept_key(self._key_file(name))

    def kept(self, name: str) -> bytes | None:
        """Return a secret key if there is one; none is made."""
        path = self._key_file(name)
        return _read_key(path) if path.exists() else None

    def drop_key(self, name: str) -> None:
        """Destroy a key that nothing is sealed with any more."""
        self._key_file(name).unlink(missing_ok=True)

    def _key_file(self, name: str) -> Path:
        return self.data_dir / "keys" / f"{name}.key"


def read_installation(environment: Mapping[str, str] = os.environ) -> Installation:
    """Read an installation from the environment.

    Raises:
        InputError: a setting cannot be used; it is named.
    """
    data_dir = Path(environment.get(DATA_DIR) or "totalize-data").absolute()
    address = environment.get("TOTALIZE_ADDRESS", "http://localhost:8000").rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise InputError(
            "TOTALIZE_ADDRESS",
            "is no web address",
            value=address,
            expected="http://... or https://...",
        )
    hosts = environment.get("TOTALIZE_HOSTS", "localhost,127.0.0.1,[::1]")
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Installation(
        data_dir=data_dir,
        database_url=environment.get("DATABASE_URL") or None,
        address=address,
        hosts=tuple(host.strip() for host in hosts.split(",") if host.strip()),
        mail_url=environment.get("TOTALIZE_MAIL") or None,
        proxy=environment.get("TOTALIZE_BEHIND_PROXY", "") == "yes",
    )


def _kept_key(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        # A link can't be made over an existing file: of two starts at once one key wins.
        fresh = path.with_suffix(f".{secrets.token_hex(8)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return _read_key(path)


def _read_key(path: Path) -> bytes:
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise InputError(
            path.name, "is no key", expected=f"{KEY_BYTES} random bytes", code="bad_key"
        )
    return key
