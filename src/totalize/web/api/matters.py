"""Calls on applications and certificates, with the token of an account."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse
from ninja import Router
from ninja.params import functions

from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import require
from totalize.web.accounts.models import Organisation, User
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.api.calling import (
    Bearer,
    acts,
    answer,
    body_of,
    described,
    mapping_of,
    only,
    text_of,
    texts_of,
    whole_of,
)
from totalize.web.api.repeats import once
from totalize.web.applications import selectors, services
from totalize.web.applications.models import Application
from totalize.web.applications.states import Kind, State
from totalize.web.certificates import services as certificates
from totalize.web.certificates.models import Issued
from totalize.web.certificates.selectors import role_towards
from totalize.web.desk import services as desk

router = Router()
READ, WRITE = Bearer("applications:read"), Bearer("applications:write")
FETCH, DECIDE = Bearer("certificates:read"), Bearer("desk:decide")
PAGE = 50


@router.get(
    "/applications",
    auth=READ,
    summary="Your applications, the latest first",
    openapi_extra=described({200: "ApplicationList"}, token=True, refusals=(422,)),
)
@acts("account")
def list_applications(
    request: SignedInRequest,
    limit: Annotated[int, functions.Query(ge=1, le=200)] = PAGE,
    after: UUID | None = None,
) -> HttpResponse:
    """Give a page of them; `next` of an answer is `after` of the next call."""
    found = selectors.mine(request.user).order_by("-created_at", "-id")
    if after is not None:
        last = found.filter(id=after).first()
        if last is None:
            raise InputError("after", "is none of your applications", code="bad_value")
        found = found.filter(
            Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, id__lt=last.id)
        )
    page = list(found[: limit + 1])
    more = len(page) > limit
    return answer(
        {
            "items": [_brief(item) for item in page[:limit]],
            "next": str(page[limit - 1].id) if more else None,
        }
    )


@router.post(
    "/applications",
    auth=WRITE,
    summary="Start an application",
    openapi_extra=described(
        {201: "ApplicationAnswer"},
        takes="NewApplication",
        token=True,
        repeats=True,
        refusals=(409,),
    ),
)
@acts("application.start")
def start(request: SignedInRequest) -> HttpResponse:
    """Make a draft; the answer says what is still missing."""
    given = only(
        body_of(request),
        *("case", "work", "kind", "employer", "follows", "details", "statements"),
        needed=("case", "work"),
    )
    kind = text_of(given, "kind", Kind.CERTIFICATE)
    if kind not in Kind.values:
        raise InputError("kind", "is none", value=kind, expected=", ".join(Kind.values))
    statements = texts_of(given, "statements")

    def make() -> tuple[int, dict[str, Any]]:
        application = services.start(
            by=request.user,
            case=mapping_of(given, "case"),
            work=text_of(given, "work"),
            kind=kind,
            employer=_organisation(given),
            follows=_application(given, "follows", request.user),
            details=mapping_of(given, "details"),
        )
        if statements:
            application = services.tick(application, statements, request.user)
        return 201, _answer(application)

    return _done(once(request, make))


@router.get(
    "/applications/{application_id}",
    auth=READ,
    summary="An application: state, history, what is expected of whom",
    openapi_extra=described({200: "Application"}, token=True, refusals=(404, 422)),
)
@acts("application.read")
def read(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Give an application to one of its parties or to the desk."""
    application = _mine(request, application_id, "application.read")
    return answer(_whole(application))


