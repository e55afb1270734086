"""The issuing office as its installation describes it: `authority.yaml` in the data folder.

Without the file nothing is issued. What the file lacks is listed in words, all of it at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from cryptography import x509
from django.conf import settings
from django.utils import timezone
from pyhanko.sign.timestamps import TimeStamper

from totalize.certificates.authority import Setting, missing_for_issuing
from totalize.certificates.keys import SigningKey, TokenKey, load_file_key
from totalize.certificates.model import Authority
from totalize.certificates.trust import Anchors, read_anchors
from totalize.kernel.errors import InputError
from totalize.kernel.reading import read_document
from totalize.kernel.typed import convert

Given = TypeVar("Given")
Found = TypeVar("Found")


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the file; fields it does not know are refused."""


class OfficePart(_Part, frozen=True, kw_only=True):
    """In whose name the office issues."""

    name: str
    country: str
    address: str | None = None
    check_address: str | None = None


class KeyPart(_Part, frozen=True, kw_only=True):
    """Where the signing key is: a PKCS#12 file, or a PKCS#11 token. Paths are from the folder.

    Attributes:
        file: PKCS#12 file.
        password_file: its password, alone in a file.
        module: library of the token.
        token: label of the token.
        label: label of the key on it.
        pin_file: its PIN, alone in a file.
        chain: certificates of signer and chain (PEM), when the token does not keep them.
    """

    file: str | None = None
    password_file: str | None = None
    module: str | None = None
    token: str | None = None
    label: str | None = None
    pin_file: str | None = None
    chain: str | None = None


class AutomaticPart(_Part, frozen=True, kw_only=True):
    """Whether plain cases are decided by themselves, and how many of them are looked at again."""

    enabled: bool = False
    sample: str | int = "0.1"


class ContestPart(_Part, frozen=True, kw_only=True):
    """How somebody contests a refusal; the office says it, the product knows of no such law.

    Attributes:
        words: what to do, to whom, in sentences.
        within_days: days after the letter in which it must be done.
        ground: the provision that gives the right.
    """

    words: str
    within_days: int | None = None
    ground: str | None = None


class AuthorityFile(_Part, frozen=True, kw_only=True):
    """The whole file."""

    office: OfficePart | None = None
    key: KeyPart | None = None
    anchors: str | None = None
    status_uri: str | None = None
    time_service: str | None = None
    automatic: AutomaticPart = AutomaticPart()
    contest: ContestPart | None = None
    answer_within_days: int = 30


@dataclass(frozen=True)
class Office:
    """The installation's office.

    Attributes:
        setting: what issuing needs; parts that could not be read are None.
        contest: how a refusal is contested; without it none can be written.
        automatic: plain cases are decided by themselves.
        sample: share of those that is drawn to be looked at, 0 to 1.
        answer_within_days: the office's own target.
        faults: what could not be read, in sentences.
    """

    setting: Setting
    contest: ContestPart | None = None
    automatic: bool = False
    sample: Decimal = Decimal("0.1")
    answer_within_days: int = 30
    faults: tuple[str, ...] = field(default=())

    @property
    def country(self) -> str | None:
        """Its country."""
        return None if self.setting.office is None else self.setting.office.country

    def problems(self, at: datetime | None = None) -> tuple[str, ...]:
        """Return everything that keeps it from issuing, nothing when it may."""
        return (*self.faults, *missing_for_issuing(self.setting, at or timezone.now()))


_LOCK = threading.Lock()
_KEPT: dict[Path, tuple[dict[Path, Any], Office]] = {}


def office() -> Office | None:
    """Return the installation's office, None when it is none.

    Read again whenever one of its files changed; opening a key costs too much to do each time.
    """
    path = settings.INSTALLATION.authority_file
    with _LOCK:
        kept = _KEPT.get(path)
        if kept is not None and all(_stamp(name) == stamp for name, stamp in kept[0].items()):
            return kept[1]
        _KEPT.pop(path, None)
        if _stamp(path) is None:
            return None
        # Stamps first: a file that changes while it is read is read once more.
        stamps = {name: _stamp(name) for name in _files(path)}
        read = read_office(path)
        _KEPT[path] = (stamps, read)
        return read


