"""The certificate for a wallet: an SD-JWT VC whose holder shows no more than is asked.

Claim names follow the European portable document A1 as far as they mean the same
(`legislation_country`, `starting_date`, ...); the type is our own, because this is not an A1.
Built on RFC 9901 (SD-JWT) and draft-ietf-oauth-sd-jwt-vc; signatures by joserfc.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from secrets import token_bytes
from typing import Any

import msgspec
from joserfc import jws
from joserfc.jwk import ECKey

from totalize.certificates.jose import sign_token
from totalize.certificates.keys import SigningKey
from totalize.certificates.model import Certificate, Kind
from totalize.certificates.x5c import chain_header
from totalize.kernel.errors import InputError

TYPE = "dc+sd-jwt"
BINDING_TYPE = "kb+jwt"
TYPES = {
    Kind.CERTIFICATE: "urn:totalize:certificate-of-coverage:1",
    Kind.PROOF_OF_REQUEST: "urn:totalize:proof-of-request:1",
    Kind.SPECIMEN: "urn:totalize:specimen:1",
}
KINDS = {name: kind for kind, name in TYPES.items()}
OPEN_ENDED_LIFE = timedelta(days=365)

Randomness = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A hidden claim: its text travels beside the token, its digest inside."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        """The digest that stands in the token."""
        return digest(self.text)


def issue_credential(
    certificate: Certificate,
    key: SigningKey,
    holder: ECKey | None,
    *,
    number: str | None = None,
    randomness: Randomness = token_bytes,
) -> str:
    """Return an SD-JWT VC with every claim about the person hidden unless disclosed.

    Args:
        certificate: what it certifies.
        key: the issuer's.
        holder: public key of the wallet that may present it; without one nobody can prove that
            it is his, and a check says so.
        number: full personal number, hidden like the others; left out by default.
        randomness: source of the salts.
    """
    hidden = _hidden(certificate, number)
    disclosures = [_disclose(name, value, randomness) for name, value in hidden.items()]
    end = (
        datetime.combine(certificate.last, time(23, 59, 59), UTC)
        if certificate.last
        else certificate.made_on + OPEN_ENDED_LIFE
    )
    claims: dict[str, Any] = {
        "vct": TYPES[certificate.kind],
        "iat": int(certificate.made_on.timestamp()),
        "exp": int(max(end, certificate.made_on + timedelta(days=1)).timestamp()),
        "legislation_country": certificate.covered_by,
        "exempt_country": certificate.exempt_in,
        "status_confirmation": certificate.ground.rule,
        "starting_date": certificate.first.isoformat(),
        "ending_date": certificate.last.isoformat() if certificate.last else None,
        "date_of_issuance": certificate.made_on.date().isoformat(),
        "date_of_expiry": end.date().isoformat(),
        "issuing_authority": {"name": certificate.authority.name},
        "issuing_country": certificate.authority.country,
        "_sd_alg": "sha-256",
        "_sd": sorted(item.digest for item in disclosures),
    }
    if holder is not None:
        claims["cnf"] = {"jwk": holder.as_dict(private=False)}
    if certificate.status is not None:
        entry = {"uri": certificate.status.uri, "idx": certificate.status.index}
        claims["status"] = {"status_list": entry}
    token = sign_token(claims, key, {"typ": TYPE, **chain_header(key)})
    return "~".join([token, *(item.text for item in disclosures), ""])


def present(
    credential: str,
    disclose: Collection[str],
    holder: ECKey,
    *,
    audience: str,
    nonce: str,
    at: datetime,
) -> str:
    """Return what a wallet shows: the chosen claims, bound to the one who asked.

    Args:
        credential: as issued.
        disclose: names of the hidden claims to show.
        holder: the wallet's private key.
        audience: whom it is shown to.
        nonce: the number that the verifier asked to be signed.
        at: when it is shown.

    Raises:
        InputError: a claim to disclose isn't in the credential.
    """
    token, *texts = credential.rstrip("~").split("~")
    by_name = {read_disclosure(text)[1]: text for text in texts}
    missing = sorted(set(disclose) - set(by_name))
    if missing:
        raise InputError(
            "disclose", f"the credential has no claim {missing[0]}", expected=", ".join(by_name)
        )
    shown = "~".join([token, *(text for name, text in by_name.items() if name in disclose), ""])
    binding = {
        "iat": int(at.timestamp()),
        "aud": audience,
        "nonce": nonce,
        "sd_hash": digest(shown),
    }
    header = {"alg": "ES256", "typ": BINDING_TYPE}
    proof = jws.serialize_compact(header, msgspec.json.encode(binding), holder, ["ES256"])
    return shown + proof


def digest(text: str) -> str:
    """Return the SHA-256 of an ASCII text, base64url without padding."""
    raw = hashlib.sha256(text.encode("ascii")).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read_disclosure(text: str) -> tuple[str, str, Any]:
    """Return salt, name and value of a disclosure.

    Raises:
        InputError: it is none.
    """
    try:
        parts = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, msgspec.DecodeError, RecursionError):
        parts = None
    if (
        not isinstance(parts, list)
        or len(parts) != 3
        or not isinstance(parts[0], str)
        or not isinstance(parts[1], str)
    ):
        raise InputError("", "a disclosure of the credential is damaged", code="unreadable")
    return parts[0], parts[1], parts[2]


def _hidden(certificate: Certificate, number: str | None) -> dict[str, Any]:
    worker, employer, work = certificate.worker, certificate.employer, certificate.work
    claims: dict[str, Any] = {
        "name": worker.full_name,
        "birthdate": worker.birth_date.isoformat() if worker.birth_date else None,
        "nationalities": list(worker.citizenships) or None,
        "employer": {"name": employer.name, "address": employer.address},
        "work_address": {"country": work.country, "formatted": work.place},
        "document_number": certificate.reference,
        "personal_administrative_number": number,
    }
    return {name: value for name, value in claims.items() if value is not None}


def _disclose(name: str, value: Any, randomness: Randomness) -> Disclosure:
    salt = base64.urlsafe_b64encode(randomness(16)).rstrip(b"=").decode()
    raw = msgspec.json.encode([salt, name, value])
    return Disclosure(name, base64.urlsafe_b64encode(raw).rstrip(b"=").decode())
