"""The signed facts inside the QR code: checked by a phone without a server.

A compact JWS (RFC 7515, ES256) with short claim names, because every letter makes the code
denser. It says no more than the face of the paper, and no number of a person.

| claim | meaning |
|---|---|
| `v` | version of this form |
| `k` | `c` certificate, `p` proof of request, `s` specimen |
| `r` | reference |
| `n`, `b` | worker's name, year of birth |
| `e` | employer or own business |
| `c`, `x` | country that covers, country exempted |
| `f`, `u` | first day, last day (left out: none set) |
| `i` | seconds since 1970 when it was made |
| `l`, `s` | status list, place in it |
"""

from __future__ import annotations

from typing import Any

from totalize.certificates.jose import sign_token
from totalize.certificates.keys import SigningKey, key_id
from totalize.certificates.model import Certificate, Kind

TYPE = "coc-qr+jwt"
VERSION = 1
KIND_LETTERS = {Kind.CERTIFICATE: "c", Kind.PROOF_OF_REQUEST: "p", Kind.SPECIMEN: "s"}
KINDS = {letter: kind for kind, letter in KIND_LETTERS.items()}


def offline_token(certificate: Certificate, key: SigningKey) -> str:
    """Return the signed facts of a certificate, to be printed as a QR code."""
    claims: dict[str, Any] = {
        "v": VERSION,
        "k": KIND_LETTERS[certificate.kind],
        "r": certificate.reference,
        "n": certificate.worker.full_name,
        "e": certificate.employer.name,
        "c": certificate.covered_by,
        "x": certificate.exempt_in,
        "f": certificate.first.isoformat(),
        "i": int(certificate.made_on.timestamp()),
    }
    if certificate.worker.birth_date is not None:
        claims["b"] = certificate.worker.birth_date.year
    if certificate.last is not None:
        claims["u"] = certificate.last.isoformat()
    if certificate.status is not None:
        claims |= {"l": certificate.status.uri, "s": certificate.status.index}
    return sign_token(claims, key, {"typ": TYPE, "kid": key_id(key.certificate)})


def qr_text(certificate: Certificate, token: str) -> str:
    """Return what the QR code holds: the check address with the token behind `#`, or the token.

    What stands behind `#` is never sent to a server, so opening the address tells nobody whose
    certificate was scanned.
    """
    address = certificate.authority.check_address
    return f"{address}#{token}" if address else token
