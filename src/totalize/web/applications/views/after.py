"""One application: what is to do while it is a draft, where it stands afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from totalize.kernel.countries import country_name, in_sentence
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import DESK, PARTIES, act, roles_towards
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.applications import hooks, selectors, services
from totalize.web.applications.facts import exception_possible
from totalize.web.applications.forms import ForeignForm, UploadForm, problem_in_words
from totalize.web.applications.models import Application, Purpose
from totalize.web.applications.readiness import Missing, Readiness, assess
from totalize.web.applications.sections import DOCUMENTS, FACTS, SEND, SIDES, STATEMENTS, Section
from totalize.web.applications.services.foreign import (
    Misfit,
    misfits_of,
    read_foreign,
    read_foreign_facts,
)
from totalize.web.applications.states import MOVES, Kind, State
from totalize.web.applications.views.common import OWN_ROUTES, find, pages_of, show
from totalize.web.applications.views.documents import find_upload

# Parts that an application which was sent has no use for.
NOT_LATER = (SEND, SIDES, STATEMENTS)


@act("application.read")
def detail(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Show an application to its parties."""
    application = find(request, application_id)
    roles = roles_towards(request.user, application)
    if State(application.state) is State.DRAFT and roles & PARTIES:
        return _draft(request, application)
    changes = bool(roles_towards(request.user, application, manage=True) & PARTIES)
    state = State(application.state)
    fate = hooks.fates_of([application.id], timezone.localdate()).get(application.id)
    context = {
        "expected": selectors.expected_of(application),
        "fate": fate,
        "history": selectors.history(application, fate),
        "questions": application.questions.order_by("asked_at", "id"),
        "open_questions": state is State.ASKED,
        "uploads": application.uploads.order_by("at", "id"),
        "decision": application.decisions.order_by("-id").first()
        if state in (State.ISSUED, State.REFUSED)
        else None,
        "certificates": application.certificates.order_by("issued_at", "id").values_list(
            "id", flat=True
        ),
        "kept": application.foreign.order_by("-kept_at", "id"),
        "country": country_name(application.partner) if application.partner else "",
        "issuer": country_name(application.issuing_country) if application.issuing_country else "",
        "may_change": changes,
        "may_withdraw": changes and state in MOVES["withdraw"].out_of,
        "may_contest": changes and state is State.REFUSED,
        "may_follow": changes and state in (State.ISSUED, State.KEPT),
        "stands": fate is None or fate.stands,
        "is_desk": bool(roles & DESK),
        "kinds": [item for item in Kind.choices if item[0] != Kind.CERTIFICATE],
    }
    return show(request, application, "detail", context)


