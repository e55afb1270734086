"""Contributions paid twice: by month and country, the last day to claim, a draft of the claim."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from totalize.coverage.case import works_by_id
from totalize.kernel.countries import country_name
from totalize.kernel.errors import InputError
from totalize.law.contributions import countries, load_country
from totalize.law.exchange import known_currencies
from totalize.web.accounts.access import act
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.follow.forms import RefundForm
from totalize.web.follow.letters import claim_letters
from totalize.web.follow.models import Dossier
from totalize.web.follow.picture import label_of
from totalize.web.follow.refunds import PaidTwice, paid_twice
from totalize.web.follow.selectors import find, issued_in, name_of


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "j F Y")


@require_GET
@act("follow.read")
def index(request: SignedInRequest, dossier_id: UUID) -> HttpResponse:
    """Ask for the pay, and show what was paid twice and until when it can be claimed."""
    dossier = find(request.user, dossier_id)
    form = _form(request, dossier)
    found, problem = None, None
    if form.is_bound and form.is_valid():
        try:
            found = _paid_twice(dossier, form)
        except InputError as error:
            problem = error
    context = {
        "dossier": dossier,
        "name": name_of(dossier),
        "form": form,
        "found": found,
        "problem": problem,
        "query": urlencode(form.data) if form.is_bound else "",
        "refunds": [] if found is None else [(country_name(r.system), r) for r in found.refunds],
        "systems": [] if found is None else [country_name(code) for code in found.systems],
    }
    status = 400 if form.errors or problem else 200
    return render(request, "follow/refunds.html", context, status=status)


@require_GET
@act("follow.read")
def letters(request: SignedInRequest, dossier_id: UUID) -> HttpResponse:
    """Give drafts of the claims."""
    dossier = find(request.user, dossier_id)
    form = _form(request, dossier)
    if not form.is_bound or not form.is_valid():
        raise Http404
    found = _paid_twice(dossier, form)
    if not found.refunds:
        raise Http404
    work = label_of(form.cleaned_data["work"])
    data = claim_letters(dossier, found.refunds, timezone.now(), work)
    response = HttpResponse(data, content_type="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="claims.zip"'
    return response


def _paid_twice(dossier: Dossier, form: RefundForm) -> PaidTwice:
    given = form.cleaned_data
    return paid_twice(
        dossier.case,
        given["work"],
        earnings=given["earnings"],
        currency=given["currency"],
        until=given["until"],
        today=timezone.localdate(),
    )


def _form(request: SignedInRequest, dossier: Dossier) -> RefundForm:
    works = works_by_id(dossier.case)
    choices = [
        (name, f"{label_of(name)} in {country_name(work['country'])}, from {_day(work['start'])}")
        for name, work in works.items()
    ]
    near = [
        load_country(work["country"]).currency
        for work in works.values()
        if work["country"] in countries()
    ]
    likely = ["USD", dossier.currency, *near]
    rest = sorted(known_currencies() - set(likely))
    currencies = [code for code in dict.fromkeys([*likely, *rest]) if code]
    today = timezone.localdate()
    issued = [row.issued_at.date() for row in issued_in(dossier)]
    until = min([today, *issued])
    initial = {
        "work": list(works)[-1] if works else "",
        "earnings": dossier.yearly_pay,
        "currency": dossier.currency or currencies[0],
        "until": until.isoformat(),
    }
    given = request.GET if "earnings" in request.GET else None
    return RefundForm(choices, currencies, given, initial=initial)
