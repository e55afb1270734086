"""What the desk reads: the queue, a case with everything beside it, how long answers take."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Min, Prefetch, Q, QuerySet
from django.utils import timezone

from totalize.certificates.reference import looks_like_reference, parse_reference
from totalize.kernel.countries import US
from totalize.kernel.errors import InputError
from totalize.law.agreements import countries
from totalize.web.accounts.models import User
from totalize.web.applications.models import Application, Decision, Question
from totalize.web.applications.states import Kind, State
from totalize.web.certificates.models import Issued
from totalize.web.certificates.office import office
from totalize.web.people.models import Person, PersonalNumber
from totalize.web.people.vault import lookup

PAGE = 50
FOUND_AT_MOST = 50
WAITING = (State.SUBMITTED, State.IN_REVIEW, State.PROPOSED, State.ASKED, State.ELSEWHERE)
# What the queue shows when nothing else is asked for: what the office itself has to act on.
OURS = (State.SUBMITTED, State.IN_REVIEW, State.PROPOSED)
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
    """A line of the queue."""

    application: Application
    age: int
    deadline: date
    late: bool


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
    rows = Application.objects.select_related("person", "employer", "assigned_to")
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
    return rows.defer("determination", "case", "details", "proof", "sealed_details").order_by(
        "submitted_at", "id"
    )


def page_of(rows: QuerySet[Application], number: object) -> tuple[Page[Application], list[Waiting]]:
    """Return a page of the queue and its lines; two queries, however long the queue is."""
    page = Paginator(rows, PAGE).get_page(number)
    return page, lines(page.object_list)


def lines(applications: Iterable[Application]) -> list[Waiting]:
    """Return lines with age and deadline; where facts are asked for, the day asked for counts."""
    rows = list(applications)
    today = timezone.localdate()
    asked = _earliest_due(row.id for row in rows if row.state == State.ASKED)
    target = _target()
    found = []
    for row in rows:
        sent = timezone.localdate(row.submitted_at) if row.submitted_at else today
        deadline = asked.get(row.id) or sent + target
        open_now = row.state in WAITING
        found.append(Waiting(row, (today - sent).days, deadline, open_now and deadline < today))
    return found


def _earliest_due(ids: Iterable[Any]) -> dict[Any, date]:
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


def search(text: str) -> list[Application]:
    """Find applications by a name, a certificate's reference, or a whole personal number.

    A number is looked for by its keyed digest and must be whole; nothing is found by a part.
    """
    wanted = text.strip()
    rows = Application.objects.exclude(state=State.DRAFT).select_related(
        "person", "employer", "assigned_to"
    )
    if looks_like_reference(wanted):
        try:
            reference = parse_reference(wanted)
        except InputError:
            return []
        rows = rows.filter(certificates__reference=reference)
    elif len(re.sub(r"\D", "", wanted)) >= 6:
        digests = [lookup(country, wanted) for country in (US, *countries())]
        people = PersonalNumber.objects.filter(lookup__in=digests).values("person")
        rows = rows.filter(person__in=people)
    elif len(wanted) >= 2:
        rows = rows.filter(person__full_name__icontains=wanted)
    else:
        return []
    return list(rows.order_by("-submitted_at", "id")[:FOUND_AT_MOST])


def case_of(application_id: Any) -> Application | None:
    """Return a case with everything its page shows, or None."""
    return (
        Application.objects.select_related(
            "person", "employer", "worker", "assigned_to", "started_by", "follows"
        )
        .prefetch_related(
            Prefetch("questions", Question.objects.select_related("asked_by").order_by("id")),
            "uploads",
            "statements",
            Prefetch(
                "decisions",
                Decision.objects.select_related("by", "seconded_by", "letter").order_by("-at"),
            ),
            "consultations",
            Prefetch("certificates", Issued.objects.order_by("-issued_at")),
            "person__numbers",
        )
        .filter(id=application_id)
        .first()
    )


def same_people(person: Person | None) -> list[Any]:
    """Return the identifiers of everybody who has one of a person's numbers, and of the person."""
    if person is None:
        return []
    digests = [bytes(number.lookup) for number in person.numbers.all()]
    found = PersonalNumber.objects.filter(lookup__in=digests).values_list("person_id", flat=True)
    return list({person.id, *found})


def earlier_of(application: Application) -> list[Application]:
    """Return other applications of the same person, found by their numbers too, latest first."""
    rows = (
        Application.objects.filter(person_id__in=same_people(application.person))
        .exclude(id=application.id)
        .exclude(state=State.DRAFT)
        .select_related("employer")
        .prefetch_related("certificates")
        .defer("determination", "case", "details", "proof", "sealed_details")
    )
    return list(rows.order_by("-submitted_at")[:FOUND_AT_MOST])


def open_question(application: Application) -> Question | None:
    """Return the question that waits for an answer."""
    return next((item for item in application.questions.all() if item.answered_at is None), None)


def proposal_of(application: Application) -> Decision | None:
    """Return the proposal that waits for a second person."""
    if application.state != State.PROPOSED:
        return None
    return next(iter(application.decisions.all()), None)


def sample_to_review() -> QuerySet[Decision]:
    """Return the decisions that were drawn and not looked at yet, oldest first."""
    return (
        Decision.objects.filter(in_sample=True, reviewed_at__isnull=True)
        .select_related("application", "application__person")
        .order_by("at")
    )


def answer_times(since: date | None = None) -> list[AnswerTime]:
    """Return how long answers took by kind and partner country, where there are at least five.

    Args:
        since: count what was decided from this day on; the last twelve months when left out.
    """
    start = since or timezone.localdate() - timedelta(days=365)
    rows = Application.objects.filter(
        state__in=(State.ISSUED, State.REFUSED),
        decided_at__date__gte=start,
        submitted_at__isnull=False,
    ).values_list("kind", "partner", "submitted_at", "decided_at")
    groups: dict[tuple[str, str], list[float]] = {}
    for kind, country, sent, decided in rows:
        days = (decided - sent).total_seconds() / 86_400
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


def words_of(changes: Mapping[str, Any]) -> str:
    """Return what somebody typed, to be given back."""
    return "\n\n".join(f"{name}: {value}" for name, value in changes.items() if value)
