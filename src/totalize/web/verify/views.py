"""The page on which anybody checks a paper, without an account and without a script."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import datetime
from typing import Any

import filetype
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from totalize.certificates.reference import parse_reference
from totalize.certificates.verification.report import Report, Verdict
from totalize.certificates.verification.sentences import findings, limits_of, reason_text
from totalize.certificates.wording import catalogue, languages
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import public
from totalize.web.verify import services
from totalize.web.verify.limits import ADDRESS, over
from totalize.web.verify.wording import NAMES, SPEAK, language_of, words

_TONES = {
    Verdict.VALID: "good",
    Verdict.NOT_YET_VALID: "warn",
    Verdict.PROOF_OF_REQUEST: "warn",
    Verdict.UNKNOWN: "warn",
}
_MESSAGES = {
    "bad_reference": "bad_reference",
    "mistyped_reference": "mistyped_reference",
    "unreadable": "unreadable",
}
_LONGEST = 20_000


class _ProblemError(Exception):
    """Something to put right, by field and message."""

    def __init__(self, field: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.field, self.message, self.status = field, message, status


@public
def start(request: HttpRequest) -> HttpResponse:
    """Ask what to check, and answer."""
    language = language_of(request)
    if request.method != "POST":
        return _page(request, language, {"reference": request.GET.get("reference", "")[:60]})
    if SPEAK in request.POST:
        return _again(request, language)
    now = timezone.now()
    try:
        report, digest = _check(request, now)
    except _ProblemError as problem:
        return _page(request, language, _given(request), problem)
    return _answer(request, language, report, digest)


def _again(request: HttpRequest, language: str) -> HttpResponse:
    """Show the same page in another language: nothing is checked, counted or lost."""
    sealed = request.POST.get("report")
    if sealed is not None:
        with suppress(InputError):
            return _answer(request, language, *services.open_report(sealed))
    return _page(request, language, _given(request))


def _given(request: HttpRequest) -> dict[str, str]:
    typed = {name: request.POST.get(name, "")[:60] for name in ("reference", "fact")}
    return {**typed, "code": request.POST.get("code", "")[:_LONGEST]}


def _check(request: HttpRequest, now: datetime) -> tuple[Report, str | None]:
    """Make the check that was asked for.

    Raises:
        _ProblemError: it cannot be made.
    """
    try:
        if "by_file" in request.POST:
            return _check_file(request, now)
        if "by_code" in request.POST:
            _count(request, now)
            return services.verify_code(request.POST.get("code", "")[:_LONGEST], now), None
        return _check_reference(request, now), None
    except InputError as error:
        field = "reference" if "reference" in error.code else "code"
        raise _ProblemError(field, _MESSAGES.get(error.code, "unreadable")) from None


def _check_reference(request: HttpRequest, now: datetime) -> Report:
    reference = request.POST.get("reference", "").strip()
    fact = request.POST.get("fact", "").strip()
    if not reference:
        raise _ProblemError("reference", "missing_reference")
    if not fact:
        raise _ProblemError("fact", "missing_fact")
    asked = parse_reference(reference[:60])
    _count(request, now, asked)
    return services.verify_reference(asked, fact[:60], now)


def _check_file(request: HttpRequest, now: datetime) -> tuple[Report, str]:
    file = request.FILES.get("file")
    if file is None:
        raise _ProblemError("file", "missing_file")
    if file.size is None or file.size > settings.UPLOAD_LARGEST:
        raise _ProblemError("file", "too_large", 413)
    _count(request, now)
    data = file.read()
    try:
        return services.verify_file(data, now), hashlib.sha256(data).hexdigest()
    except InputError:
        # What most people have at hand who have no file is a picture of the paper.
        said = "photo" if filetype.is_image(data) else "unreadable"
        raise _ProblemError("file", said) from None


def _count(request: HttpRequest, now: datetime, reference: str = "") -> None:
    if over(request, now, reference) is not None:
        raise _ProblemError("", "too_many", 429)


def _page(
    request: HttpRequest,
    language: str,
    given: dict[str, str],
    problem: _ProblemError | None = None,
) -> HttpResponse:
    said = words(language)
    context = _around(request, language) | {
        "given": given,
        "field": "" if problem is None else problem.field,
        "problem": "" if problem is None else said[problem.message],
    }
    status = 200 if problem is None else problem.status
    response = render(request, "verify/start.html", context, status=status)
    if status == 429:
        response.headers["Retry-After"] = str(ADDRESS.seconds)
    return response


def _answer(
    request: HttpRequest, language: str, report: Report, digest: str | None
) -> HttpResponse:
    sentences = catalogue(language)
    context = _around(request, language) | {
        "report": report,
        "tone": _TONES.get(report.verdict, "bad"),
        "verdict": sentences.say(f"verdict_{report.verdict}"),
        "reasons": [reason_text(note.code, sentences) for note in report.reasons],
        # A reference that is not known is what was typed, and nothing that a paper says.
        "rows": findings(report, sentences) if report.covers or report.signed_by else [],
        "limits": limits_of(report, sentences),
        "limits_title": sentences.say("limits_heading"),
        "sealed": services.seal_report(report, digest),
        "moment": sentences.moment(report.at),
    }
    return render(request, "verify/answer.html", context)


def _around(request: HttpRequest, language: str) -> dict[str, Any]:
    return {
        "words": words(language),
        "page_language": language,
        "others": [
            (code, NAMES.get(code, code))
            for code in sorted(languages(), key=lambda code: (NAMES.get(code) or code).casefold())
        ],
    }


@public
def record(request: HttpRequest) -> HttpResponse:
    """Give the signed record of a check made within the hour."""
    if request.method != "POST":
        return redirect("verify:start")
    made = services.signed_record(
        request.POST.get("report", ""), language_of(request), timezone.now()
    )
    response = HttpResponse(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'attachment; filename="record-of-check.pdf"'
    return response
