"""The pages of a draft: which there are for this application, and how far each is.

Which details are asked, and in which order, is law data (`law/requests`, each agreement's list).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.utils.text import slugify

from totalize.certificates.pack.facts import Asked
from totalize.law.requests import load_requests
from totalize.web.applications.facts import FOREIGN_NUMBER, SSN

WORK, FACTS, NUMBERS_PAGE, FAMILY = "work", "facts", "numbers", "family"
REASONS, DOCUMENTS, SIDES, STATEMENTS, SEND = (
    "reasons",
    "documents",
    "other-side",
    "statements",
    "send",
)
NUMBER_KEYS = (SSN, FOREIGN_NUMBER, "national_identity_number", "tax_number")
# Details that repeat a fact of the case: they are asked with the case, or as that fact.
FACT_OF = {
    "citizenship": "worker.citizenships",
    "permanent_residence": "worker.residence",
    "start_date": "work[0].start",
    "end_date": "work[0].expected_end",
    "activity": "work[0].occupation",
}
OTHER = "other-facts"


@dataclass(frozen=True, slots=True)
class Section:
    """A page of a draft.

    Attributes:
        slug: its short name, in the address.
        title: as people read it.
        items: the details it asks for.
    """

    slug: str
    title: str
    items: tuple[Asked, ...] = ()


@cache
def _titles() -> dict[str, str]:
    """Return which section of the form takes a key, by its title."""
    return {
        key: section.title
        for section in load_requests().online_form.sections
        for key in section.keys
    }


def page_of(item: Asked) -> str:
    """Return the page on which an item is given."""
    if item.statement:
        return STATEMENTS
    if item.key in NUMBER_KEYS:
        return NUMBERS_PAGE
    if item.key == "family_members":
        return FAMILY
    if item.key in FACT_OF and item.key != "permanent_residence":
        return WORK
    title = _titles().get(item.key)
    return OTHER if title is None else slugify(title)


def detail_sections(asked: tuple[Asked, ...]) -> list[Section]:
    """Return the pages that take details, in the order of the office's own form."""
    titles = {slugify(title): title for title in dict.fromkeys(_titles().values())}
    titles[OTHER] = "Other facts"
    found = []
    for slug, title in titles.items():
        items = tuple(item for item in asked if page_of(item) == slug)
        if items:
            found.append(Section(slug, title, items))
    if any(page_of(item) == FAMILY for item in asked):
        items = tuple(item for item in asked if page_of(item) == FAMILY)
        found.append(Section(FAMILY, "Family who comes along", items))
    numbers = tuple(item for item in asked if page_of(item) == NUMBERS_PAGE)
    if numbers:
        found.append(Section(NUMBERS_PAGE, "Personal numbers", numbers))
    return found


def sections_of(asked: tuple[Asked, ...], *, sides: bool, exception: bool) -> list[Section]:
    """Return all pages of a draft, in order.

    Args:
        asked: what the request must say; empty while that isn't settled.
        sides: somebody else confirms.
        exception: both authorities are asked for something the rules don't give.
    """
    found = [Section(WORK, "The work"), Section(FACTS, "What the answer turns on")]
    if exception:
        found.append(Section(REASONS, "Why an exception"))
    found += detail_sections(asked)
    if asked:
        found.append(Section(DOCUMENTS, "Documents"))
        if sides:
            found.append(Section(SIDES, "The other side confirms"))
        found.append(Section(STATEMENTS, "Statements"))
        found.append(Section(SEND, "Check and send"))
    return found
