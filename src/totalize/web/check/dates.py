"""The dates of an answer as a calendar: whole days, each with what to do and a reminder before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from icalendar import Alarm, Calendar, Event

from totalize.contributions.results import Cost
from totalize.filing.result import Deadline, Filing, Outcome
from totalize.kernel.countries import country_name
from totalize.web.check.result import Result
from totalize.web.check.wording import page_words

# Days before: as long as what has to be done by then takes. An end needs the office once more.
_REMINDED: Final = {"last": 90, "refund": 60, "report": 30, "due": 30, "ask_by": 14, "begin": 14}


@dataclass(frozen=True, slots=True)
class Entry:
    """A day to keep.

    Attributes:
        kind: what sort of day, which decides how long before one is reminded.
        name: which one it is within the calendar.
    """

    kind: str
    name: str
    day: date
    title: str
    text: str


def calendar_file(
    result: Result,
    document: Mapping[str, Any],
    cost: Cost | None,
    filing: Filing | None,
    made_on: datetime,
) -> bytes:
    """Return the dates to keep.

    Args:
        result: the answer.
        document: the case that was answered.
        cost: what contributions cost, where it was asked.
        filing: what is to be filed, where it was asked.
        made_on: the moment of the file; a calendar that has the dates already takes the newer.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//totalize//check//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", page_words().calendar["name"].format(host=result.host))
    case = _case_name(document)
    for entry in (*_steps(result), *_returns(filing), *_refunds(cost, result.as_of)):
        calendar.add_component(_event(entry, case, made_on))
    made: bytes = calendar.to_ical()
    return made


def _case_name(document: Mapping[str, Any]) -> str:
    """Return a name for a case that is the same whenever the same case is answered.

    Taken in twice, the dates are not doubled; and those of two people, sent on the same day by one
    employer, do not take each other's place in the calendar of whoever keeps both.
    """
    text = json.dumps(document, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _event(entry: Entry, case: str, made_on: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.name}-{case}@totalize")
    event.add("dtstamp", made_on)
    event.add("dtstart", entry.day)
    event.add("dtend", entry.day + timedelta(days=1))
    event.add("summary", entry.title)
    event.add("description", entry.text)
    event.add("transp", "TRANSPARENT")
    days = _REMINDED.get(entry.kind)
    if days is not None:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", entry.title)
        alarm.add("trigger", -timedelta(days=days))
        event.add_component(alarm)
    return event


def _steps(result: Result) -> Iterator[Entry]:
    words = page_words().calendar
    for step in result.steps:
        if step.day is not None and not step.past:
            title = words[step.code].format(host=result.host)
            yield Entry(step.code, f"{step.code}-{step.day}", step.day, title, step.text)


def _returns(filing: Filing | None) -> Iterator[Entry]:
    """Yield the days of the return and of the reports about accounts that may be due.

    Whoever is no citizen and no resident files by other days, which are not known here.
    """
    if filing is None or filing.income_tax_return.outcome is Outcome.OTHER_RULES:
        return
    words, year = page_words().calendar, filing.tax_year
    for item in filing.income_tax_return.deadlines:
        if item.code.startswith("due_"):
            title = words.get(item.code, words["due_other"]).format(year=year)
            yield from _due("due", item, f"{item.code}-{year}", title)
    for report in filing.account_reports:
        if report.met is False:
            continue
        for item in report.deadlines:
            key = "report_extended" if item.code.endswith("_automatic") else "report"
            title = words[key].format(form=report.form, year=year)
            yield from _due("report", item, f"{item.code}-{year}", title)


def _due(kind: str, item: Deadline, name: str, title: str) -> Iterator[Entry]:
    if item.day is not None:
        yield Entry(kind, name, item.day, title, item.text)


def _refunds(cost: Cost | None, as_of: date) -> Iterator[Entry]:
    for refund in () if cost is None else cost.refunds:
        if refund.last_day is not None and refund.last_day >= as_of:
            title = (
                page_words()
                .calendar["refund"]
                .format(year=refund.year, country=country_name(refund.system))
            )
            name = f"refund-{refund.system}-{refund.year}"
            yield Entry("refund", name, refund.last_day, title, " ".join(refund.steps))
