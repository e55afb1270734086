"""Reading applications: whose they are, what happened, what is expected of whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.urls import reverse

from totalize.web.accounts.access import mandates_held
from totalize.web.accounts.models import User
from totalize.web.applications.hooks import Fate
from totalize.web.applications.models import Application, Question
from totalize.web.applications.readiness import assess
from totalize.web.applications.states import State
from totalize.web.applications.wording import WHO
from totalize.web.pages.waiting import Waiting

OFFICE_WORKS = frozenset({State.SUBMITTED, State.IN_REVIEW, State.PROPOSED})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an application, for people."""

    at: datetime
    what: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What somebody still has to do.

    Attributes:
        who: `worker`, `employer`, `either` or `office`.
        due_on: the day by which, where one was set.
        page: the page of the application on which it is done.
    """

    who: str
    what: str
    due_on: date | None = None
    page: str = ""

    @property
    def sentence(self) -> str:
        """The whole of it for people, without the day and the full stop."""
        if self.who == "office":
            return f"The office {self.what}"
        return f"{WHO[self.who].capitalize()}: {self.what}"


def mine(user: User) -> QuerySet[Application]:
    """Return the applications somebody is a party to, the latest first."""
    mandates = mandates_held(user)
    return (
        Application.objects.filter(
            Q(worker=user)
            | Q(employer__memberships__user=user)
            | Q(worker__in=mandates.filter(worker__isnull=False).values("worker"))
            | Q(employer__in=mandates.filter(employer__isnull=False).values("employer"))
        )
        .select_related("person", "employer")
        .distinct()
        .order_by("-changed_at", "id")
    )


def history(application: Application, fate: Fate | None = None) -> list[Event]:
    """Return what happened, the first thing first.

    Args:
        application: whose history.
        fate: what became of its certificate, where it does not stand as it was.
    """
    events = [
        Event(at, WHAT.get(move, move), _named(*by), note)
        for at, move, note, *by in application.steps.values_list(
            "at", "move", "note", *_names_of("by")
        )
    ]
    rows = application.confirmations.order_by("id").values(
        *("party", "words", "asked_at", "confirmed_at", "declined_at"),
        *(*_names_of("asked_by"), *_names_of("confirmed_by")),
    )
    for row in rows:
        party = row["party"]
        asked, confirmed = (
            _named(*(row[name] for name in _names_of(whom)))
            for whom in ("asked_by", "confirmed_by")
        )
        events.append(Event(row["asked_at"], f"the {party} was asked to confirm", asked, ""))
        if row["confirmed_at"]:
            events.append(Event(row["confirmed_at"], f"the {party} confirmed", confirmed, ""))
        if row["declined_at"]:
            events.append(
                Event(row["declined_at"], f"the {party} did not confirm", party, row["words"])
            )
    if fate is not None and fate.happened is not None:
        at, what = fate.happened
        events.append(Event(at, what, WHO["office"], ""))
    return sorted(events, key=lambda event: event.at)


def open_questions(application: Application) -> QuerySet[Question]:
    """Return what the office asked and nobody has answered yet, in the order of asking."""
    return application.questions.filter(answered_at__isnull=True).order_by("asked_at", "id")


def next_of(application: Application) -> list[Expected]:
    """Return what is expected, for a list: of a draft without looking at what it lacks."""
    if State(application.state) is State.DRAFT:
        return [Expected("either", "give what is missing, then send it")]
    return expected_of(application)


def expected_of(application: Application) -> list[Expected]:
    """Return what is expected, of whom and by when."""
    state = State(application.state)
    if state is State.DRAFT:
        found = assess(application)
        if found.missing:
            return [Expected(item.who, item.words, page=item.page) for item in found.missing]
        if found.ready:
            words = "send the application" if found.issues_here else "get the papers to send"
            return [Expected("either", words, page="send")]
        return []
    if state is State.ASKED:
        return [
            Expected("either", question.words, question.due_on, "questions")
            for question in open_questions(application)
        ]
    if state is State.PREPARED:
        return [
            Expected(
                "either",
                "send the papers to the office, and keep the certificate here when it comes",
                page="certificate",
            )
        ]
    if state in OFFICE_WORKS:
        return [Expected("office", "looks at it and decides")]
    if state is State.ELSEWHERE:
        return [Expected("office", "waits for the other country's authority")]
    return []


def waiting_for(user: User, most: int = 20) -> list[Waiting]:
    """Return what waits for somebody, for the first page after signing in."""
    states = (State.DRAFT, State.ASKED, State.PREPARED)
    found = []
    for application in mine(user).filter(state__in=states)[:most]:
        expected = [item for item in next_of(application) if item.who != "office"]
        if not expected:
            continue
        name = application.person.full_name if application.person is not None else ""
        more = f" and {len(expected) - 1} more" if len(expected) > 1 else ""
        found.append(
            Waiting(
                title=f"Application for {name}" if name else "Application",
                what=f"{expected[0].what}{more}",
                address=reverse("applications:detail", args=[application.id]),
                due_on=expected[0].due_on,
            )
        )
    return found


WHAT: dict[str, str] = {
    "start": "started",
    "submit": "sent to the office",
    "prepare": "papers made for the office",
    "keep": "the certificate came and is kept",
    "withdraw": "taken back",
    "take": "the office began to look at it",
    "release": "put back into the queue",
    "ask": "the office asked for facts",
    "answer": "the questions were answered",
    "consult": "the other country's authority was asked",
    "hear": "the other country's authority answered",
    "propose": "a decision was proposed",
    "return": "the proposal was sent back",
    "issue": "the certificate was issued",
    "issue_automatically": "the certificate was issued",
    "issue_seconded": "the certificate was issued",
    "refuse": "refused",
    "contest": "the refusal was contested",
}


def _names_of(relation: str) -> tuple[str, str]:
    """Return the columns that an account is called by, seen from a row that points to it."""
    return f"{relation}__full_name", f"{relation}__email"


def _named(full_name: str | None, email: str | None) -> str:
    """Return what an account is called; nobody's deed is the service's."""
    return full_name or email or "the service"
