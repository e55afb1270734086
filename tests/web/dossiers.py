"""A dossier in which a certificate is held, for the tests."""

from __future__ import annotations

from datetime import UTC, date, datetime

from factories import MUNICH, make_application, make_person, make_user

from totalize.web.applications.states import State
from totalize.web.certificates.models import Foreign
from totalize.web.follow.services import open_dossier, tie_proofs

NOW = datetime(2028, 6, 1, 9, 30, tzinfo=UTC)


def followed(case=None, *, issuer="US", first=date(2027, 3, 1), last=date(2030, 2, 28)):
    """Open a worker's dossier in which one certificate is held."""
    worker = make_user(full_name="Ada Example")
    person = make_person(account=worker, citizenships=["US"])
    application = make_application(
        worker,
        person=person,
        case=case or MUNICH,
        state=State.KEPT,
        partner="DE",
        issuing_country=issuer,
        first_day=first,
        last_day=last,
    )
    dossier = open_dossier(by=worker, person=person, case=case or MUNICH)
    Foreign.objects.create(
        application=application,
        person=person,
        issuer=issuer,
        first_day=first,
        last_day=last,
        fits=True,
        kept_by=worker,
        kept_at=NOW,
    )
    tie_proofs(person.id)
    return dossier
