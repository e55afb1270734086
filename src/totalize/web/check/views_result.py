"""The result page and what can be taken along from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from totalize import api
from totalize.coverage.interview import EARLIER
from totalize.coverage.words import Words, english
from totalize.filing.result import Filing
from totalize.kernel.errors import InputError
from totalize.web.accounts.access import public
from totalize.web.check.dates import calendar_file
from totalize.web.check.filing import FIELDS, FilingForm, filing_of
from totalize.web.check.money import Money, MoneyForm, initial_of, money_of
from totalize.web.check.papers import answer_paper, answer_pdf, case_file
from totalize.web.check.result import Result, named, result_of
from totalize.web.check.services import SESSION, UNKNOWN, Answers, Progress, follow
from totalize.web.check.views import question_form, rows_of
from totalize.web.pages.questions import QuestionForm

START_FROM = "start_from"


@dataclass(frozen=True, slots=True)
class Asked:
    """A visitor's case and what else was asked about it."""

    progress: Progress
    as_of: date
    result: Result
    money: Money | None
    filing: Filing | None
    problems: Mapping[str, str]


def _asked(request: HttpRequest) -> Asked | None:
    """Return the answer to the session's case, None while there is none."""
    as_of = timezone.localdate()
    kept = request.session.get(SESSION, {})
    progress = follow(Answers.of(request.session).given, as_of)
    if not progress.ready:
        return None
    result = result_of(progress.case, as_of)
    found_money, found_filing = None, None
    problems = {}
    if kept.get("money"):
        try:
            found_money = money_of(progress.case, kept["money"], result.determination, as_of)
        except InputError as error:
            problems["money"] = _said(error, "money")
    if kept.get("filing"):
        try:
            found_filing = filing_of(progress.case, kept["filing"], result.determination, as_of)
        except InputError as error:
            problems["filing"] = _said(error, "filing")
    return Asked(progress, as_of, result, found_money, found_filing, problems)


def _said(error: InputError, name: str) -> str:
    """Return what is wrong with an amount, by the name that its field has on the page."""
    labels = {"earnings": "Your yearly pay", "year": "The year"} if name == "money" else FIELDS
    if error.path in labels:
        return f"“{labels[error.path]}” {error.problem}."
    return str(error)


@public
def show(request: HttpRequest) -> HttpResponse:
    """Show the answer."""
    return _page(request)


def _page(
    request: HttpRequest, status: int = 200, bad: MoneyForm | FilingForm | None = None
) -> HttpResponse:
    """Show the answer.

    Args:
        request: whose.
        status: of HTTP.
        bad: what was sent and can't be taken, to be shown again; the other form is a fresh one.
    """
    asked = _asked(request)
    if asked is None:
        return redirect("check:start")
    case = asked.progress.case
    kept = request.session.get(SESSION, {})
    initial = {
        "money": initial_of(kept["money"]) if kept.get("money") else {"currency": "USD"},
        "filing": kept.get("filing") or {"tax_year": min(asked.as_of.year, max(_years()))},
    }
    context = {
        "asked": asked,
        "result": asked.result,
        "rows": rows_of(asked.progress),
        "facts": _facts(asked.progress),
        "money_form": bad
        if isinstance(bad, MoneyForm)
        else MoneyForm(case, initial=initial["money"], prefix="money"),
        "filing_form": bad
        if isinstance(bad, FilingForm)
        else FilingForm(case, initial=initial["filing"], prefix="filing"),
        "what_if": _what_if(request, asked),
    }
    return render(request, "check/result.html", context, status=status)


def _years() -> tuple[int, ...]:
    from totalize.law.filing import filing_years  # noqa: PLC0415 - only for the page

    return tuple(filing_years())


def _facts(progress: Progress) -> list[tuple[str, str, str]]:
    """Return the facts that can be tried otherwise: key, name, question."""
    words = _words(progress)
    return [
        (item.key, words.label(item.path), item.path)
        for item in progress.asked
        if item.path != EARLIER and not item.path.endswith(".occupation")
    ]


