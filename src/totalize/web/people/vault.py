"""Sealing: one data key a person, wrapped by a master key that never enters the database.

AES-256-GCM from `cryptography`; what a sealed value is for is bound into it, so that it can't be
moved to another person or field. Deleting a data key makes all that person's values unreadable
here. A backup of the database made before still holds the wrapped key: it can be opened with the
master key of its time, so erasing reaches old backups once `rewrap` has put a new master key in
place of that one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from totalize.web.people.models import DataKey, MasterKey, Person
from totalize.web.sealing import closed, decrypt, encrypt


def seal(person: Person, purpose: str, value: bytes) -> bytes:
    """Seal a value for a person and a purpose (`number:US`, `upload:<id>`)."""
    return encrypt(_data_key(person), value, _bound(person.id, purpose))


def unseal(person: Person, purpose: str, sealed: bytes) -> bytes:
    """Open a sealed value.

    Raises:
        InputError: it was sealed for something else, was changed, or its key is gone.
    """
    return unseal_all(person, {purpose: sealed})[purpose]


def unseal_all(person: Person, sealed: Mapping[str, bytes]) -> dict[str, bytes]:
    """Open several values of one person, by their purposes; the key is fetched and opened once.

    Raises:
        InputError: as of `unseal`.
    """
    if not sealed:
        return {}
    key = _opened(_kept_key(person))
    return {
        purpose: decrypt(key, bytes(value), _bound(person.id, purpose))
        for purpose, value in sealed.items()
    }


def _kept_key(person: Person) -> DataKey:
    """Return a person's data key: as it came with the person, else as it is kept now."""
    field = Person._meta.get_field("data_key")  # noqa: SLF001 - Django's public interface
    try:
        return person.data_key if field.is_cached(person) else DataKey.objects.get(person=person)
    except DataKey.DoesNotExist:
        raise closed() from None


def lookup(country: str, number: str) -> bytes:
    """Return the keyed digest by which a number that is already known is found.

    A plain digest would not do: all Social Security numbers can be tried in minutes.
    """
    text = f"{country}:{''.join(filter(str.isalnum, number)).upper()}"
    return hmac.digest(settings.INSTALLATION.key("lookup"), text.encode(), hashlib.sha256)


def rewrap() -> int:
    """Put a new master key in place: wrap every data key anew, destroy the old; return how many.

    Whoever makes a data key meanwhile waits, so that none is wrapped by a key that goes. Killed
    before the end, all is as it was; killed between the end and the destroying, the next call
    destroys what is left over.
    """
    installation = settings.INSTALLATION
    with transaction.atomic():
        master = _locked_master()
        old = master.generation
        fresh = installation.key(_name(old + 1))
        rows = list(DataKey.objects.select_for_update())
        for row in rows:
            key = _opened(row)
            row.wrapped = encrypt(fresh, key, _bound(row.person_id, "data key"))
            row.generation = old + 1
        DataKey.objects.bulk_update(rows, ["wrapped", "generation"], batch_size=500)
        master.generation = old + 1
        master.save(update_fields=["generation"])
    for generation in range(old + 1):
        installation.drop_key(_name(generation))
    return len(rows)


def _data_key(person: Person) -> bytes:
    kept = DataKey.objects.filter(person=person).first()
    if kept is not None:
        return _opened(kept)
    with transaction.atomic():
        generation = _locked_master().generation
        kept = DataKey.objects.filter(person=person).first()
        if kept is not None:
            return _opened(kept)
        fresh = AESGCM.generate_key(256)
        master = _master_for_new(generation)
        wrapped = encrypt(master, fresh, _bound(person.id, "data key"))
        # By its identifier: the person in hand is not to go on with a key that is renewed.
        DataKey.objects.create(person_id=person.id, wrapped=wrapped, generation=generation)
    return fresh


def _locked_master() -> MasterKey:
    return MasterKey.objects.select_for_update().get_or_create(id=1)[0]


def _master_for_new(generation: int) -> bytes:
    """Return the master key; make it only where nothing was sealed with one that is missing."""
    name = _name(generation)
    kept = settings.INSTALLATION.kept(name)
    if kept is not None:
        return kept
    if generation or DataKey.objects.exists():
        raise closed()
    return settings.INSTALLATION.key(name)


def _opened(kept: DataKey) -> bytes:
    master = settings.INSTALLATION.kept(_name(kept.generation))
    if master is None:
        raise closed()
    return decrypt(master, bytes(kept.wrapped), _bound(kept.person_id, "data key"))


def _name(generation: int) -> str:
    return "master" if generation == 0 else f"master-{generation}"


def _bound(person: UUID, purpose: str) -> bytes:
    return f"{person}:{purpose}".encode()
