"""The pages of the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from totalize.certificates.authority import NotAnAuthorityError
from totalize.kernel.countries import country_name
from totalize.kernel.errors import InputError, TotalizeError
from totalize.web.accounts.access import act, public, require
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.applications import selectors as applications
from totalize.web.applications.models import Application, Decision
from totalize.web.applications.services import ConflictError, read_upload
from totalize.web.applications.states import Kind, State
from totalize.web.applications.views.common import number_in, version_of
from totalize.web.audit.services import record
from totalize.web.certificates import services as certificates
from totalize.web.certificates.selectors import open_withdrawals
from totalize.web.desk import automatic, case_text, selectors, services
from totalize.web.desk.doubts import doubts, same_people
from totalize.web.desk.forms import (
    AskForm,
    ConsultForm,
    ExceptionForm,
    HearForm,
    QueueForm,
    RefuseForm,
    RevealForm,
    SendBackForm,
)
from totalize.web.desk.selectors import Filters
from totalize.web.people.services import masked_numbers, reveal

TIME_TO_ANSWER = timedelta(days=14)
Do = Callable[[dict[str, Any]], None]


@require_GET
@act("desk.read")
def queue(request: SignedInRequest) -> HttpResponse:
    """Show what waits."""
    form = QueueForm(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    filters = Filters(
        state=given.get("state", ""),
        country=given.get("country", ""),
        kind=given.get("kind", ""),
        mine=request.user if given.get("mine") else None,
        plain=bool(given.get("plain")),
    )
    page, lines = selectors.page_of(selectors.queue(filters), request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "desk/queue.html",
        {
            "form": form,
            "page": page,
            "lines": lines,
            "counts": selectors.counts(),
            "query": query.urlencode(),
            "withdrawals": open_withdrawals().count(),
            "to_review": selectors.sample_to_review().count(),
            "problems": certificates.problems(),
        },
    )


@require_http_methods(["GET", "POST"])
@act("desk.read")
def search(request: SignedInRequest) -> HttpResponse:
    """Find cases; what is looked for is a person's and never stands in an address."""
    wanted = request.POST.get("wanted", "")
    found = selectors.lines(selectors.search(wanted)) if request.method == "POST" else []
    context = {"lines": found, "searched": request.method == "POST"}
    return render(request, "desk/search.html", context)


