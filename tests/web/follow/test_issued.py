"""Certificates issued here: proven at once, shared while they stand, packed for an inspection."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
from django.urls import reverse
from dossiers import NOW
from factories import MUNICH, make_application, make_organisation, make_person, make_user
from offices import set_up_office

from totalize.web.applications.states import State
from totalize.web.certificates import services as certificates
from totalize.web.certificates.models import Issued
from totalize.web.follow import shares
from totalize.web.follow.models import Dossier
from totalize.web.follow.services import open_dossier

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("june", "office")]


def issue(dossier):
    """Have the office issue the certificate of a dossier's work."""
    from totalize.web.applications.facts import decide
    from totalize.web.certificates.models import Issued as Rows

    clerk = make_user("caseworker")
    application = make_application(
        dossier.worker,
        person=dossier.person,
        employer=dossier.organisation,
        partner="DE",
        issuing_country="US",
        state=State.IN_REVIEW,
        assigned_to=clerk,
        first_day=date(2027, 3, 1),
        last_day=date(2030, 2, 28),
        details={"employer_home": {"name": "Example Corp"}},
    )
    determination = decide(application, NOW.date())
    application.determination = determination.to_dict()
    application.save()
    certificates.issue_for(application, clerk)
    return Rows.objects.get(application=application)


@pytest.fixture
def dossier():
    worker = make_user(full_name="Ada Example")
    person = make_person(account=worker, birth_date=date(1985, 4, 2), citizenships=["US"])
    return open_dossier(by=worker, person=person, case=MUNICH)


def test_the_work_is_proven_as_soon_as_the_certificate_is_issued(dossier):
    assert dossier.spells.get().proven_until is None
    issue(dossier)
    assert dossier.spells.get().proven_until == date(2030, 2, 28)


def test_the_work_is_no_longer_proven_once_it_is_withdrawn(dossier):
    issued = issue(dossier)
    asked = certificates.withdraw(issued.id, make_user("caseworker"), "the facts were wrong")
    certificates.second_withdrawal(asked.id, make_user("supervisor"))
    assert dossier.spells.get().proven_until is None


def test_a_shared_certificate_that_was_withdrawn_says_so_and_gives_no_document(client, dossier):
    issued = issue(dossier)
    _, token = shares.make(
        dossier, issued, for_whom="Site", role="foreign_employer", days=7, by=dossier.worker
    )
    page = client.get(reverse("follow:shared", args=[token]))
    assert "This certificate stands" in page.content.decode()
    document = client.get(reverse("follow:shared_document", args=[token]))
    assert document.content == certificates.pdf_of(issued)
    client.get(reverse("follow:shared_document", args=[token]))
    assert [copy.holder for copy in issued.copies.all()] == ["Site"]
    asked = certificates.withdraw(issued.id, make_user("caseworker"), "the facts were wrong")
    certificates.second_withdrawal(asked.id, make_user("supervisor"))
    page = client.get(reverse("follow:shared", args=[token]))
    assert "does not stand any more" in page.content.decode()
    assert client.get(reverse("follow:shared_document", args=[token])).status_code == 404


def test_the_papers_for_an_inspection_hold_the_certificate_and_the_law(client, dossier):
    issued = issue(dossier)
    client.force_login(dossier.worker)
    address = reverse("follow:pack", args=[dossier.id, issued.id])
    answer = client.post(address, {"pack-language": "de"})
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    names = archive.namelist()
    found = next(name for name in names if name.endswith("certificate.pdf"))
    assert archive.read(found) == certificates.pdf_of(issued)
    assert any("law" in name for name in names)
    client.force_login(make_user())
    assert client.post(address, {"pack-language": "de"}).status_code == 404


def test_the_papers_for_an_inspection_come_without_trust_anchors_too(client, dossier):
    issued = issue(dossier)
    set_up_office(anchors=None)
    client.force_login(dossier.worker)
    address = reverse("follow:pack", args=[dossier.id, issued.id])
    answer = client.post(address, {"pack-language": "de"})
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert any(name.endswith("certificate.pdf") for name in archive.namelist())
    assert not any(name.endswith(".pem") for name in archive.namelist())


def test_an_employer_does_not_see_the_certificate_of_another_employer(client, dossier):
    issue(dossier)
    manager = make_user()
    organisation = make_organisation(manager)
    other = open_dossier(
        by=manager, person=dossier.person, case=MUNICH, organisation=organisation, key="1"
    )
    client.force_login(manager)
    page = client.get(reverse("follow:person", args=[other.id])).content.decode()
    assert Issued.objects.get().reference not in page
    assert Dossier.objects.count() == 2
