"""Sealing: one data key a person, wrapped by a master key that never enters the database.

AES-256-GCM from `cryptography`; what a sealed value is for is bound into it, so that it can't be
moved to another person or field. Deleting a data key makes all that person's values unreadable,
in old backups of the database too once they are restored without it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from totalize.kernel.errors import InputError
from totalize.web.people.models import DataKey, Person

_NONCE = 12


def seal(person: Person, purpose: str, value: bytes) -> bytes:
    """Seal a value for a person and a purpose (`number:US`, `upload:<id>`)."""
    return _encrypt(_data_key(person), value, _bound(person.id, purpose))


def unseal(person: Person, purpose: str, sealed: bytes) -> bytes:
    """Open a sealed value.

    Raises:
        InputError: it was sealed for something else, was changed, or its key is gone.
    """
    return _decrypt(_data_key(person), bytes(sealed), _bound(person.id, purpose))


def lookup(country: str, number: str) -> bytes:
    """Return the keyed digest by which a number that is already known is found.

    A plain digest would not do: all Social Security numbers can be tried in minutes.
    """
    text = f"{country}:{''.join(filter(str.isalnum, number)).upper()}"
    return hmac.digest(settings.INSTALLATION.key("lookup"), text.encode(), hashlib.sha256)


def _data_key(person: Person) -> bytes:
    master = settings.INSTALLATION.key("master")
    kept = DataKey.objects.filter(person=person).first()
    if kept is None:
        fresh = AESGCM.generate_key(256)
        wrapped = _encrypt(master, fresh, _bound(person.id, "data key"))
        kept, made = DataKey.objects.get_or_create(person=person, defaults={"wrapped": wrapped})
        if made:
            return fresh
    return _decrypt(master, bytes(kept.wrapped), _bound(person.id, "data key"))


def _bound(person: UUID, purpose: str) -> bytes:
    return f"{person}:{purpose}".encode()


def _encrypt(key: bytes, value: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, value, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
    except InvalidTag:
        raise InputError("", "a sealed value can't be opened", code="sealed") from None