def _words(progress: Progress) -> Words:
    return english(self_employment=progress.interview.work.get("activity") == "self_employment")


@dataclass(frozen=True, slots=True)
class Tried:
    """A fact tried otherwise: its form, and the answer then."""

    key: str
    label: str
    form: QuestionForm
    value: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    moved: tuple[tuple[str, str], ...] = ()
    same: bool = False
    problem: str = ""


def _what_if(request: HttpRequest, asked: Asked) -> Tried | None:
    key = request.GET.get("try", "")
    found = asked.progress.find(key)
    if found is None or found.path == EARLIER:
        return None
    words = _words(asked.progress)
    label = words.label(found.path)
    filled = any(name.startswith("what_if-") for name in request.GET)
    given = [request.GET] if filled else []
    form = question_form(found.path, asked.progress, *given, prefix="what_if")
    if not filled or not form.is_valid():
        if not filled and found.value != UNKNOWN:
            form.initial = form.initial_for(found.value)
        return Tried(key, label, form)
    try:
        compared = api.what_if(asked.progress.case, {found.path: form.value}, asked.as_of)
    except InputError as error:
        return Tried(key, label, form, problem=str(error))
    after = compared.after.results[-1].periods
    before = compared.before.results[-1].periods
    return Tried(
        key,
        label,
        form,
        value=named(words.given(form.value, found.path, known=True)),
        answers=tuple((words.headline(period), words.when(period)) for period in after),
        moved=tuple((item.text_before, item.text) for item in compared.moved),
        same=[(item.outcome, item.covered_by) for item in before]
        == [(item.outcome, item.covered_by) for item in after],
    )


@public
def money(request: HttpRequest) -> HttpResponse:
    """Take the earnings."""
    return _take(request, "money", MoneyForm)


@public
def filing(request: HttpRequest) -> HttpResponse:
    """Take the money of the tax year."""
    return _take(request, "filing", FilingForm)


def _take(
    request: HttpRequest, name: str, form_class: type[MoneyForm | FilingForm]
) -> HttpResponse:
    if request.method != "POST":
        return redirect("check:result")
    progress = follow(Answers.of(request.session).given, timezone.localdate())
    if not progress.ready:
        return redirect("check:start")
    form = form_class(progress.case, request.POST, prefix=name)
    if not form.is_valid():
        return _page(request, 400, form)
    request.session[SESSION] = {**request.session.get(SESSION, {}), name: form.request()}
    return redirect(f"{reverse('check:result')}#{name}")


@public
def pdf(request: HttpRequest) -> HttpResponse:
    """Give the answer as PDF."""
    asked = _asked(request)
    if asked is None:
        return redirect("check:start")
    rows = rows_of(asked.progress)
    paper = answer_paper(asked.result, rows, asked.money, asked.filing)
    made = answer_pdf(paper, asked.progress.case, asked.as_of)
    return _file(made, "application/pdf", "answer.pdf")


@public
def case(request: HttpRequest) -> HttpResponse:
    """Give the case file."""
    progress = follow(Answers.of(request.session).given, timezone.localdate())
    if not progress.ready:
        return redirect("check:start")
    return _file(case_file(progress.case).encode(), "application/yaml", "case.yaml")


@public
def calendar(request: HttpRequest) -> HttpResponse:
    """Give the dates to keep."""
    asked = _asked(request)
    if asked is None:
        return redirect("check:start")
    cost = None if asked.money is None else asked.money.cost
    case = asked.progress.case
    made = calendar_file(asked.result, case, cost, asked.filing, timezone.now())
    return _file(made, "text/calendar; charset=utf-8", "dates.ics")


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@public
def apply(request: HttpRequest) -> HttpResponse:
    """Hand the case to a new application."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = _asked(request)
    if asked is None or not asked.result.can_ask:
        return redirect("check:start")
    request.session[START_FROM] = {"case": asked.progress.case, "work": asked.result.work}
    return redirect("applications:start")
