"""What an application still needs before it can be sent, who can give it and where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from totalize.certificates.draft import Subject
from totalize.certificates.pack.facts import Asked, asked_of
from totalize.coverage.determination import Determination, Notice, Outcome
from totalize.coverage.interview import EARLIER
from totalize.kernel.errors import InputError
from totalize.law.wording import load_wording
from totalize.web.applications import hooks
from totalize.web.applications.facts import (
    asked_items,
    decide,
    partner_of,
    result_of,
    subject_of,
)
from totalize.web.applications.interview import FIRST, earlier_open, first_open
from totalize.web.applications.models import Application
from totalize.web.applications.parties import is_current
from totalize.web.applications.sections import (
    FACTS,
    SIDES,
    WORK,
    page_of,
)
from totalize.web.applications.sections import (
    STATEMENTS as STATEMENTS_PAGE,
)
from totalize.web.applications.wording import STATEMENTS

EMPLOYER_KEYS = frozenset(
    {
        "employer_home",
        "employer_host",
        "hire_date",
        "hire_place",
        "hire_country",
        "remains_employee",
        "stays_with_employer",
        "affiliate_3121l",
        "tax_number",
        "statistical_number",
    }
)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is still to be given.

    Attributes:
        field: its path (`details.birth_place`, `work[0].sent_from`, `statement.true_and_complete`,
            `confirmation.employer`).
        words: what it is.
        who: who can give it: `worker`, `employer` or `either`.
        page: the page it is given on, by its short name.
    """

    field: str
    words: str
    who: str = "either"
    page: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far an application is.

    Attributes:
        missing: what is still to be given, in the order of the pages.
        warnings: what must be known before sending.
        determination: what the engine says to the facts so far; None while there are too few.
        subject: what is asked for; None while it isn't settled.
        obstacle: why nothing can be asked for, None while something can, or may yet.
        issues_here: this installation is the office that issues the certificate.
        asked: what the request must say, with the answers so far.
    """

    missing: tuple[Missing, ...]
    warnings: tuple[Notice, ...]
    determination: Determination | None
    subject: Subject | None
    obstacle: str | None
    issues_here: bool
    asked: tuple[Asked, ...] = ()

    @property
    def ready(self) -> bool:
        """Nothing is in the way of sending it."""
        return self.subject is not None and not self.missing and self.obstacle is None

    @property
    def plain(self) -> bool:
        """Determined, complete and without a warning: one look decides it."""
        if self.subject is None or not self.ready or self.warnings:
            return False
        return self.subject.period.outcome is Outcome.DETERMINED

    @property
    def issuing_country(self) -> str:
        """The country whose office is asked; nothing while that isn't known."""
        return "" if self.subject is None else self.subject.issuer


def assess(application: Application, day: date | None = None) -> Readiness:
    """Look at an application as it stands.

    Args:
        application: which.
        day: the day as of which the law is read; today when left out.
    """
    try:
        determination = decide(application, day or timezone.localdate())
    except InputError as error:
        lacking = first_open(application) or [error.path]
        words = load_wording()
        missing = [Missing(path, words.question(path).label, "either", WORK) for path in lacking]
        return Readiness(tuple(missing), (), None, None, None, issues_here=False)
    result = result_of(determination, application)
    application.partner = partner_of(determination, application.work) or application.partner
    warnings = tuple(
        {item.code: item for period in result.periods for item in period.warnings}.values()
    )
    subject, obstacle = None, None
    missing = [
        Missing(path, load_wording().question(path).label, "either", _page_of_fact(path))
        for path in dict.fromkeys(path for period in result.periods for path in period.missing)
    ]
    if not missing and earlier_open(application):
        missing.append(Missing(EARLIER, "earlier stays", "either", FACTS))
    try:
        subject = subject_of(application, determination)
    except InputError as error:
        obstacle = None if missing else error.problem
    if subject is not None:
        items = asked_items(application, subject)
        missing += _missing_items(application, items)
        missing += _missing_statements(application, items)
        missing += _missing_sides(application, subject)
    return Readiness(
        tuple(missing),
        warnings,
        determination,
        subject,
        obstacle,
        issues_here=subject is not None and hooks.issues_here(subject.issuer),
        asked=() if subject is None else asked_of(subject),
    )


def statements_for(application: Application, subject: Subject) -> dict[str, str]:
    """Return the statements that must be ticked before sending, word for word."""
    return _statements(asked_items(application, subject))


def _statements(items: list[tuple[Asked, bool]]) -> dict[str, str]:
    wanted = {
        item.key: item.label[:1].upper() + item.label[1:] + "."
        for item, _ in items
        if item.statement
    }
    return wanted | STATEMENTS


def who_gives(key: str, application: Application) -> str:
    """Return who can give a detail."""
    return "employer" if key in EMPLOYER_KEYS else "worker"


def _page_of_fact(path: str) -> str:
    bare = re.sub(r"\[[^\]]*\]", "[0]", path)
    return WORK if bare in FIRST else FACTS


def _missing_items(application: Application, items: list[tuple[Asked, bool]]) -> list[Missing]:
    return [
        Missing(f"details.{item.key}", item.label, who_gives(item.key, application), page_of(item))
        for item, there in items
        if not there and not item.statement
    ]


def _missing_statements(application: Application, items: list[tuple[Asked, bool]]) -> list[Missing]:
    ticked = set(application.statements.values_list("code", flat=True))
    return [
        Missing(f"statement.{code}", words, "either", STATEMENTS_PAGE)
        for code, words in _statements(items).items()
        if code not in ticked
    ]


def _missing_sides(application: Application, subject: Subject) -> list[Missing]:
    """The law says who asks; that side must have started the request or confirmed it."""
    if subject.work.activity != "employment" or subject.need.applicant != "employer":
        return []
    latest = (
        application.confirmations.filter(party="employer", confirmed_at__isnull=False)
        .order_by("-confirmed_at", "-id")
        .first()
    )
    if application.employer_id is not None and (latest is None or is_current(latest)):
        return []
    return [Missing("confirmation.employer", "the employer's confirmation", "employer", SIDES)]
