"""What the two sides confirm to each other, in words that are kept."""

from __future__ import annotations

from totalize.coverage.case import works_by_id
from totalize.kernel.countries import in_sentence
from totalize.kernel.dates import parse_date, written_day
from totalize.web.applications.models import Application, Confirmation
from totalize.web.applications.wording import CONFIRM


def facts_to_confirm(application: Application) -> list[tuple[str, str]]:
    """Return the facts that the other side is asked about, named and in words."""
    work = works_by_id(application.case).get(application.work, {})
    details = application.details
    name = application.person.full_name if application.person is not None else ""
    found = [
        ("Worker", name),
        ("Country of the work", in_sentence(work["country"]) if work.get("country") else ""),
        ("First day", _day(work.get("start"))),
        ("Last day", _day(work.get("expected_end")) or "no end was set"),
        ("Employer", _place(details.get("employer_home"))),
        ("Where the work is done", _place(details.get("employer_host"))),
        ("Hired on", _day(details.get("hire_date"))),
    ]
    return [(label, value) for label, value in found if value]


def words_to_confirm(application: Application, party: str) -> str:
    """Return everything somebody confirms, as one text to keep."""
    lines = [f"{label}: {value}" for label, value in facts_to_confirm(application)]
    return "\n".join([*lines, CONFIRM[party]])


def is_current(confirmation: Confirmation) -> bool:
    """Tell whether what was confirmed still is what the application says."""
    return confirmation.words == words_to_confirm(confirmation.application, confirmation.party)


def _day(text: object) -> str:
    if not text:
        return ""
    return written_day(parse_date(text, "day"))


def _place(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(filter(None, [value.get("name"), value.get("address")]))
    return str(value or "")