@require_GET
@act("desk.read")
def case(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Show one case on one screen."""
    application = _case(request, application_id)
    person = application.person
    belongings = selectors.belongings_of(application)
    answers = case_text.answers(application)
    people = same_people(person, belongings.numbers)
    undecided = application.state in selectors.WAITING
    mine = application.assigned_to_id == request.user.id
    proposal = selectors.proposal_of(application, belongings.decisions)
    return render(
        request,
        "desk/case.html",
        {
            "application": application,
            "belongings": belongings,
            "line": selectors.line_of(application, belongings.questions),
            "answers": answers,
            "facts": case_text.facts(application),
            "stays": case_text.other_works(application),
            "details": case_text.detail_facts(application),
            "sections": case_text.beside(application, answers),
            "numbers": [
                (country, country_name(country), shown)
                for country, shown in masked_numbers(person, belongings.numbers)
            ],
            "earlier": selectors.earlier_of(application, people),
            "doubts": doubts(application, people) if undecided else [],
            "history": applications.history(application),
            "partner": country_name(application.partner) if application.partner else "",
            "proposal": proposal,
            "own_proposal": proposal is not None and proposal.by_id == request.user.id,
            "may_second": request.user.office_role == "supervisor",
            "may_decide": mine or application.state == State.SUBMITTED,
            "taken_by_other": application.state == State.IN_REVIEW and not mine,
            "is_plain": automatic.is_plain(application),
            "issuable": application.kind != Kind.EXCEPTION
            and case_text.calls_for_ours(application, answers),
            "agreed": selectors.has_agreement_of_other(belongings.consultations),
            "problems": certificates.problems(),
        },
    )


@require_POST
@act("desk.decide")
def take(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Take a case, or take it over."""
    over = request.POST.get("over") == "yes"
    services.take(application_id, request.user, version_of(request), over=over)
    return redirect("desk:case", application_id)


@require_POST
@act("desk.decide")
def release(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Put a case back."""
    services.release(application_id, request.user, version_of(request))
    messages.success(request, "The case is back in the queue.")
    return redirect("desk:queue")


@require_POST
@act("desk.decide")
def again(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Read the law again."""
    services.decide_again(application_id, request.user, version=version_of(request))
    messages.success(request, "The answer is made anew, by the law as it is read today.")
    return redirect("desk:case", application_id)


@require_POST
@act("desk.decide")
def issue(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Issue the certificate."""
    application = _case(request, application_id)
    try:
        issued = services.issue(
            application_id,
            request.user,
            version=version_of(request),
            reason=request.POST.get("reason", ""),
        )
    except ConflictError as error:
        return _conflict(request, application, error, {})
    except (InputError, NotAnAuthorityError) as error:
        return _not_done(request, application, error)
    messages.success(request, f"Issued: {issued.reference}")
    following = selectors.queue(Filters(plain=application.plain)).first()
    if request.POST.get("next") == "yes" and following is not None:
        return redirect("desk:case", following.id)
    return redirect("desk:case", application_id)


@require_http_methods(["GET", "POST"])
@act("desk.decide")
def ask(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Ask the applicant for a fact."""
    application = _case(request, application_id)
    form = AskForm(
        request.POST or None,
        paths=case_text.paths(application),
        initial={**_initial(application), "due_on": timezone.localdate() + TIME_TO_ANSWER},
    )

    def do(given: dict[str, Any]) -> None:
        services.ask(application_id, request.user, **given)
        messages.success(request, "The question is on its way.")

    return _form_page(
        request, application, form, do, title="Ask for facts", button="Send the question"
    )


@require_http_methods(["GET", "POST"])
@act("desk.decide")
def refuse(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Propose to refuse."""
    application = _case(request, application_id)
    form = RefuseForm(request.POST or None, initial=_initial(application))

    def do(given: dict[str, Any]) -> None:
        services.propose_refusal(application_id, request.user, **given)
        messages.success(request, "The refusal waits for a second person.")

    return _form_page(
        request, application, form, do, title="Refuse this request", button="Propose the refusal"
    )


@require_http_methods(["GET", "POST"])
@act("desk.decide")
def exception(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Propose a special exception."""
    application = _case(request, application_id)
    form = ExceptionForm(request.POST or None, initial=_initial(application))

    def do(given: dict[str, Any]) -> None:
        services.propose_exception(application_id, request.user, **given)
        messages.success(request, "The exception waits for a second person.")

    return _form_page(
        request,
        application,
        form,
        do,
        title="Make a special exception",
        button="Propose the exception",
    )


@require_http_methods(["GET", "POST"])
@act("desk.decide")
def consult(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Ask the other authority."""
    application = _case(request, application_id)
    form = ConsultForm(request.POST or None, initial=_initial(application))

    def do(given: dict[str, Any]) -> None:
        services.consult(application_id, request.user, **given)
        messages.success(request, "It is noted that the other authority is asked.")

    return _form_page(
        request, application, form, do, title="Ask the other authority", button="Note it"
    )


@require_http_methods(["GET", "POST"])
@act("desk.decide")
def hear(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Record the other authority's answer."""
    application = _case(request, application_id)
    form = HearForm(request.POST or None, initial=_initial(application))

    def do(given: dict[str, Any]) -> None:
        version = given.pop("version")
        services.hear(application_id, request.user, services.Heard(**given), version=version)
        messages.success(request, "The answer is recorded.")

    return _form_page(
        request,
        application,
        form,
        do,
        title="What the other authority answered",
        button="Record the answer",
    )


@require_POST
@act("desk.second")
def second(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Second a proposal."""
    application = _case(request, application_id)
    try:
        services.second(application_id, request.user, version=version_of(request))
    except ConflictError as error:
        return _conflict(request, application, error, {})
    except (InputError, NotAnAuthorityError) as error:
        return _not_done(request, application, error)
    messages.success(request, "The decision stands, and the applicant is told.")
    return redirect("desk:case", application_id)


@require_http_methods(["GET", "POST"])
@act("desk.second")
def send_back(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Send a proposal back."""
    application = _case(request, application_id)
    form = SendBackForm(request.POST or None, initial=_initial(application))

    def do(given: dict[str, Any]) -> None:
        services.send_back(application_id, request.user, **given)
        messages.success(request, "The proposal went back.")

    return _form_page(
        request, application, form, do, title="Send the proposal back", button="Send it back"
    )


@require_http_methods(["GET", "POST"])
@act("number.reveal")
def number(request: SignedInRequest, application_id: UUID, country: str) -> HttpResponse:
    """Show a whole number to somebody who says why; it is shown once, and never kept by a page."""
    application = _case(request, application_id)
    person = application.person
    if person is None or country not in {item.country for item in person.numbers.all()}:
        raise Http404
    form = RevealForm(request.POST or None)
    shown = None
    if request.method == "POST" and form.is_valid():
        try:
            shown = reveal(person, country, by=request.user, reason=form.cleaned_data["reason"])
        except InputError as error:
            form.add_error("reason", f"This {error.problem}; expected {error.expected}.")
    context = {
        "application": application,
        "form": form,
        "shown": shown,
        "country": country_name(country),
    }
    return render(request, "desk/number.html", context)


@require_GET
@act("desk.read")
def document(request: SignedInRequest, application_id: UUID, upload_id: UUID) -> HttpResponse:
    """Give out a document that the applicant sent."""
    application = _case(request, application_id)
    upload = get_object_or_404(application.uploads, id=upload_id)
    return _file(read_upload(upload, request.user), upload.media_type, upload.name)


@require_GET
@act("application.read")
def letter(request: SignedInRequest, decision_id: int) -> HttpResponse:
    """Give out the letter of a decision, to its parties and to the desk."""
    decision = get_object_or_404(
        Decision.objects.select_related("application", "application__person"),
        id=decision_id,
        letter__isnull=False,
    )
    require(request.user, "application.read", decision.application)
    record(
        "letter.read",
        actor=request.user,
        subject=f"application:{decision.application_id}",
        facts={"decision": decision.id},
    )
    return _file(services.letter_of(decision), "application/pdf", "decision.pdf")


@require_http_methods(["GET", "POST"])
@act("desk.decide")
def review(request: SignedInRequest) -> HttpResponse:
    """Show what was decided automatically and drawn; note what was looked at."""
    if request.method == "POST":
        automatic.review(number_in(request, "decision"), request.user)
        messages.success(request, "Noted.")
        return redirect("desk:review")
    return render(
        request, "desk/review.html", {"decisions": list(selectors.sample_to_review()[:100])}
    )


@require_GET
@public
def times(request: HttpRequest) -> HttpResponse:
    """Publish how long answers take."""
    rows = [
        (row, Kind(row.kind).label, country_name(row.country) if row.country else "all countries")
        for row in selectors.answer_times()
    ]
    return render(request, "desk/times.html", {"rows": rows, "smallest": selectors.SMALLEST_GROUP})


def _case(request: SignedInRequest, application_id: UUID) -> Application:
    application = selectors.case_of(application_id)
    if application is None or application.state == State.DRAFT:
        raise Http404
    require(request.user, "desk.read", application)
    return application


def _form_page(
    request: SignedInRequest,
    application: Application,
    form: forms.Form,
    do: Do,
    *,
    title: str,
    button: str,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            do(dict(form.cleaned_data))
        except ConflictError as error:
            typed = {
                str(form.fields[name].label): value
                for name, value in form.cleaned_data.items()
                if name != "version" and value
            }
            return _conflict(request, application, error, typed)
        except InputError as error:
            _put(form, error)
        else:
            return redirect("desk:case", application.id)
    context = {
        "application": application,
        "form": form,
        "title": title,
        "button": button,
        "answers": case_text.answers(application),
    }
    return render(request, "desk/form.html", context, status=400 if form.errors else 200)


def _conflict(
    request: SignedInRequest, application: Application, error: ConflictError, typed: dict[str, Any]
) -> HttpResponse:
    """Tell who was not first, and give back what they typed."""
    now = selectors.case_of(application.id)
    context = {"application": now, "error": error, "typed": typed}
    return render(request, "desk/conflict.html", context, status=409)


def _not_done(
    request: SignedInRequest, application: Application, error: TotalizeError
) -> HttpResponse:
    """Say on the case itself why it could not be decided."""
    if error.code == "law_changed":
        sentence = (
            "The law data changed since this was sent, and the answer would be another one now. "
            "Take the case, read the law again and look at the new answer."
        )
    elif isinstance(error, InputError):
        sentence = f"This could not be done. {_sentence(error)}"
    else:
        sentence = f"This could not be done: {error}."
    messages.error(request, sentence)
    return redirect("desk:case", application.id)


def _put(form: forms.Form, error: InputError) -> None:
    if error.path in form.fields:
        form.add_error(error.path, _sentence(error, "This"))
    else:
        form.add_error(None, _sentence(error))


def _sentence(error: InputError, named: str | None = None) -> str:
    path = error.path.replace("_", " ").replace(".", " ") or "it"
    name = named or f"{path[:1].upper()}{path[1:]}"
    expected = f"; needed: {error.expected}" if error.expected else ""
    return f"{name} {error.problem}{expected}."


def _initial(application: Application) -> dict[str, Any]:
    return {"version": application.version}


def _file(data: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    # A document that somebody sent is never opened inside our own pages.
    response.headers["Content-Disposition"] = f'attachment; filename="{_ascii(name)}"'
    response.headers["Content-Security-Policy"] = "sandbox"
    return response


def _ascii(name: str) -> str:
    return "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "-_. ") else "_" for sign in name
    )
