"""The full personal number, readable by one office only.

Where the form of an agreement asks for the whole number, it travels encrypted (JWE, ECDH-ES with
A256GCM) for the office that receives the document, as a second attachment under the signature.
"""

from __future__ import annotations

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from totalize.kernel.errors import InputError
from totalize.kernel.typed import decode

_HEADER = {"alg": "ECDH-ES", "enc": "A256GCM", "typ": "sealed-number+jwe"}
_ALGORITHMS = ["ECDH-ES", "A256GCM"]


def seal(number: str, reference: str, office: ECKey) -> str:
    """Encrypt a number for an office, bound to the document's reference."""
    content = msgspec.json.encode({"number": number, "reference": reference})
    return jwe.encrypt_compact(_HEADER, content, office, algorithms=_ALGORITHMS)


def unseal(sealed: str, reference: str, office: ECKey) -> str:
    """Decrypt a number.

    Raises:
        InputError: another key, damaged, or taken from another document.
    """
    try:
        found = jwe.decrypt_compact(sealed, office, algorithms=_ALGORITHMS)
        content = decode(found.plaintext or b"", dict[str, str])
    except (JoseError, ValueError, msgspec.DecodeError):
        raise InputError("", "the sealed number cannot be opened", code="unreadable") from None
    if content.get("reference") != reference:
        raise InputError("", "the sealed number is another document's", code="swapped")
    return content["number"]
