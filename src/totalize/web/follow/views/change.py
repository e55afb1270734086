"""The wizard: what changes, what that does, and the right thing begun."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from totalize.coverage.case import works_by_id
from totalize.kernel.countries import country_name, in_sentence
from totalize.kernel.dates import written_day
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import act
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.follow import wizard
from totalize.web.follow.changes import DAY, Change, Step
from totalize.web.follow.forms import EMPLOYED_ONLY, ChangeForm, ChooseForm
from totalize.web.follow.letters import change_letters
from totalize.web.follow.models import Dossier
from totalize.web.follow.picture import label_of
from totalize.web.follow.selectors import find, name_of
from totalize.web.follow.wizard import Asked
from totalize.web.follow.wording import sentence, words


@require_http_methods(["GET", "POST"])
@act("follow.change")
def choose(request: SignedInRequest, dossier_id: UUID) -> HttpResponse:
    """Ask which work changes, and how."""
    dossier = find(request.user, dossier_id, "follow.change")
    form = ChooseForm(_works(dossier), request.POST or None)
    if request.method == "POST" and form.is_valid():
        address = reverse("follow:change", args=[dossier.id, form.cleaned_data["kind"]])
        return redirect(f"{address}?{urlencode({'work': form.cleaned_data['work']})}")
    context = {"dossier": dossier, "name": name_of(dossier), "form": form}
    return render(request, "follow/choose.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@act("follow.change")
def change(request: SignedInRequest, dossier_id: UUID, kind: str) -> HttpResponse:
    """Ask what a change is, show what it does, and carry it out."""
    dossier = find(request.user, dossier_id, "follow.change")
    name = request.POST.get("work") or request.GET.get("work", "")
    work = works_by_id(dossier.case).get(name)
    if work is None or kind not in list(Change):
        raise Http404
    what = Change(kind)
    if what in EMPLOYED_ONLY and work["activity"] != "employment":
        raise Http404
    citizenships = list(dossier.case["worker"].get("citizenships", []))
    form = ChangeForm(what, work, citizenships, request.POST or None)
    context: dict[str, Any] = {
        "dossier": dossier,
        "name": name_of(dossier),
        "work": name,
        "label": f"{label_of(name)} in {country_name(work['country'])}",
        "title": words().changes[what],
        "form": form,
        "version": request.POST.get("version") or dossier.version,
    }
    if request.method != "POST" or not form.is_valid() or "again" in request.POST:
        status = 400 if form.errors and "again" not in request.POST else 200
        return render(request, "follow/change.html", context, status=status)
    try:
        asked = wizard.Asked(name, what, form.first_day, form.facts())
        seen = wizard.preview(dossier, asked, timezone.localdate())
        if "letters" in request.POST:
            return _letters(dossier, seen)
        if "save" in request.POST or "begin" in request.POST:
            return _carry_out(request, dossier, asked, begin="begin" in request.POST)
    except InputError as error:
        form.add_error(None, f"“{error.path}” {error.problem}.")
        return render(request, "follow/change.html", context, status=400)
    for field in form.fields.values():
        field.widget = field.hidden_widget()
    context |= _words_of(dossier, seen)
    return render(request, "follow/preview.html", context)


def _carry_out(
    request: SignedInRequest, dossier: Dossier, asked: wizard.Asked, *, begin: bool
) -> HttpResponse:
    text = request.POST.get("version", "")
    version = int(text) if text.isdecimal() and len(text) < 10 else -1
    drafts = wizard.carry_out(
        dossier.id,
        asked,
        by=request.user,
        version=version,
        today=timezone.localdate(),
        begin=begin,
    )
    messages.success(request, "The change is written down.")
    if len(drafts) == 1:
        return redirect("applications:detail", drafts[0].id)
    if drafts:
        messages.info(request, f"{len(drafts)} requests were begun. Fill in and send each.")
        return redirect("applications:list")
    return redirect("follow:person", dossier.id)


def _letters(dossier: Dossier, seen: wizard.Preview) -> HttpResponse:
    data = change_letters(dossier, seen, timezone.now())
    response = HttpResponse(data, content_type="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="letters.zip"'
    return response


def _words_of(dossier: Dossier, seen: wizard.Preview) -> dict[str, Any]:
    advice = seen.advice
    was = advice.before or advice.after
    issuer = advice.paper.issued_by if advice.paper is not None else "US"
    agreement = "" if was is None else was.agreement or ""
    host = agreement if issuer == "US" else "US"
    need = None if advice.after is None else advice.after.certificate
    returns = seen.asked.change is Change.EARLY_RETURN
    day = seen.asked.day if returns or Step.GIVE_BACK in advice.steps else seen.asked.day - DAY
    places = {
        "day": written_day(day),
        "issuer": in_sentence(issuer),
        "host": in_sentence(host) if host else "the other country",
        "next_issuer": "the office" if need is None else in_sentence(need.issued_by),
    }
    found = words()
    return {
        "seen": seen,
        "steps": [
            (sentence(found.steps[step], **places), step in seen.drafts) for step in advice.steps
        ],
        "drafts": [found.drafts[step] for step in seen.drafts],
        "tell": [found.tell[who].format(**places) for who in advice.tell],
        "day": _when(seen.asked, returns=returns),
        "letters": "issuer" in advice.tell,
    }


def _when(asked: Asked, *, returns: bool) -> str:
    """Return since or until when it is different; a longer work is known by its new end."""
    if returns:
        return f"last day {written_day(asked.day)}"
    end = asked.facts.get("end")
    if asked.change is Change.EXTENSION and end:
        return f"until {written_day(date.fromisoformat(end))}"
    return f"from {written_day(asked.day)}"


def _works(dossier: Dossier) -> list[tuple[str, str]]:
    found = []
    for name, work in works_by_id(dossier.case).items():
        last = work.get("end") or work.get("expected_end")
        until = f" to {last}" if last else ""
        words_of = (
            f"{label_of(name)} in {in_sentence(work['country'])}, from {work['start']}{until}"
        )
        found.append((name, words_of))
    return found
