"""The whole way: a draft, sent, decided by itself, fetched by a party, verified by a stranger."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.utils import timezone
from factories import MUNICH, make_organisation, make_user
from offices import set_up_office

from totalize.certificates.verification.verifier import Verifier
from totalize.web.applications.readiness import assess, statements_for
from totalize.web.applications.services import fill, start, submit, tick
from totalize.web.certificates import services
from totalize.web.certificates.models import Issued

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]
DETAILS = {
    "full_name": "Ada Example",
    "birth_date": "1985-04-02",
    "birth_place": "Dayton, USA",
    "social_security_number": "078-05-1120",
    "employer_home": {"name": "Example Corp", "address": "1 Main Street, Dayton"},
    "employer_host": {"name": "Example Corp, Munich branch", "address": "Munich"},
    "hire_date": "2019-05-01",
    "hire_place": "Dayton, USA",
}


def test_a_plain_request_is_a_certificate_a_moment_later(
    client, django_capture_on_commit_callbacks
):
    set_up_office(automatic={"enabled": True, "sample": "0"})
    manager = make_user(full_name="Bo Boss")
    employer = make_organisation(manager, name="Example Corp")
    draft = start(by=manager, case=deepcopy(MUNICH), work="munich", employer=employer)
    fill(draft, {"details": DETAILS}, manager)
    found = assess(draft)
    tick(draft, statements_for(draft, found.subject), manager)
    draft.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        submit(draft.id, manager, draft.version)
    issued = Issued.objects.get()
    certificate = services.record_of(issued).certificate
    assert certificate.worker.full_name == "Ada Example"
    assert certificate.worker.number_ending == "1120"
    assert certificate.employer.name == "Example Corp"
    client.force_login(manager)
    pdf = client.get(f"/certificates/{issued.id}/pdf").content
    anchors = services.setting().anchors
    report = Verifier(anchors, [services.status_list()]).check(pdf, timezone.now())
    assert (report.verdict, report.intact, report.trusted) == ("not_yet_valid", True, True)
    page = client.get(f"/certificates/{issued.id}/").content.decode()
    assert "employer" in page
    assert "078-05-1120" not in page
    draft.refresh_from_db()
    assert draft.state == "issued"
