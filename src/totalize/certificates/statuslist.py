"""Withdrawal without a trail: a Token Status List, one signed static file for many certificates.

Follows draft-ietf-oauth-status-list (two bits an entry): 0 valid, 1 withdrawn, 2 suspended,
3 (the value left to the application) another document took its place, by amendment or by
replacement. Whoever checks fetches the whole list, so the publisher doesn't learn whom the
question was about.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import randbelow

from cryptography import x509

from totalize.certificates.jose import Token, public_jwk, read_token, sign_token
from totalize.certificates.keys import SigningKey
from totalize.certificates.model import State
from totalize.certificates.trust import Anchors, signer_country
from totalize.certificates.x5c import chain_header, read_chain
from totalize.kernel.errors import InputError

TYPE = "statuslist+jwt"
BITS = 2
SMALLEST_HERD = 10_000
DEFAULT_SIZE = 131_072
GOOD_FOR = timedelta(hours=12)
LARGEST = 1 << 24
ASK_AGAIN = 60  # seconds after which who keeps a copy asks for a newer list

_VALUES = {State.VALID: 0, State.WITHDRAWN: 1, State.AMENDED: 3, State.REPLACED: 3}
_SUSPENDED = 2
_STATES: dict[int, State] = {
    0: State.VALID,
    1: State.WITHDRAWN,
    _SUSPENDED: State.WITHDRAWN,
    3: State.REPLACED,
}


def new_index(
    taken: Callable[[int], bool],
    size: int = DEFAULT_SIZE,
    below: Callable[[int], int] = randbelow,
) -> int:
    """Return a random free place in a list, so that its number tells nothing of when or who.

    Args:
        taken: tells whether a place is in use.
        size: number of places.
        below: source of random numbers.

    Raises:
        InputError: the list is too small to hide one certificate, or too full to draw from.
    """
    _check_size(size)
    for _ in range(1000):
        index = below(size)
        if not taken(index):
            return index
    raise InputError("", "the status list is full", expected="a new list", code="list_full")


def status_list_token(
    states: Mapping[int, State],
    uri: str,
    key: SigningKey,
    made_on: datetime,
    *,
    good_for: timedelta = GOOD_FOR,
    size: int = DEFAULT_SIZE,
) -> str:
    """Return the signed list, ready to be published as a static file.

    Args:
        states: state by place; a place not named is valid, taken or not.
        uri: where the list is published; documents name it.
        key: the issuer's.
        made_on: when the list was made.
        good_for: after that the list proves nothing any more.
        size: number of places, at least 10,000.

    Raises:
        InputError: the list is too small, or a place lies outside of it.
    """
    _check_size(size)
    packed = bytearray(size * BITS // 8)
    for index, state in states.items():
        if not 0 <= index < size:
            raise InputError("", f"place {index} is outside the list", code="bad_index")
        packed[index // 4] |= _VALUES[state] << index % 4 * BITS
    text = base64.urlsafe_b64encode(zlib.compress(bytes(packed), 9)).rstrip(b"=").decode()
    issued = int(made_on.timestamp())
    claims = {
        "sub": uri,
        "iat": issued,
        "exp": issued + int(good_for.total_seconds()),
        "ttl": min(ASK_AGAIN, int(good_for.total_seconds())),
        "status_list": {"bits": BITS, "lst": text},
    }
    return sign_token(claims, key, {"typ": TYPE, **chain_header(key)})


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list that was checked: signed by a trusted issuer.

    Attributes:
        uri: where it says it is published.
        issuer_country: country of whoever signed it.
    """

    uri: str
    made_on: datetime
    good_until: datetime
    issuer_country: str | None
    _packed: bytes
    _bits: int

    def state(self, index: int) -> State | None:
        """Return the state at a place, None when the list has no such place."""
        per_byte = 8 // self._bits
        if not 0 <= index < len(self._packed) * per_byte:
            return None
        byte = self._packed[index // per_byte]
        return _STATES.get(byte >> index % per_byte * self._bits & (1 << self._bits) - 1)


def read_status_list(text: str, anchors: Anchors) -> StatusList | str:
    """Check the signature of a list and open it.

    Returns:
        The list; or why it can't be used: `list_altered`, `list_untrusted`, `list_broken`.

    Raises:
        InputError: the text is no token at all.
    """
    token = read_token(text.strip())
    if token.header.get("typ") != TYPE:
        return "list_broken"
    try:
        signer, chain = read_chain(token.header)
        jwk = public_jwk(signer)
    except InputError:
        return "list_broken"
    if not token.signed_by(jwk):
        return "list_altered"
    return _open(token, anchors, signer, chain)


def _open(
    token: Token, anchors: Anchors, signer: x509.Certificate, chain: tuple[x509.Certificate, ...]
) -> StatusList | str:
    try:
        claims = token.payload
        made_on = datetime.fromtimestamp(claims["iat"], UTC)
        good_until = datetime.fromtimestamp(claims["exp"], UTC)
        body = claims["status_list"]
        bits, text, uri = body["bits"], body["lst"], claims["sub"]
        if bits not in (1, 2, 4, 8) or not isinstance(text, str) or not isinstance(uri, str):
            return "list_broken"
        # A list that unfolds to more than the largest one is made to fill the memory.
        unfold = zlib.decompressobj()
        packed = unfold.decompress(
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), LARGEST * bits // 8
        )
        if not unfold.eof:
            return "list_broken"
    except (KeyError, TypeError, ValueError, OverflowError, OSError, zlib.error):
        return "list_broken"
    if anchors.objection(signer, chain, made_on) is not None:
        return "list_untrusted"
    return StatusList(uri, made_on, good_until, signer_country(signer), packed, bits)


def _check_size(size: int) -> None:
    if not SMALLEST_HERD <= size <= LARGEST or size % 4:
        raise InputError(
            "",
            f"a status list of {size:,} places",
            expected=f"{SMALLEST_HERD:,} to {LARGEST:,}, a multiple of 4: one among few is known",
            code="bad_list_size",
        )
