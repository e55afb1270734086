"""What the desk reads: the queue, a case with everything beside it, how long answers take."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Min, Prefetch, Q, QuerySet
from django.utils import timezone

from totalize.certificates.reference import looks_like_reference, parse_reference
from totalize.kernel.countries import US
from totalize.kernel.errors import InputError
from totalize.law.agreements import countries
from totalize.web.accounts.models import User
from totalize.web.applications.models import (
    Application,
    Decision,
    Question,
    Statement,
    Upload,
)
from totalize.web.applications.states import Kind, State
from totalize.web.certificates.models import Issued
from totalize.web.certificates.office import office
from totalize.web.desk.models import Consultation, OtherAnswer
from totalize.web.people.models import PersonalNumber
from totalize.web.people.vault import lookup

PAGE = 30
FOUND_AT_MOST = 50
WAITING = (State.SUBMITTED, State.IN_REVIEW, State.PROPOSED, State.ASKED, State.ELSEWHERE)
# What the queue shows when nothing else is asked for: what the office itself has to act on.
OURS = (State.SUBMITTED, State.IN_REVIEW, State.PROPOSED)
_COLUMNS = (
    "id",
    "kind",
    "state",
    "partner",
    "plain",
    "submitted_at",
    "person__full_name",
    "employer__name",
    "assigned_to__full_name",
    "assigned_to__email",
)
SMALLEST_GROUP = 5
DEFAULT_TARGET = 30


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to; empty is everything that waits for the office.

    Attributes:
        state: of `State`, or `open` for everything undecided.
        mine: taken by this account.
        plain: only what one look decides.
    """

    state: str = ""
    country: str = ""
    kind: str = ""
    mine: User | None = None
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of the queue.

    Attributes:
        plain: one look decides it.
        age: days since it was sent.
        late: it is open and its day has passed.
    """

    id: UUID
    name: str
    employer: str
    partner: str
    kind: str
    state: str
    plain: bool
    taken_by: str
    age: int
    deadline: date
    late: bool


@dataclass(frozen=True, slots=True)
class Belongings:
    """What hangs on a case.

    Attributes:
        numbers: of the person, sealed.
        questions: of the office, in order.
        decisions: the latest first.
        consultations: in order.
        certificates: the latest first; what was signed stays where it is.
    """

    numbers: list[PersonalNumber]
    questions: list[Question]
    uploads: list[Upload]
    statements: list[Statement]
    decisions: list[Decision]
    consultations: list[Consultation]
    certificates: list[Issued]


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """How long answers took, in days from sending to decision.

    Attributes:
        country: partner country, empty for all together.
        cases: how many decisions it rests on.
        median: half were faster.
        ninth: nine of ten were faster.
    """

    kind: str
    country: str
    cases: int
    median: float
    ninth: float


def queue(filters: Filters | None = None) -> QuerySet[Application]:
    """Return what waits, oldest first, with what a line of the queue shows."""
    wanted = filters or Filters()
    rows = Application.objects.all()
    if wanted.state == "open":
        rows = rows.filter(state__in=WAITING)
    elif wanted.state:
        rows = rows.filter(state=wanted.state)
    else:
        rows = rows.filter(state__in=OURS)
    if wanted.country:
        rows = rows.filter(partner=wanted.country)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.mine is not None:
        rows = rows.filter(assigned_to=wanted.mine)
    if wanted.plain:
        rows = rows.filter(plain=True, kind=Kind.CERTIFICATE)
    return rows.order_by("submitted_at", "id")


def page_of(
    rows: QuerySet[Application], number: str | None
) -> tuple[Page[dict[str, Any]], list[Waiting]]:
    """Return a page of the queue and its lines; as few queries, however long the queue is."""
    page = Paginator(rows.values(*_COLUMNS), PAGE).get_page(number)
    return page, _lines(page.object_list)


def lines(applications: QuerySet[Application]) -> list[Waiting]:
    """Return lines with age and deadline; where facts are asked for, the day asked for counts."""
    return _lines(applications.values(*_COLUMNS))


def line_of(application: Application, questions: Iterable[Question]) -> Waiting:
    """Return the line of one application that is at hand already, with its questions."""
    row = {name: getattr(application, name) for name in _COLUMNS if "__" not in name}
    person, employer, officer = application.person, application.employer, application.assigned_to
    row["person__full_name"] = person.full_name if person is not None else ""
    row["employer__name"] = employer.name if employer is not None else ""
    row["assigned_to__full_name"] = officer.full_name if officer is not None else ""
    row["assigned_to__email"] = officer.email if officer is not None else ""
    question = open_question(questions)
    asked_by = None if question is None else question.due_on
    return _line(row, timezone.localdate(), asked_by, _target())


def _lines(values: Iterable[Mapping[str, Any]]) -> list[Waiting]:
    rows = list(values)
    today = timezone.localdate()
    asked = _earliest_due(row["id"] for row in rows if row["state"] == State.ASKED)
    target = _target()
    return [_line(row, today, asked.get(row["id"]), target) for row in rows]


def _line(row: Mapping[str, Any], today: date, asked_by: date | None, target: timedelta) -> Waiting:
    sent = timezone.localdate(row["submitted_at"]) if row["submitted_at"] else today
    deadline = asked_by or sent + target
    return Waiting(
        id=row["id"],
        name=row["person__full_name"] or "(no name)",
        employer=row["employer__name"] or "",
        partner=row["partner"],
        kind=Kind(row["kind"]).label,
        state=State(row["state"]).label,
        plain=row["plain"] and row["kind"] == Kind.CERTIFICATE,
        taken_by=row["assigned_to__full_name"] or row["assigned_to__email"] or "",
        age=(today - sent).days,
        deadline=deadline,
        late=row["state"] in WAITING and deadline < today,
    )


def _earliest_due(ids: Iterable[UUID]) -> dict[UUID, date]:
    wanted = list(ids)
    if not wanted:
        return {}
    rows = (
        Question.objects.filter(application_id__in=wanted, answered_at__isnull=True)
        .values("application_id")
        .annotate(due=Min("due_on"))
    )
    return {row["application_id"]: row["due"] for row in rows if row["due"] is not None}


def _target() -> timedelta:
    found = office()
    return timedelta(days=DEFAULT_TARGET if found is None else found.answer_within_days)


def counts() -> dict[str, int]:
    """Return how many wait in each state, and how many are plain."""
    rows = (
        Application.objects.filter(state__in=WAITING)
        .values("state")
        .annotate(cases=Count("id"), plain=Count("id", filter=Q(plain=True)))
    )
    found = {row["state"]: row["cases"] for row in rows}
    found["plain"] = sum(row["plain"] for row in rows if row["state"] in OURS)
    return found


def search(text: str) -> QuerySet[Application]:
    """Find applications by a name, a reference, a request's number, or a whole personal number.

    A number is looked for by its keyed digest and must be whole; nothing is found by a part.
    """
    wanted = text.strip()
    rows = Application.objects.exclude(state=State.DRAFT)
    request = _request_number(wanted)
    if request is not None:
        rows = rows.filter(id=request)
    elif looks_like_reference(wanted):
        try:
            reference = parse_reference(wanted)
        except InputError:
            return rows.none()
        rows = rows.filter(certificates__reference=reference)
    elif len(re.sub(r"\D", "", wanted)) >= 6:
        digests = [lookup(country, wanted) for country in (US, *countries())]
        people = PersonalNumber.objects.filter(lookup__in=digests).values("person")
        rows = rows.filter(person__in=people)
    elif len(wanted) >= 2:
        rows = rows.filter(person__full_name__icontains=wanted)
    else:
        return rows.none()
    return rows.order_by("-submitted_at", "id")[:FOUND_AT_MOST]


def _request_number(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def case_of(application_id: UUID) -> Application | None:
    """Return a case with whose it is, or None; what hangs on it is in `belongings_of`."""
    rows = Application.objects.select_related("person__data_key", "employer", "assigned_to")
    try:
        return rows.defer("proof", "proof_facts", "sealed_details").get(id=application_id)
    except Application.DoesNotExist:
        return None


def belongings_of(application: Application) -> Belongings:
    """Return what hangs on a case, one statement a kind: the page of a case shows all of it."""
    questions = application.questions.select_related("asked_by")
    # A letter is signed pages; only that there is one is shown.
    decisions = application.decisions.select_related("by", "letter").defer("letter__pdf")
    return Belongings(
        numbers=[]
        if application.person is None
        else list(application.person.numbers.order_by("country")),
        questions=sorted(questions, key=attrgetter("id")),
        uploads=list(application.uploads.order_by("at", "id")),
        statements=list(application.statements.order_by("id")),
        decisions=sorted(decisions, key=attrgetter("id"), reverse=True),
        consultations=sorted(application.consultations.all(), key=attrgetter("id")),
        certificates=sorted(
            application.certificates.only("application", "reference", "state", "issued_at"),
            key=attrgetter("issued_at"),
            reverse=True,
        ),
    )


def earlier_of(application: Application, people: Sequence[UUID]) -> list[Application]:
    """Return other applications of the same person, latest first.

    Args:
        application: the case.
        people: from `doubts.same_people`: everybody who has one of the person's numbers.
    """
    in_order = Issued.objects.order_by("issued_at", "id")
    rows = (
        Application.objects.filter(person_id__in=people)
        .exclude(id=application.id)
        .exclude(state=State.DRAFT)
        .prefetch_related(Prefetch("certificates", in_order.only("application_id", "state")))
        .only("id", "kind", "state", "partner", "first_day", "last_day")
    )
    return list(rows.order_by("-submitted_at", "id")[:FOUND_AT_MOST])


def open_question(questions: Iterable[Question]) -> Question | None:
    """Return the question that waits for an answer."""
    return next((item for item in questions if item.answered_at is None), None)


def has_agreement_of_other(consultations: Iterable[Consultation]) -> bool:
    """Tell whether the other authority, asked last, agreed to an exception."""
    heard = [item for item in consultations if item.heard_at is not None]
    return bool(heard) and max(heard, key=attrgetter("id")).answer != OtherAnswer.REFUSES


def proposal_of(application: Application, decisions: Sequence[Decision]) -> Decision | None:
    """Return the proposal that waits for a second person: the latest decision."""
    return decisions[0] if decisions and application.state == State.PROPOSED else None


def sample_to_review() -> QuerySet[Decision]:
    """Return the decisions that were drawn and not looked at yet, oldest first."""
    return (
        Decision.objects.filter(in_sample=True, reviewed_at__isnull=True)
        .select_related("application", "application__person")
        .order_by("at", "id")
    )


def answer_times(since: date | None = None) -> list[AnswerTime]:
    """Return how long answers took by kind and partner country, where there are at least five.

    Args:
        since: count what was decided from this day on; the last twelve months when left out.
    """
    start = since or timezone.localdate() - timedelta(days=365)
    decided = Application.objects.filter(
        state__in=(State.ISSUED, State.REFUSED),
        decided_at__gte=datetime.combine(start, time.min, UTC),
        submitted_at__isnull=False,
    )
    newest = decided.aggregate(cases=Count("id"), last=Max("decided_at"))
    if not newest["cases"]:
        return []
    # The name changes with every decision, so that nothing stale is ever read.
    name = f"desk.times.{start}.{newest['cases']}.{newest['last'].timestamp()}"
    found: list[AnswerTime] | None = cache.get(name)
    if found is None:
        found = _grouped(decided)
        cache.set(name, found)
    return found


def _grouped(decided: QuerySet[Application]) -> list[AnswerTime]:
    rows = decided.values_list("kind", "partner", "submitted_at", "decided_at")
    groups: dict[tuple[str, str], list[float]] = {}
    for kind, country, sent, answered in rows:
        if sent is None or answered is None:
            continue
        days = (answered - sent).total_seconds() / 86_400
        groups.setdefault((kind, ""), []).append(days)
        if country:
            groups.setdefault((kind, country), []).append(days)
    order = {value: place for place, value in enumerate(Kind.values)}
    return [
        AnswerTime(kind, country, len(days), statistics.median(days), _ninth(days))
        for (kind, country), days in sorted(
            groups.items(), key=lambda item: (order.get(item[0][0], 99), item[0][1])
        )
        if len(days) >= SMALLEST_GROUP
    ]


def _ninth(days: Sequence[float]) -> float:
    """Return the ninth tenth: the smallest value that nine of ten do not exceed."""
    ordered = sorted(days)
    return ordered[-(-len(ordered) * 9 // 10) - 1]


def partners() -> list[str]:
    """Return the partner countries by which the queue can be narrowed."""
    return sorted(countries())
