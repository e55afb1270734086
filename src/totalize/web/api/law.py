"""Calls for anybody: check, cost, benefit, the agreements, and whether a certificate is real."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from ninja import Router

from totalize import api as library
from totalize.certificates.reference import parse_reference
from totalize.kernel.countries import NAMES
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError
from totalize.web.api.calling import (
    JSON,
    answer,
    body_of,
    described,
    mapping_of,
    only,
    public,
    text_of,
    whole_of,
)
from totalize.web.api.problems import RefusedError
from totalize.web.api.shapes import an_object, ref
from totalize.web.verify.limits import over

router = Router()
COST_FIELDS = (
    "case",
    "earnings",
    "currency",
    "per",
    "year",
    "work",
    "as_of",
    "filing_status",
    "other_us_wages",
    "choices",
    "units",
    "rates",
    "project",
)
LARGEST_FILE = 10_000_000
FILE = {"type": "string", "format": "binary"}


@router.post(
    "/check",
    summary="Which system covers the work of a case",
    openapi_extra=described({200: "Determination"}, takes="Case"),
)
@public
def check(request: HttpRequest, as_of: str | None = None) -> HttpResponse:
    """Decide a case: section 1 of the contract in, section 2 out."""
    return answer(library.check(body_of(request), _day(as_of)).to_dict())


@router.post(
    "/cost",
    summary="What a work costs with and without a certificate",
    openapi_extra=described({200: "Cost"}, takes="CostRequest"),
)
@public
def cost(request: HttpRequest) -> HttpResponse:
    """Reckon the cost of a work: section 3 of the contract."""
    given = only(body_of(request), *COST_FIELDS, needed=("case", "earnings", "currency"))
    choices = {
        name: text_of(mapping_of(given, "choices"), name) for name in mapping_of(given, "choices")
    }
    project = given.get("project", False)
    if not isinstance(project, bool):
        raise InputError("project", "is neither true nor false", code="bad_type")
    found = library.cost(
        mapping_of(given, "case"),
        earnings=given["earnings"],
        currency=text_of(given, "currency"),
        per=text_of(given, "per", "year"),
        year=whole_of(given, "year"),
        work=text_of(given, "work") if "work" in given else None,
        as_of=_day(given.get("as_of")),
        filing_status=text_of(given, "filing_status") if "filing_status" in given else None,
        other_us_wages=given.get("other_us_wages", 0),
        choices=choices,
        units=mapping_of(given, "units"),
        rates=mapping_of(given, "rates"),
        project=project,
    )
    return answer(found.to_dict())


@router.post(
    "/benefit",
    summary="Insured status and the US benefit from combined credits",
    openapi_extra=described({200: "Benefit"}, takes="BenefitRecord"),
)
@public
def benefit(request: HttpRequest) -> HttpResponse:
    """Find the benefit on a record: section 4 of the contract."""
    return answer(library.benefit(body_of(request)).to_dict())


@router.get(
    "/agreements",
    summary="The agreements, with their dates",
    openapi_extra=described({200: "AgreementList"}),
)
@public
def agreements(request: HttpRequest) -> HttpResponse:
    """List the agreements."""
    book = library.law()
    found = []
    for country in sorted(book.countries()):
        agreement = book.agreement(country)
        if agreement is not None:
            found.append(
                {
                    "country": country,
                    "name": agreement.name,
                    "status": agreement.status,
                    "signed": None if agreement.signed is None else str(agreement.signed),
                    "in_force": None if agreement.in_force is None else str(agreement.in_force),
                }
            )
    return answer({"contract": 1, "law": book.version, "agreements": found})


@router.get(
    "/agreements/{country}",
    summary="One agreement as data, with sources and dates",
    openapi_extra=described({200: "AgreementDocument"}, refusals=(404, 422)),
)
@public
def agreement(request: HttpRequest, country: str) -> HttpResponse:
    """Give one agreement."""
    book = library.law()
    found = book.agreement(country) if country in NAMES else None
    if found is None:
        raise RefusedError(404, "no_agreement", "there is no agreement with this country here")
    return answer(
        {
            "contract": 1,
            "law": book.version,
            "country": country,
            "agreement": msgspec.to_builtins(found),
            "offices": msgspec.to_builtins(book.offices(country)),
        }
    )


@router.post(
    "/verify",
    summary="Whether a certificate is real, by reference and fact or by the file",
    openapi_extra={
        **described({200: "Verification"}, takes="VerifyRequest"),
        "requestBody": {
            "required": True,
            "content": {
                JSON: {"schema": ref("VerifyRequest")},
                "application/pdf": {"schema": FILE},
                "multipart/form-data": {"schema": an_object({"file": FILE})},
            },
        },
    },
)
@public
def verify(request: HttpRequest) -> HttpResponse:
    """Check a certificate; what is unknown and what does not match get the same answer."""
    from totalize.web.verify import services  # noqa: PLC0415 - opens the authority's keys

    now = timezone.now()
    if request.content_type in ("application/pdf", "multipart/form-data"):
        file = _file_of(request)
        _count(request, now)
        report = services.verify_file(file, now)
    else:
        given = only(body_of(request), "reference", "fact", needed=("reference", "fact"))
        reference, fact = parse_reference(text_of(given, "reference")), text_of(given, "fact")
        _count(request, now, reference)
        report = services.verify_reference(reference, fact, now)
    return answer(report.to_dict())


def _count(request: HttpRequest, now: datetime, reference: str = "") -> None:
    """Count a check as the page does: a program is no way round the limits on guessing."""
    limit = over(request, now, reference)
    if limit is not None:
        wait = {"Retry-After": str(limit.seconds)}
        detail = f"{limit.most} checks an hour are allowed to one {limit.name}"
        raise RefusedError(429, "too_many_checks", detail, headers=wait)


@router.get(
    "/health",
    summary="Whether the service and its database answer",
    openapi_extra=described({200: ""}, shape={"type": "object"}),
)
@public
def health(request: HttpRequest) -> HttpResponse:
    """Ask the database for nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return answer({"status": "ok"})


def _day(value: object) -> date | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError("as_of", "is not a date", expected="like 2027-03-01", code="bad_date")
    return parse_date(value, "as_of")


def _file_of(request: HttpRequest) -> bytes:
    if request.content_type == "application/pdf":
        length = request.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LARGEST_FILE:
            raise RefusedError(413, "too_large", "no certificate is that large")
        return request.read(LARGEST_FILE)
    try:
        uploaded = request.FILES.get("file")
    except MultiPartParserError:
        raise RefusedError(400, "unreadable", "the form cannot be read") from None
    if uploaded is None:
        raise InputError("file", "is missing", code="missing")
    if uploaded.size is None or uploaded.size > LARGEST_FILE:
        raise RefusedError(413, "too_large", "no certificate is that large")
    data: bytes = uploaded.read()
    return data