@act("application.fill")
@require_POST
def answer(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Answer what the office asked."""
    application = find(request, application_id, "application.fill")
    answers = {
        question.id: request.POST.get(f"answer-{question.id}", "")
        for question in selectors.open_questions(application)
    }
    try:
        services.answer(application, answers, request.user)
    except InputError as error:
        return _questions(request, application, answers, problem_in_words(error))
    messages.success(request, "Your answers are with the office.")
    return redirect("applications:detail", application.id)


@act("application.fill")
def questions(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Show what the office asks, with room for answers."""
    application = find(request, application_id, "application.fill")
    if State(application.state) is not State.ASKED:
        return redirect("applications:detail", application.id)
    return _questions(request, application, {}, "")


def _questions(
    request: SignedInRequest, application: Application, typed: dict[int, str], problem: str
) -> HttpResponse:
    """Show what the office asks.

    Args:
        request: whose answers.
        application: what it is asked about.
        typed: what was answered before, by the question's id; it is shown again.
        problem: why that could not be taken, empty when nothing was answered yet.
    """
    found = assess(application)
    parts = [_state_of(application, item, found) for item in pages_of(application, found)]
    return show(
        request,
        application,
        "questions_of_office",
        {
            "questions": [
                (question, typed.get(question.id, ""))
                for question in selectors.open_questions(application)
            ],
            "parts": [part for part in parts if part.slug not in NOT_LATER],
            "problem": problem,
        },
        status=422 if problem else 200,
    )


@act("application.withdraw")
def take_back(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Ask whether it is meant, then take the application back."""
    application = find(request, application_id, "application.withdraw")
    if request.method == "POST":
        services.take_back(application, request.user, request.POST.get("note", ""))
        messages.success(request, "The application is taken back.")
        return redirect("applications:detail", application.id)
    return show(request, application, "take_back")


@act("application.fill")
def contest(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Say why a refusal is wrong."""
    application = find(request, application_id, "application.fill")
    typed, problem, status = "", None, 200
    if request.method == "POST":
        typed = request.POST.get("note", "")
        try:
            services.contest(application, request.user, typed)
        except InputError as error:
            problem, status = problem_in_words(error), 422
        else:
            messages.success(request, "The office will look at it again.")
            return redirect("applications:detail", application.id)
    return show(
        request, application, "contest", {"typed": typed, "problem": problem}, status=status
    )


@act("application.upload")
def certificate(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Take the certificate that came back."""
    application = find(request, application_id, "application.upload")
    form = UploadForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data["file"]
            try:
                made = services.add_upload(
                    application, given.name, given.read(), request.user, Purpose.CERTIFICATE
                )
            except InputError as error:
                form.add_error("file" if error.path == "file" else None, problem_in_words(error))
            else:
                return redirect("applications:certificate-facts", application.id, made.id)
    issuer = in_sentence(application.issuing_country) if application.issuing_country else ""
    return show(
        request, application, "certificate", {"form": form, "issuer": issuer}, status=status
    )


@act("application.upload")
def certificate_facts(
    request: SignedInRequest, application_id: UUID, upload_id: UUID
) -> HttpResponse:
    """Read or take the facts of a certificate, say whether it fits, and keep it."""
    application = find(request, application_id, "application.upload")
    upload = find_upload(application, upload_id)
    data = services.read_upload(upload, request.user)
    read = read_foreign(data)
    form = ForeignForm(request.POST or None, initial=_initial(application, read))
    misfits: tuple[Misfit, ...] = ()
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = {**form.facts(), **read}
            try:
                misfits = misfits_of(application, read_foreign_facts(given))
                if not misfits or "accept" in request.POST:
                    services.keep_foreign(
                        application, data, given, request.user, name=upload.name, accept=True
                    )
                    messages.success(request, "The certificate is kept.")
                    return redirect("applications:detail", application.id)
            except InputError as error:
                name = {"from": "first", "to": "last"}.get(error.path, error.path)
                form.add_error(name if name in form.fields else None, problem_in_words(error))
    context = {"form": form, "upload": upload, "read": bool(read), "misfits": misfits}
    return show(request, application, "certificate_facts", context, status=status)


def _draft(request: SignedInRequest, application: Application) -> HttpResponse:
    found = assess(application)
    rows = [_state_of(application, section, found) for section in pages_of(application, found)]
    context = {
        "found": found,
        "rows": rows,
        "others": [item for item in found.missing if item.page == SIDES],
        "may_change": bool(roles_towards(request.user, application, manage=True) & PARTIES),
        "exception": application.kind not in (Kind.EXCEPTION, Kind.EXTENSION)
        and found.determination is not None
        and exception_possible(application, found.determination),
    }
    if found.subject is not None:
        context["covered_by"] = in_sentence(found.subject.issuer)
        context["exempt_in"] = in_sentence(found.subject.need.presented_in)
    return show(request, application, "draft", context)


@dataclass(frozen=True, slots=True)
class PageState:
    """A page of a draft as the list of its pages shows it.

    Attributes:
        slug: the page's short name.
        address: where it is.
        status: how far it is, in words.
        lacking: what is still to be given on it.
        who: the sides that can give it, where not either can.
    """

    slug: str
    title: str
    address: str
    status: str
    lacking: tuple[Missing, ...]
    who: tuple[str, ...]


def _state_of(application: Application, section: Section, found: Readiness) -> PageState:
    lacking = tuple(item for item in found.missing if item.page == section.slug)
    status = "to do" if lacking else "done"
    if section.slug == FACTS and found.determination is None:
        status = "not yet"
    if section.slug == DOCUMENTS:
        count = application.uploads.filter(purpose=Purpose.EVIDENCE).count()
        status = f"{count} given" if count else "if you have some"
    elif section.slug == SIDES and not lacking:
        status = "done" if application.employer_id and application.worker_id else "not needed"
    elif section.slug == SEND:
        status = "ready" if found.ready else "not yet"
    name = OWN_ROUTES.get(section.slug)
    return PageState(
        slug=section.slug,
        title=section.title,
        address=reverse(f"applications:{name}", args=[application.id])
        if name
        else reverse("applications:page", args=[application.id, section.slug]),
        status=status,
        lacking=lacking,
        who=tuple(sorted({item.who for item in lacking if item.who != "either"})),
    )


def _initial(application: Application, read: dict[str, Any]) -> dict[str, Any]:
    if read:
        return {**read, "first": read["from"], "last": read["to"]}
    person = application.person
    return {
        "issuer": application.issuing_country,
        "name": "" if person is None else person.full_name,
    }
