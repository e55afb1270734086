"""The pages of a draft, one short form each; what was typed comes back when something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.forms import formset_factory
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect

from totalize.coverage.interview import EARLIER
from totalize.kernel.errors import InputError
from totalize.law.wording import load_wording
from totalize.web.accounts.access import act
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.applications import services
from totalize.web.applications.facts import SECRETS, number_country, secrets_of
from totalize.web.applications.forms import (
    MOST_FAMILY,
    DetailsForm,
    MemberForm,
    NumbersForm,
    ReasonsForm,
    problem_in_words,
)
from totalize.web.applications.interview import (
    changes_for,
    first_questions,
    further_questions,
    value_at,
    work_of,
)
from totalize.web.applications.models import Application
from totalize.web.applications.readiness import Readiness, assess, statements_for
from totalize.web.applications.sections import (
    FACTS,
    FAMILY,
    NUMBERS_PAGE,
    REASONS,
    STATEMENTS,
    WORK,
    Section,
)
from totalize.web.applications.services import ConflictError
from totalize.web.applications.views.common import (
    CONFLICT,
    OWN_ROUTES,
    find_draft,
    go_on,
    pages_of,
    show,
    version_of,
)
from totalize.web.pages.forms import may_wait
from totalize.web.pages.questions import QuestionForm
from totalize.web.people.services import MASK, masked

Page = Callable[[SignedInRequest, Application, Readiness, Section], HttpResponse]
MemberForms = formset_factory(MemberForm, extra=2, max_num=MOST_FAMILY, absolute_max=MOST_FAMILY)


@act("application.fill")
def page(request: SignedInRequest, application_id: UUID, slug: str) -> HttpResponse:
    """Show or save one page of a draft."""
    if slug in OWN_ROUTES:
        return redirect(f"applications:{OWN_ROUTES[slug]}", application_id)
    application = find_draft(request, application_id)
    found = assess(application)
    for section in pages_of(application, found):
        if section.slug == slug:
            draw = PAGES.get(slug, details_page)
            return draw(request, application, found, section)
    # What comes later isn't asked before the facts are there.
    if slug in PAGES:
        return redirect("applications:detail", application.id)
    raise Http404


def questions_page(
    request: SignedInRequest, application: Application, found: Readiness, section: Section
) -> HttpResponse:
    """Ask facts of the case."""
    open_facts = [item.field for item in found.missing if item.page == FACTS]
    paths = (
        first_questions(application)
        if section.slug == WORK
        else further_questions(application, [path for path in open_facts if path != EARLIER])
    )
    given = request.POST if request.method == "POST" else None
    forms = [_question(application, path, given) for path in paths]
    problem, status = None, 200
    if given is not None:
        valid = [form.is_valid() for form in forms]
        if all(valid):
            problem = _save_questions(request, application, forms)
            if problem is None:
                return go_on(application, section.slug, seen={item.field for item in found.missing})
            status = 409 if problem == CONFLICT else 422
        else:
            status = 422
        application.refresh_from_db()
    context = {"forms": forms, "section": section, "problem": problem, "found": found}
    return show(request, application, "questions", context, status=status)


def details_page(
    request: SignedInRequest, application: Application, found: Readiness, section: Section
) -> HttpResponse:
    """Ask details, as the agreement wants them."""
    known = _known(application, section)
    form = DetailsForm(section.items, known, request.POST or None)
    status, problem = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.fill(application, form.changes(), request.user, version_of(request))
            except ConflictError:
                problem, status = CONFLICT, 409
            except InputError as error:
                form.take_refusal(error)
            else:
                return go_on(application, section.slug)
        application.refresh_from_db()
    context = {"form": form, "section": section, "problem": problem, "found": found}
    return show(request, application, "details", context, status=status)


def numbers_page(
    request: SignedInRequest, application: Application, found: Readiness, section: Section
) -> HttpResponse:
    """Take personal numbers on a page of their own; they are sealed at once."""
    kept = {}
    for item in section.items:
        there = _masked(application, item.key)
        if there is not None:
            kept[item.key] = there
    form = NumbersForm(section.items, kept, request.POST or None)
    status, problem = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                changes = {"details": form.changes()}
                services.fill(application, changes, request.user, version_of(request))
            except ConflictError:
                problem, status = CONFLICT, 409
            except InputError as error:
                name = error.path.removeprefix("details.")
                form.add_error(name if name in form.fields else None, problem_in_words(error))
            else:
                return go_on(application, section.slug)
        application.refresh_from_db()
    context = {"form": form, "section": section, "problem": problem, "found": found}
    return show(request, application, "numbers", context, status=status)


def family_page(
    request: SignedInRequest, application: Application, found: Readiness, section: Section
) -> HttpResponse:
    """Ask who comes along."""
    members = secrets_of(application).get("family_members") or []
    # Numbers are never sent back: an empty field keeps the one that is there.
    shown = [{**item, "number": None} for item in members]
    forms = MemberForms(request.POST or None, initial=shown, prefix="member")
    for form, item in zip(forms, members, strict=False):
        if item.get("number"):
            form.fields["number"].help_text = f"We have it: {MASK}{str(item['number'])[-2:]}."
    status, problem = 200, None
    if request.method == "POST":
        status = 422
        if forms.is_valid():
            given = _members(forms, members)
            try:
                services.fill(
                    application,
                    {"details": {"family_members": given}},
                    request.user,
                    version_of(request),
                )
            except ConflictError:
                problem, status = CONFLICT, 409
            except InputError as error:
                problem = problem_in_words(error)
            else:
                if "more" in request.POST:
                    return redirect("applications:page", application.id, FAMILY)
                return go_on(application, section.slug)
        application.refresh_from_db()
    context = {"forms": forms, "section": section, "problem": problem, "found": found}
    return show(request, application, "family", context, status=status)


def reasons_page(
    request: SignedInRequest, application: Application, found: Readiness, section: Section
) -> HttpResponse:
    """Ask whose system is wanted, and why."""
    initial = {key: application.details.get(key) for key in ("wanted_coverage", "reasons")}
    countries = ["US", application.partner] if application.partner else ["US"]
    form = ReasonsForm(countries, request.POST or None, initial=initial)
    status, problem = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = {key: value or None for key, value in form.cleaned_data.items()}
            try:
                services.fill(application, {"details": given}, request.user, version_of(request))
            except ConflictError:
                problem, status = CONFLICT, 409
            except InputError as error:
                name = error.path.removeprefix("details.")
                form.add_error(name if name in form.fields else None, problem_in_words(error))
            else:
                return go_on(application, section.slug)
        application.refresh_from_db()
    context = {"form": form, "section": section, "problem": problem, "found": found}
    return show(request, application, "details", context, status=status)


def statements_page(
    request: SignedInRequest, application: Application, found: Readiness, section: Section
) -> HttpResponse:
    """Take statements, ticked one by one."""
    if found.subject is None:
        return redirect("applications:detail", application.id)
    wanted = statements_for(application, found.subject)
    ticked = {item.code: item for item in application.statements.select_related("ticked_by")}
    if request.method == "POST":
        codes = [code for code in request.POST.getlist("codes") if code in wanted]
        services.tick(application, codes, request.user)
        return go_on(application, section.slug)
    rows = [(code, words, ticked.get(code)) for code, words in wanted.items()]
    return show(
        request, application, "statements", {"rows": rows, "section": section, "found": found}
    )


PAGES: dict[str, Page] = {
    WORK: questions_page,
    FACTS: questions_page,
    NUMBERS_PAGE: numbers_page,
    FAMILY: family_page,
    REASONS: reasons_page,
    STATEMENTS: statements_page,
}


def _question(application: Application, path: str, given: QueryDict | None) -> QuestionForm:
    work = work_of(application)
    known = [*application.case.get("worker", {}).get("citizenships", [])]
    residence = application.case.get("worker", {}).get("residence")
    if isinstance(residence, str):
        known.append(residence)
    form = QuestionForm(
        load_wording().question(path),
        path,
        work,
        known,
        given,
        prefix=path,
        empty_permitted=True,
        use_required_attribute=False,
    )
    try:
        answered = path != EARLIER or EARLIER in application.answered
        form.initial = form.initial_for(value_at(application, path)) if answered else {}
    except (KeyError, IndexError, TypeError):
        form.initial = {}
    for field in form.fields.values():
        may_wait(field)
    return form


def _save_questions(
    request: SignedInRequest, application: Application, forms: list[QuestionForm]
) -> str | None:
    changes: dict[str, Any] = {"facts": {}}
    for form in forms:
        if not form.has_changed():
            continue
        if form.path == EARLIER:
            changes["earlier"] = form.value
        else:
            changes["facts"] |= changes_for(form.path, form.value)
    try:
        services.fill(application, changes, request.user, version_of(request))
    except ConflictError:
        return CONFLICT
    except InputError as error:
        for form in forms:
            if form.path == error.path:
                form.add_error(None, problem_in_words(error))
                return ""
        return problem_in_words(error)
    return None


def _known(application: Application, section: Section) -> dict[str, Any]:
    known = dict(application.details) | secrets_of(application)
    person = application.person
    if person is not None:
        known["full_name"] = person.full_name
        if person.birth_date is not None:
            known["birth_date"] = person.birth_date.isoformat()
    residence = application.case.get("worker", {}).get("residence")
    if residence is not None:
        known["permanent_residence"] = residence
    covered = work_of(application).get("employer", {}).get("section_3121l")
    if covered is not None:
        known.setdefault("affiliate_3121l", {"covered": covered})
    return known


def _members(forms: Any, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    numbers = {item["name"]: item.get("number") for item in before}
    given = [item for item in (form.member() for form in forms) if item is not None]
    return [{**item, "number": item["number"] or numbers.get(item["name"])} for item in given]


def _masked(application: Application, key: str) -> str | None:
    country = number_country(key, application)
    if application.person is None or not country:
        return None
    if key in SECRETS:
        kept = secrets_of(application).get(key)
        return None if not kept else f"{MASK}{str(kept)[-2:]}"
    return masked(application.person, country)