@router.patch(
    "/applications/{application_id}",
    auth=WRITE,
    summary="Fill in an application",
    openapi_extra=described(
        {200: "ApplicationAnswer"}, takes="ApplicationChanges", token=True, refusals=(404, 409)
    ),
)
@acts("application.fill")
def fill(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Change facts; a null under `facts` leaves the fact out, under `details` takes it away."""
    application = _mine(request, application_id, "application.fill")
    given = only(body_of(request), "case", "work", "facts", "details", "statements", "version")
    changes: dict[str, Any] = {}
    for name in ("case", "details"):
        if name in given:
            changes[name] = mapping_of(given, name)
    if "facts" in given:
        facts = mapping_of(given, "facts")
        changes["facts"] = {
            path: msgspec.UNSET if value is None else value for path, value in facts.items()
        }
    if "work" in given:
        changes["work"] = text_of(given, "work")
    statements = texts_of(given, "statements")
    with transaction.atomic():
        if changes:
            version = whole_of(given, "version")
            application = services.fill(application, changes, request.user, version)
        if statements:
            application = services.tick(application, statements, request.user)
    return answer(_answer(application))


@router.post(
    "/applications/{application_id}/submit",
    auth=WRITE,
    summary="Send an application to the office",
    openapi_extra=described(
        {200: "ApplicationAnswer"},
        takes="Submission",
        optional=True,
        token=True,
        repeats=True,
        refusals=(404, 409),
    ),
)
@acts("application.submit")
def submit(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Send it, whole: the answer and the law are frozen and the proof of request is signed."""
    application = _mine(request, application_id, "application.submit")
    version = whole_of(only(body_of(request, empty=True), "version"), "version")

    def send() -> tuple[int, dict[str, Any]]:
        return 200, _answer(services.submit(application.id, request.user, version))

    return _done(once(request, send))


@router.post(
    "/applications/{application_id}/decide",
    auth=DECIDE,
    summary="Decide an application, as a caseworker",
    openapi_extra=described(
        {200: "ApplicationAnswer"},
        takes="RulingRequest",
        token=True,
        repeats=True,
        refusals=(404, 409),
    ),
)
@acts("desk.decide")
def decide(request: SignedInRequest, application_id: UUID) -> HttpResponse:
    """Issue, ask for a fact, or propose a refusal, which another person must second."""
    application = _mine(request, application_id, "desk.decide")
    given = only(
        body_of(request),
        *("decision", "reason", "field", "due_on", "version"),
        needed=("decision",),
    )
    verdict, reason = text_of(given, "decision"), text_of(given, "reason")
    if verdict not in ("issue", "refuse", "ask"):
        raise InputError("decision", "is none", value=verdict, expected="issue, refuse or ask")
    version, field = whole_of(given, "version"), text_of(given, "field")
    due_on = parse_date(text_of(given, "due_on"), "due_on") if "due_on" in given else None

    def rule() -> tuple[int, dict[str, Any]]:
        taken, by = application, request.user
        seen = version
        if taken.state == State.SUBMITTED:
            taken = desk.take(taken.id, by, seen)
            seen = taken.version
        if verdict == "issue":
            desk.issue(taken.id, by, version=seen, reason=reason)
        elif verdict == "refuse":
            desk.propose_refusal(taken.id, by, reason, version=seen)
        else:
            desk.ask(taken.id, by, reason, field=field[:120], due_on=due_on, version=seen)
        return 200, _answer(Application.objects.get(id=taken.id))

    return _done(once(request, rule))


@router.get(
    "/certificates/{reference}/pdf",
    auth=FETCH,
    summary="The signed document",
    openapi_extra=described(
        {200: ""},
        token=True,
        refusals=(404, 422),
        media="application/pdf",
        shape={"type": "string", "format": "binary"},
    ),
)
@acts("certificate.read")
def pdf(request: SignedInRequest, reference: str) -> HttpResponse:
    """Give the signed file, the same bytes each time; that it was fetched is on record."""
    issued = _certificate(request, reference, "download")
    return HttpResponse(
        certificates.pdf_of(issued),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{issued.reference}.pdf"'},
    )


@router.get(
    "/certificates/{reference}/credential",
    auth=FETCH,
    summary="The verifiable credential (SD-JWT)",
    openapi_extra=described(
        {200: ""},
        token=True,
        refusals=(404, 422),
        media="application/dc+sd-jwt",
        shape={"type": "string"},
    ),
)
@acts("certificate.read")
def credential(request: SignedInRequest, reference: str) -> HttpResponse:
    """Give the credential; that it was fetched is on record."""
    issued = _certificate(request, reference, "credential")
    return HttpResponse(certificates.credential_of(issued), content_type="application/dc+sd-jwt")


def _mine(request: SignedInRequest, application_id: UUID, act: str) -> Application:
    application = (
        Application.objects.select_related("person", "worker", "employer", "started_by")
        .filter(id=application_id)
        .first()
    )
    if application is None:
        raise Http404
    require(request.user, act, application)
    return application


def _certificate(request: SignedInRequest, reference: str, how: str) -> Issued:
    issued = certificates.find(reference)
    if issued is None:
        raise Http404
    require(request.user, "certificate.read", issued.application)
    role = role_towards(request.user, issued)
    certificates.note_copy(issued, str(request.user), role, how, request.user)
    return issued


def _organisation(given: dict[str, Any]) -> Organisation | None:
    if "employer" not in given:
        return None
    found = Organisation.objects.filter(id=_identifier(given, "employer")).first()
    if found is None:
        raise InputError("employer", "is not yours to act for", code="not_yours")
    return found


def _application(given: dict[str, Any], name: str, by: User) -> Application | None:
    if name not in given:
        return None
    found = selectors.mine(by).filter(id=_identifier(given, name)).first()
    if found is None:
        raise InputError(name, "is none of your applications", code="not_yours")
    return found


def _identifier(given: dict[str, Any], name: str) -> UUID:
    try:
        return UUID(text_of(given, name))
    except ValueError:
        raise InputError(name, "is no identifier", expected="a UUID", code="bad_value") from None


def _done(result: tuple[int, dict[str, Any]]) -> HttpResponse:
    status, document = result
    return answer(document, status)


def _brief(application: Application) -> dict[str, Any]:
    return {
        "id": str(application.id),
        "kind": application.kind,
        "state": application.state,
        "version": application.version,
        "work": application.work,
        "partner": application.partner,
        "issuing_country": application.issuing_country,
        "created_at": application.created_at.isoformat(),
        "submitted_at": _moment(application.submitted_at),
        "decided_at": _moment(application.decided_at),
    }


def _answer(application: Application) -> dict[str, Any]:
    """Return what a call that changed something answers: codes and paths, nothing of a person."""
    found = services.readiness(application)
    return {
        **_brief(application),
        "missing": [
            {"field": item.field, "words": item.words, "who": item.who} for item in found.missing
        ],
        "ready": found.ready,
        "issued_here": found.issues_here,
        "certificates": list(
            Issued.objects.filter(application=application)
            .order_by("issued_at", "id")
            .values_list("reference", flat=True)
        ),
    }


def _whole(application: Application) -> dict[str, Any]:
    return {
        **_answer(application),
        "case": application.case,
        "details": application.details,
        "determination": application.determination,
        "history": [
            {"at": event.at.isoformat(), "what": event.what, "by": event.by, "note": event.note}
            for event in selectors.history(application)
        ],
        "expected": [
            {"who": item.who, "what": item.what, "due_on": _moment(item.due_on)}
            for item in selectors.expected_of(application)
        ],
    }


def _moment(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
