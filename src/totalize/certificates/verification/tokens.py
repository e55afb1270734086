"""Check the signed facts of a QR code, without a server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from joserfc.jwk import ECKey

from totalize.certificates.jose import Token, public_jwk, read_token
from totalize.certificates.model import Kind, StatusEntry
from totalize.certificates.offline import KINDS, TYPE, VERSION
from totalize.certificates.trust import Anchors
from totalize.certificates.verification.report import Covers
from totalize.kernel.errors import InputError


@dataclass(frozen=True, slots=True)
class OfflineFacts:
    """What the code says.

    Attributes:
        made_on: when it says it was made.
    """

    kind: Kind
    reference: str
    covers: Covers
    made_on: datetime
    status: StatusEntry | None


@dataclass(frozen=True, slots=True)
class TokenFindings:
    """What a check of the code shows. Fields as for a PDF."""

    intact: bool
    objection: str | None
    signer: x509.Certificate | None
    facts: OfflineFacts | None


def find_token(text: str) -> str | None:
    """Return the token in what somebody scanned or pasted: the bare token, or behind `#`."""
    candidate = text.strip().rpartition("#")[2]
    parts = candidate.split(".")
    return candidate if len(parts) == 3 and all(parts) and candidate.startswith("ey") else None


def examine_token(text: str, anchors: Anchors, at: datetime) -> TokenFindings:
    """Check a code.

    Raises:
        InputError: it is no code of ours that can be read.
    """
    token = read_token(text)
    if token.header.get("typ") != TYPE:
        raise InputError("", "is no code of a certificate", code="unreadable")
    signer = anchors.signer(str(token.header.get("kid")))
    if signer is None:
        return TokenFindings(True, "unknown_signer", None, None)
    if not token.signed_by(_jwk(signer)):
        return TokenFindings(False, None, signer, None)
    facts = _facts(token)
    # Nothing proves when a code was made: its signer must be good now, not only then.
    objection = anchors.objection(signer, (), max(at, facts.made_on))
    return TokenFindings(True, objection, signer, facts)


@lru_cache(maxsize=256)
def _jwk(signer: x509.Certificate) -> ECKey:
    return public_jwk(signer)


def _facts(token: Token) -> OfflineFacts:
    claims: dict[str, Any] = token.payload
    try:
        if claims["v"] != VERSION:
            raise InputError("", f"a code of version {claims['v']}", code="unreadable")
        born = claims.get("b")
        last = claims.get("u")
        uri = claims.get("l")
        return OfflineFacts(
            kind=KINDS[claims["k"]],
            reference=str(claims["r"]),
            covers=Covers(
                person=str(claims["n"]),
                born=None if born is None else str(born),
                employer=str(claims["e"]),
                work_in=None,
                covered_by=str(claims["c"]),
                exempt_in=str(claims["x"]),
                first=date.fromisoformat(claims["f"]),
                last=None if last is None else date.fromisoformat(last),
            ),
            made_on=datetime.fromtimestamp(claims["i"], UTC),
            status=None if uri is None else StatusEntry(uri=str(uri), index=int(claims["s"])),
        )
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise InputError("", "the code's facts are incomplete", code="unreadable") from None
