"""What stays of a certificate when its person is erased: that it was issued, where it stands."""

from __future__ import annotations

from totalize.web.certificates.models import Copy, Foreign, Issued, Withdrawal
from totalize.web.people.models import Person
from totalize.web.people.services import ERASED


def forget(person: Person) -> None:
    """Take whoever it was out of the register; the signed files can't be opened any more."""
    for issued in Issued.objects.select_for_update().filter(person=person):
        certificate = issued.record["certificate"]
        certificate["worker"] = {"full_name": ERASED}
        certificate["work"].pop("place", None)
        if certificate["work"]["activity"] == "self_employment":
            certificate["employer"] = {"name": ERASED}
            certificate["host"] = None
        issued.record["reason"] = None
        issued.face = None
        issued.save(update_fields=["record", "face"])
    Copy.objects.filter(issued__person=person, role="worker").update(holder=ERASED)
    Withdrawal.objects.filter(issued__person=person).update(reason=ERASED, returned_note="")
    Foreign.objects.filter(person=person).update(number="", misfits=[])