def read_office(path: Path) -> Office:
    """Read `authority.yaml` and the files it names; faults are listed, never raised."""
    faults: list[str] = []
    try:
        plain = read_document(path.read_bytes(), path.name)
        document = convert(plain, AuthorityFile, strict=False)
    except (InputError, msgspec.ValidationError, OSError) as error:
        return Office(Setting(), faults=(f"{path.name} cannot be used: {error}",))
    folder = path.parent

    def tried(read: Callable[[Path, Given], Found], given: Given) -> Found | None:
        try:
            return read(folder, given)
        except InputError as error:
            faults.append(str(error))
        return None

    sample = tried(_sample, document.automatic.sample)
    setting = Setting(
        office=_authority(document.office),
        key=tried(_key, document.key),
        anchors=tried(_anchors, document.anchors),
        status_uri=document.status_uri,
        time_service=tried(_time_service, document.time_service),
    )
    return Office(
        setting=setting,
        contest=document.contest,
        automatic=document.automatic.enabled and sample is not None,
        sample=Decimal(1) if sample is None else sample,
        answer_within_days=document.answer_within_days,
        faults=tuple(faults),
    )


def _authority(part: OfficePart | None) -> Authority | None:
    if part is None:
        return None
    check = part.check_address or f"{settings.INSTALLATION.address}/verify/"
    return Authority(
        name=part.name, country=part.country, address=part.address, check_address=check
    )


def _key(folder: Path, part: KeyPart | None) -> SigningKey | None:
    if part is None:
        return None
    if part.file is not None:
        return load_file_key(folder / part.file, _secret(folder, part.password_file, "key"))
    if part.module is None or part.token is None or part.label is None:
        raise InputError(
            "key", "names neither a file nor a token", expected="file, or module, token and label"
        )
    return _token_key(folder, part, part.module)


def _token_key(folder: Path, part: KeyPart, module: str) -> SigningKey:
    try:
        import pkcs11  # noqa: PLC0415 - only where a token is used
    except ImportError:
        raise InputError(
            "key.module", "needs the package python-pkcs11, which is not installed"
        ) from None
    certificates: list[x509.Certificate] = []
    if part.chain is not None:
        pem = _bytes(folder, part.chain, "key.chain")
        try:
            certificates = x509.load_pem_x509_certificates(pem)
        except ValueError:
            raise InputError("key.chain", f"{part.chain} holds no certificates in PEM") from None
    try:
        token = pkcs11.lib(module).get_token(token_label=part.token)
        try:
            session = token.open(user_pin=_secret(folder, part.pin_file, "key"))
        except pkcs11.UserAlreadyLoggedIn:
            # Who has shown the PIN once in this process has shown it for all sessions.
            session = token.open()
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        raise InputError("key.token", f"cannot be opened ({type(error).__name__})") from None
    own = certificates[0] if certificates else None
    return TokenKey(session, part.label or "", own, certificates[1:])


def _anchors(folder: Path, name: str | None) -> Anchors | None:
    return None if name is None else read_anchors(_bytes(folder, name, "anchors"), name)


def _time_service(folder: Path, address: str | None) -> TimeStamper | None:
    if address is None:
        return None
    from pyhanko.sign.timestamps import HTTPTimeStamper  # noqa: PLC0415 - few have one

    return HTTPTimeStamper(address)


def _sample(folder: Path, value: str | int) -> Decimal:
    try:
        share = Decimal(str(value))
    except InvalidOperation:
        share = Decimal(-1)
    if not 0 <= share <= 1:
        raise InputError(
            "automatic.sample", "is no share", value=value, expected="a number from 0 to 1"
        )
    return share


def _secret(folder: Path, name: str | None, path: str) -> str | None:
    if name is None:
        return None
    try:
        return _bytes(folder, name, path).decode().strip()
    except UnicodeDecodeError:
        raise InputError(path, f"{name} is no text", expected="text in UTF-8") from None


def _bytes(folder: Path, name: str, path: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise InputError(path, f"cannot read {name}: {error.strerror}") from None


def _files(path: Path) -> list[Path]:
    try:
        plain = convert(read_document(path.read_bytes()), AuthorityFile, strict=False)
    except (InputError, msgspec.ValidationError, OSError):
        return [path]
    named = [plain.anchors]
    if plain.key is not None:
        named += [plain.key.file, plain.key.password_file, plain.key.pin_file, plain.key.chain]
    return [path, *(path.parent / name for name in named if name is not None)]


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def issuing_country() -> str | None:
    """Return the country whose certificates are issued here, None when none can be."""
    found = office()
    return None if found is None or found.problems() else found.country
