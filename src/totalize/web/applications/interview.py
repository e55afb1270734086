"""Which questions about the case an application has: what every case needs, then what matters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from totalize import api
from totalize.coverage.case import works_by_id
from totalize.coverage.changes import change_case
from totalize.coverage.interview import EARLIER, NEEDED, Interview
from totalize.kernel.errors import InputError
from totalize.law.wording import load_wording
from totalize.web.applications.models import Application

# Asked of every work, on its first page.
FIRST = (*NEEDED, "work[0].expected_end")
# So many open facts on a page: an answer can make the next ones needless.
AT_ONCE = 3
# Stands among the answered questions when a whole case was handed in.
GIVEN = "given"
# Facts that details repeat, or that stand on the first page.
ELSEWHERE = frozenset(
    {"worker.birth_date", "work.employer.name", "work.occupation", "work.activity", "work.end"}
)


def work_position(application: Application) -> int:
    """Return where the work stands in the case; the last one while its id is not found."""
    names = list(works_by_id(application.case))
    if application.work in names:
        return names.index(application.work)
    return len(names) - 1


def work_of(application: Application) -> Mapping[str, Any]:
    """Return the work as plain values, however incomplete."""
    works = application.case.get("work") or [{}]
    found: Mapping[str, Any] = works[work_position(application)]
    return found


def first_questions(application: Application) -> list[str]:
    """Return the questions that every application asks, by path."""
    return [_at(path, application) for path in FIRST]


def first_open(application: Application) -> list[str]:
    """Return what every case needs and this one still lacks, by path."""
    return [_at(path, application) for path in NEEDED if not _has(application, path)]


def further_questions(application: Application, open_facts: list[str]) -> list[str]:
    """Return the questions that matter here: those answered so far, then the next open ones."""
    first = {_name(path) for path in FIRST}
    answered = [
        _at(path.replace("work.", "work[0].", 1), application)
        for path in load_wording().questions
        if path not in first | ELSEWHERE and _has(application, path)
    ]
    wanted = [path for path in open_facts if _name(path) not in first][:AT_ONCE]
    found = list(dict.fromkeys([*answered, *wanted]))
    if EARLIER in application.answered or earlier_open(application):
        found.append(EARLIER)
    return found


def earlier_open(application: Application) -> bool:
    """Tell whether earlier stays still have to be asked about."""
    if {EARLIER, GIVEN} & set(application.answered):
        return False
    if work_position(application) != len(application.case.get("work", [])) - 1:
        return False
    interview = Interview(lambda case: api.check(case, timezone.localdate()), application.case)
    try:
        return interview.next_question() == EARLIER
    except InputError:
        return False


def value_at(application: Application, path: str) -> Any:
    """Return the answer that stands in the case.

    Raises:
        KeyError: there is none.
    """
    if path == EARLIER:
        return [
            [item.get("start", ""), item.get("end") or item.get("expected_end") or ""]
            for item in application.case["work"][: work_position(application)]
        ]
    if path.endswith(".occupation"):
        work = work_of(application)
        if work["activity"] == "self_employment":
            return "self_employment"
        return work.get("occupation", "general")
    place: Any = application.case
    for step in re.findall(r"[^.\[\]]+", path):
        place = place[int(step)] if isinstance(place, list) else place[step]
    return place


def changes_for(path: str, value: Any) -> dict[str, Any]:
    """Return what an answer changes in the case."""
    if not path.endswith(".occupation"):
        return {path: value}
    work = path.removesuffix(".occupation")
    if value == "self_employment":
        return {f"{work}.activity": value}
    kind = {} if value == "general" else {path: value}
    return {f"{work}.activity": "employment", **kind}


def with_earlier_stays(application: Application, stays: list[list[str]]) -> dict[str, Any]:
    """Return the case with the earlier stays that were named, in the place of those before.

    Raises:
        InputError: a stay can't be.
    """
    position = work_position(application)
    document, _ = change_case(application.case, {})
    document["work"] = document["work"][position:]
    interview = Interview(lambda case: api.check(case, timezone.localdate()), document)
    # Only the last work is asked about; what comes after it stays behind it.
    later = document["work"][1:]
    document["work"] = document["work"][:1]
    interview.add_earlier_stays(
        [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in stays]
    )
    changed = dict(interview.document)
    # Every work has a name of its own, so that none changes when others come before it.
    for number, stay in enumerate(changed["work"][:-1], 1):
        stay["id"] = f"earlier-{number}"
    changed["work"][-1].setdefault("id", application.work)
    changed["work"] = [*changed["work"], *later]
    return changed


def _at(path: str, application: Application) -> str:
    return path.replace("work[0]", f"work[{work_position(application)}]")


def _name(path: str) -> str:
    return re.sub(r"\[[^\]]*\]", "", path)


def _has(application: Application, path: str) -> bool:
    try:
        value_at(application, _at(re.sub(r"^work\.", "work[0].", path), application))
    except (KeyError, TypeError, IndexError):
        return False
    return True
