"""Check a credential as a wallet shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography import x509
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from totalize.certificates.credential import (
    BINDING_TYPE,
    KINDS,
    TYPE,
    digest,
    read_disclosure,
)
from totalize.certificates.jose import MAX_TOKEN, public_jwk, read_token
from totalize.certificates.model import Kind, StatusEntry
from totalize.certificates.trust import CLOCK_TOLERANCE, Anchors
from totalize.certificates.verification.report import Covers
from totalize.certificates.x5c import read_chain
from totalize.kernel.errors import InputError

_BINDING_LIFE = timedelta(minutes=10)
_HIDDEN = "(not disclosed)"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the verifier asked the wallet to sign."""

    audience: str
    nonce: str


@dataclass(frozen=True, slots=True)
class CredentialFindings:
    """What a check of a credential shows.

    Attributes:
        change: why it is not as it was issued or shown, None when it is.
        objection: why the issuer is not trusted.
        bound: whoever showed it proved to hold the key it was issued to.
        ended: its own life is over.
        disclosed: claims that were shown, by name.
    """

    change: str | None
    objection: str | None = None
    signer: x509.Certificate | None = None
    kind: Kind | None = None
    covers: Covers | None = None
    reference: str | None = None
    status: StatusEntry | None = None
    made_on: datetime | None = None
    bound: bool = False
    ended: bool = False
    disclosed: dict[str, Any] | None = None


def is_credential(text: str) -> bool:
    """Tell whether a text has the form of an SD-JWT."""
    return text.startswith("ey") and "~" in text and "." in text


def examine_credential(
    text: str, anchors: Anchors, at: datetime, challenge: Challenge | None = None
) -> CredentialFindings:
    """Check a credential.

    Args:
        text: issuer's token, disclosures and, at the end, the holder's proof.
        anchors: whom to trust.
        at: the moment of the check.
        challenge: what the holder was asked to sign; None: any fresh proof is noted.

    Raises:
        InputError: it can't be read.
    """
    if len(text) > MAX_TOKEN:
        raise InputError("", "the credential is too large", code="unreadable")
    issued, *texts, proof = text.split("~")
    token = read_token(issued)
    if token.header.get("typ") != TYPE or token.payload.get("vct") not in KINDS:
        raise InputError("", "is no credential of a certificate", code="unreadable")
    signer, chain = read_chain(token.header)
    if not token.signed_by(public_jwk(signer)):
        return CredentialFindings("signature_wrong", signer=signer)
    disclosed, change = _disclosed(token.payload, texts)
    bound = False
    if change is None and proof:
        bound = _bound(text.removesuffix(proof), proof, token.payload, at, challenge)
        change = None if bound else "binding_wrong"
    elif change is None and challenge is not None:
        change = "binding_missing"
    if change is not None:
        return CredentialFindings(change, signer=signer)
    found = _read(token.payload, disclosed, bound=bound)
    moment = at if found.made_on is None else max(at, found.made_on)
    ends = token.payload.get("exp")
    return replace(
        found,
        signer=signer,
        objection=anchors.objection(signer, chain, moment),
        ended=not isinstance(ends, int) or at.timestamp() >= ends,
    )


def _disclosed(claims: dict[str, Any], texts: list[str]) -> tuple[dict[str, Any], str | None]:
    hidden = claims.get("_sd", [])
    if claims.get("_sd_alg", "sha-256") != "sha-256" or not isinstance(hidden, list):
        return {}, "disclosure_wrong"
    found: dict[str, Any] = {}
    for text in texts:
        _, name, value = read_disclosure(text)
        # A name that stands in the token already would speak against it.
        if digest(text) not in hidden or name in found or name in claims or name in {"_sd", "..."}:
            return {}, "disclosure_wrong"
        found[name] = value
    return found, None


def _bound(
    shown: str, proof: str, claims: dict[str, Any], at: datetime, challenge: Challenge | None
) -> bool:
    try:
        binding = read_token(proof)
        holder = ECKey.import_key(claims["cnf"]["jwk"])
        made_on = datetime.fromtimestamp(binding.payload["iat"], UTC)
    except (InputError, JoseError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return False
    if binding.header.get("typ") != BINDING_TYPE or not binding.signed_by(holder):
        return False
    if binding.payload.get("sd_hash") != digest(shown):
        return False
    if challenge is None:
        return True
    fresh = -CLOCK_TOLERANCE <= at - made_on <= _BINDING_LIFE
    return (
        fresh
        and binding.payload.get("aud") == challenge.audience
        and binding.payload.get("nonce") == challenge.nonce
    )


def _read(claims: dict[str, Any], disclosed: dict[str, Any], *, bound: bool) -> CredentialFindings:
    try:
        made_on = datetime.fromtimestamp(claims["iat"], UTC)
        last = claims["ending_date"]
        employer = disclosed.get("employer") or {}
        work = disclosed.get("work_address") or {}
        born = disclosed.get("birthdate")
        covers = Covers(
            person=str(disclosed.get("name", _HIDDEN)),
            born=None if born is None else str(born)[:4],
            employer=str(employer.get("name", _HIDDEN)),
            work_in=work.get("country"),
            covered_by=str(claims["legislation_country"]),
            exempt_in=str(claims["exempt_country"]),
            first=date.fromisoformat(claims["starting_date"]),
            last=None if last is None else date.fromisoformat(last),
        )
        entry = claims.get("status", {}).get("status_list")
        status = None if entry is None else StatusEntry(uri=entry["uri"], index=entry["idx"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
        raise InputError("", "the credential's claims are incomplete", code="unreadable") from None
    number = disclosed.get("document_number")
    return CredentialFindings(
        change=None,
        kind=KINDS[claims["vct"]],
        covers=covers,
        reference=None if number is None else str(number),
        status=status,
        made_on=made_on,
        bound=bound,
        disclosed=disclosed,
    )
