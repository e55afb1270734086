"""What an installation needs before it serves: folders, keys, tables, files for browsers."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection

from totalize.kernel.errors import InputError
from totalize.web.config.installation import Installation

# Keys that seal are made when something is sealed first: a restored installation waits for its own.
KEYS = ("sessions",)
_LOCK = 7_415_926  # any number, the same for all who set up


def load_settings(data_dir: str | None, host: str, port: int) -> Installation:
    """Set Django up from the options and the environment; what the environment says goes first.

    Returns:
        The installation that the settings were made from.

    Raises:
        InputError: the folder or a setting cannot be used.
    """
    reachable = _name_of(host)
    if data_dir is not None:
        os.environ["TOTALIZE_DATA_DIR"] = str(Path(data_dir).absolute())
    os.environ.setdefault("TOTALIZE_ADDRESS", f"http://{reachable}:{port}")
    # This machine may always ask itself, whether it is well for one.
    named = os.environ.get("TOTALIZE_HOSTS", reachable).split(",")
    hosts = dict.fromkeys([*named, "localhost", "127.0.0.1"])
    os.environ["TOTALIZE_HOSTS"] = ",".join(hosts)
    os.environ["DJANGO_SETTINGS_MODULE"] = "totalize.web.config.settings"
    try:
        django.setup()
    except OSError as error:
        raise InputError(
            "--data-dir", f"cannot be used: {error.strerror}", value=data_dir, code="bad_folder"
        ) from None
    installation: Installation = settings.INSTALLATION
    return installation


def prepare() -> None:
    """Bring the installation to this version. Where it is there already, nothing changes.

    Raises:
        InputError: the database cannot be reached.
    """
    installation = settings.INSTALLATION
    for folder in (installation.uploads, installation.published, settings.STATIC_ROOT):
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in KEYS:
        installation.key(name)
    try:
        with _alone(installation.data_dir / ".setup"):
            call_command("migrate", interactive=False, verbosity=0)
            call_command("collectstatic", interactive=False, verbosity=0)
    except OperationalError as error:
        raise InputError(
            "DATABASE_URL" if installation.database_url else "--data-dir",
            f"the database cannot be used: {str(error).strip().splitlines()[0]}",
            code="no_database",
        ) from None
    finally:
        connection.close()


def has_administrator() -> bool:
    """Tell whether somebody administers the installation."""
    from totalize.web.accounts.models import OfficeRole, User  # noqa: PLC0415 - needs the settings

    found = User.objects.filter(office_role=OfficeRole.ADMINISTRATOR, is_active=True).exists()
    connection.close()
    return bool(found)


def say(words: str) -> None:
    """Tell the terminal."""
    print(words, file=sys.stderr, flush=True)


def _name_of(host: str) -> str:
    """Return how this machine's own browser reaches an address that is listened on."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified or address.is_loopback:
        return "localhost"
    return host if address.version == 4 else f"[{host}]"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one set up at a time: of this folder, and of a database that several machines share."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
