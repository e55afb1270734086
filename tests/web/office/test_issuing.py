"""Issuing: one certificate, whole, kept for ever; its successors and its end."""

from __future__ import annotations

import pytest
from cases import sent
from factories import make_user

from totalize.certificates.verification.verifier import Verifier
from totalize.web.applications.models import Application, Decision
from totalize.web.certificates import services
from totalize.web.certificates.models import Issued
from totalize.web.desk import services as desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]


def taken(officer=None, **fields):
    application = sent(**fields)
    return desk.take(application.id, officer or make_user("caseworker"))


def test_what_is_issued_verifies_and_can_be_fetched_again_for_ever(clock):
    officer = make_user("caseworker")
    issued = desk.issue(taken(officer).id, officer)
    kept = Issued.objects.get()
    assert kept == issued
    pdf = services.pdf_of(kept)
    assert bytes(kept.pdf) != pdf
    anchors = services.setting().anchors
    report = Verifier(anchors, [services.status_list()]).check(pdf, clock_now())
    assert report.verdict == "not_yet_valid"
    assert report.intact
    assert services.credential_of(kept).count("~") >= 1
    assert Application.objects.get().state == "issued"
    decision = Decision.objects.get()
    assert (decision.verdict, decision.by, decision.automatic) == ("issue", officer, False)


def clock_now():
    from django.utils import timezone

    return timezone.now()
