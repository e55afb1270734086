"""The pages of the check that ask, and the agreements."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from totalize import api
from totalize.coverage.interview import EARLIER, NEEDED
from totalize.kernel.countries import NAMES, country_name, in_sentence
from totalize.kernel.errors import InputError
from totalize.kernel.reading import read_document
from totalize.law.agreement_text import NOT_LAW, AgreementText
from totalize.law.wording import Question, load_wording
from totalize.web.accounts.access import public
from totalize.web.check.services import (
    SESSION,
    UNKNOWN,
    Answers,
    Asked,
    Progress,
    follow,
    read_answers,
)
from totalize.web.pages.questions import QuestionForm, shown, speak

_LARGEST_CASE = 100_000


@public
def start(request: HttpRequest) -> HttpResponse:
    """Say what will be asked, begin, go on, take a case file, or forget everything."""
    problem = ""
    if request.method == "POST":
        request.session.pop(SESSION, None)
        if "forget" in request.POST:
            return redirect("check:start")
        file = request.FILES.get("case")
        if file is None and "file" not in request.POST:
            return redirect("check:question", key="worker.citizenships")
        try:
            answers = Answers(_read_file(file))
        except InputError as error:
            problem = str(error)
        else:
            answers.keep(request.session)
            return redirect("check:answers")
    begun = bool(Answers.of(request.session).given)
    return render(request, "check/start.html", {"begun": begun, "problem": problem})


def _read_file(file: UploadedFile[bytes] | None) -> dict[str, Any]:
    if file is None:
        raise InputError("case", "is no file", expected="a case file in YAML or JSON")
    if file.size is None or file.size > _LARGEST_CASE:
        raise InputError("case", "is too large", value=file.size, expected="at most 100 kB")
    try:
        text = file.read().decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("case", "is no text", expected="a case file in YAML or JSON") from None
    return read_answers(read_document(text, "case"))


@public
def question(request: HttpRequest, key: str) -> HttpResponse:
    """Ask one question, and take its answer."""
    answers = Answers.of(request.session)
    progress = follow(answers.given, timezone.localdate())
    asked = progress.find(key)
    path = progress.next_path if key == progress.next else asked.path if asked else None
    if path is None:
        # It does not matter any more, or not yet.
        return redirect(_next(progress))
    needed = path in NEEDED
    skipped = "skip" in request.POST and not needed
    if request.method == "POST" and skipped:
        return _take(request, answers, key, UNKNOWN)
    form = question_form(path, progress, *([request.POST] if request.method == "POST" else []))
    if request.method == "POST":
        if form.is_valid():
            problem = _problem_with(answers, key, form.value)
            if problem is None:
                return _take(request, answers, key, form.value)
            form.add_error(None, problem)
    elif asked is not None and asked.known:
        form.initial = form.initial_for(asked.value)
    elif asked is None and key in answers.given and answers.given[key] != UNKNOWN:
        form.initial = form.initial_for(answers.given[key])
        if progress.problem is not None:
            form.problem = progress.problem
    position = [item.key for item in progress.asked]
    before = position.index(key) - 1 if key in position else len(position) - 1
    return render(
        request,
        "check/question.html",
        {
            "form": form,
            "key": key,
            "needed": needed,
            "back": position[before] if before >= 0 else None,
            "number": before + 2,
            "changing": asked is not None and progress.next is None,
            "stays": path == EARLIER,
        },
        status=400 if form.errors else 200,
    )


def question_form(path: str, progress: Progress, *given: Any, **options: Any) -> QuestionForm:
    """Return the form of a question, filled in from the case so far."""
    return QuestionForm(
        wording_of(path), path, progress.interview.work, _known(progress), *given, **options
    )


def wording_of(path: str) -> Question:
    """Return how a question is worded; earlier stays have words of their own."""
    if path == EARLIER:
        return Question(label="earlier stays", ask="", kind="text")
    return load_wording().question(path)


def _known(progress: Progress) -> list[str]:
    """Return the countries that stand in the case, in order."""
    found: list[str] = []
    for item in progress.asked:
        values = item.value if isinstance(item.value, list) else [item.value]
        found += [value for value in values if isinstance(value, str) and value in NAMES]
    return list(dict.fromkeys(found))


def _problem_with(answers: Answers, key: str, value: object) -> str | None:
    """Try an answer: the case may not be able to hold it together with the others."""
    tried = follow({**answers.given, key: value}, timezone.localdate())
    if tried.problem is not None and tried.next == key:
        expected = f" It should be {tried.problem.expected}." if tried.problem.expected else ""
        return f"This {tried.problem.problem}.{expected}"
    return None


def _take(request: HttpRequest, answers: Answers, key: str, value: object) -> HttpResponse:
    answers.give(key, value)
    answers.keep(request.session)
    return redirect(_next(follow(answers.given, timezone.localdate())))


def _next(progress: Progress) -> str:
    if progress.next is not None:
        return reverse("check:question", args=[progress.next])
    return reverse("check:answers")


@public
def answers(request: HttpRequest) -> HttpResponse:
    """Show all answers, each to be changed."""
    given = Answers.of(request.session).given
    if not given:
        return redirect("check:start")
    progress = follow(given, timezone.localdate())
    rows = [(item, *row) for item, row in zip(progress.asked, rows_of(progress), strict=True)]
    return render(request, "check/answers.html", {"rows": rows, "progress": progress})


def rows_of(progress: Progress) -> list[tuple[str, str]]:
    """Return questions and answers as they are shown."""
    return [_row(item, progress) for item in progress.asked]


def _row(item: Asked, progress: Progress) -> tuple[str, str]:
    question = wording_of(item.path)
    spoken = speak(question, item.path, progress.interview.work)
    if not item.known:
        return spoken.ask, "Not known"
    return spoken.ask, shown(item.value, question, item.path, spoken.none)


@public
def agreements(request: HttpRequest) -> HttpResponse:
    """List the agreements."""
    text = AgreementText(api.law())
    asked = request.GET.get("country", "")
    if asked in NAMES:
        return redirect("check:agreement", country=asked.lower())
    rows = text.rows()
    near = {row.country for row in rows}
    others = sorted((code for code in NAMES if code not in near and code != "US"), key=country_name)
    return render(
        request,
        "check/agreements.html",
        {
            "rows": [row for row in rows if row.in_force],
            "signed": [row for row in rows if not row.in_force],
            "lines": text.lines,
            "law": api.law().version,
            "others": [(code, country_name(code)) for code in others],
        },
    )


@public
def agreement(request: HttpRequest, country: str) -> HttpResponse:
    """Show one agreement, or say that there is none."""
    code = country.upper()
    if code not in NAMES or code == "US" or country != country.lower():
        raise Http404
    text = AgreementText(api.law())
    found = api.law().agreement(code)
    shown_parts = [] if found is None else list(text.sections(found))
    return render(
        request,
        "check/agreement.html",
        {
            "name": country_name(code),
            "in_sentence": in_sentence(code),
            "agreement": found,
            "dates": () if found is None else text.dates(found),
            "law_parts": [part for part in shown_parts if part.key not in NOT_LAW],
            "other_parts": [part for part in shown_parts if part.key in NOT_LAW],
            "law": api.law().version,
        },
        status=200,
    )
