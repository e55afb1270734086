"""What this agreement asks for, and the answer to each item from the case and the details."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from totalize.certificates.details import Affiliate, FamilyMember, Place
from totalize.certificates.draft import Subject, given
from totalize.certificates.pack.documents import Missing
from totalize.certificates.wording import ENGLISH, Catalogue, catalogue
from totalize.kernel.countries import US, country_name
from totalize.law.offices import Item, Office, RequiredInformation, load_offices

# Questions that the agreements put as to somebody sent to the other country.
_OTHER_SIDE = {"employer_home": "employer_host", "employer_host": "employer_home"}
_OF_ONE_SENT = frozenset(
    {"start_date", "end_date", "hire_date", "hire_place", "business_home", "business_host"}
    | _OTHER_SIDE.keys()
)
_IN_ENGLISH = catalogue(ENGLISH)
# Kept back unless known: an office that asks for a number asks for it "if any".
_OPTIONAL_MARKS = ("if any", "if known", "if there is one")


@dataclass(frozen=True, slots=True)
class Asked:
    """One item that the request must give.

    Attributes:
        key: stable name, the field of the details file.
        label: as the law data words it, in English.
        value: the answer as it was given, None when it is missing.
        path: where to give it.
        statement: a declaration to make, not a fact to give.
        optional: asked for only where it exists.
        country: which of the two countries is meant by "home" and "host"; None elsewhere.
        here: the question is put as for work in the country that is asked for the certificate.
    """

    key: str
    label: str
    value: Any
    path: str
    statement: bool
    optional: bool
    country: str | None = None
    here: bool = False

    @property
    def missing(self) -> bool:
        """Tell whether the request can't do without it and it's not there."""
        return self.value is None and not self.optional


def asked_of(subject: Subject) -> tuple[Asked, ...]:
    """Return exactly what the determination says this request must give, in its order."""
    items = {item.label: item for item in information(subject).items}
    home = works_at_home(subject)
    found = []
    for label in subject.need.required_information:
        item = items.get(label)
        key = item.key if item is not None else _key_like(label)
        value, path = _answer(subject, key)
        here = home and key in _OF_ONE_SENT
        found.append(
            Asked(
                key=key,
                label=_IN_ENGLISH.say(f"fact_{key}_here") if here else label,
                value=value,
                path=path,
                statement=item.statement if item is not None else False,
                optional=_optional(item, subject) or (home and _may_have_none(subject, key)),
                country=_country(subject, key),
                here=here,
            )
        )
    return tuple(found)


def works_at_home(subject: Subject) -> bool:
    """Tell whether the work is done in the country asked for the certificate, and in no other.

    The lists of the agreements speak of somebody who is sent to the other country. Whoever lives
    and works where they are insured has no first day there, and perhaps nobody who employs them.
    """
    if subject.exemption_only:
        return False
    also = given(subject.work.also_in) or ()
    return subject.work.country == subject.need.issued_by and subject.need.presented_in not in also


def _may_have_none(subject: Subject, key: str) -> bool:
    """Tell whether there need be no such employer or business of somebody who works at home."""
    other = _OTHER_SIDE.get(key)
    return key == "business_host" or (other is not None and subject.details.get(other) is not None)


def information(subject: Subject) -> RequiredInformation:
    """Return the agreement's list, with what is known about it."""
    return load_offices(subject.partner).required_information


def office_of(subject: Subject) -> Office | None:
    """Return the office of the law data that the determination names."""
    # A letter of exemption stands among the papers for foreign coverage, though SSA writes it.
    side = "us" if subject.issuer == US and not subject.exemption_only else "foreign"
    for office in load_offices(subject.partner).offices:
        if office.issues == side and (subject.need.office or "").startswith(office.name):
            return office
    return None


def missing_of(asked: tuple[Asked, ...]) -> tuple[Missing, ...]:
    """Return what still has to be given."""
    return tuple(Missing(item.path, _named(item)) for item in asked if item.missing)


def _named(item: Asked) -> str:
    """Return a question by which it can be told from its twin of the other country."""
    if item.here and item.country is not None:
        return f"{item.label} ({country_name(item.country)})"
    return item.label


def in_words(value: Any, words: Catalogue) -> str | None:
    """Write an answer in a language; None when there is none."""
    if value is None or isinstance(value, str):
        return value
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value, words)
    raise TypeError(type(value).__name__)


def label_of(asked: Asked, words: Catalogue) -> str:
    """Return the question in a language.

    In English the agreement's own wording is kept; other languages name the item.
    """
    key = f"fact_{asked.key}"
    if asked.here and words.has(f"{key}_here"):
        key = f"{key}_here"
    if words.language == ENGLISH or not words.has(key):
        label = asked.label[:1].upper() + asked.label[1:]
    else:
        label = words.say(key)
    return label if asked.country is None else f"{label} ({words.country(asked.country)})"


def _country(subject: Subject, key: str) -> str | None:
    if subject.exemption_only:
        return None
    if key in ("employer_home", "business_home"):
        return subject.need.issued_by
    if key in ("employer_host", "business_host", "address_host"):
        return subject.need.presented_in
    return None


def _optional(item: Item | None, subject: Subject) -> bool:
    if item is None:
        return False
    if any(mark in item.label for mark in _OPTIONAL_MARKS):
        return True
    # A family item is asked only of those who take a family along.
    return item.when == "family" and given(subject.work.family_accompanies) is False


def _key_like(label: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in label.lower())[:40]


def _answer(subject: Subject, key: str) -> tuple[Any, str]:
    value = subject.details.get(key)
    if value is not None:
        return value, f"details.{key}"
    source = _FROM_CASE.get(key)
    if source is None:
        return None, f"details.{key}"
    found, path = source(subject)
    return found, path if path.startswith("details") else f"work {subject.work_id}: {path}"


def _citizenship(subject: Subject) -> tuple[Any, str]:
    return _Countries(tuple(subject.case.worker.citizenships)), "worker.citizenships"


def _residence(subject: Subject) -> tuple[Any, str]:
    code = given(subject.case.worker.residence)
    return (None if code is None else _Countries((code,))), "details.permanent_residence"


def _birth_date(subject: Subject) -> tuple[Any, str]:
    return given(subject.case.worker.birth_date), "details.birth_date"


def _start(subject: Subject) -> tuple[Any, str]:
    return subject.period.first, "start"


def _end(subject: Subject) -> tuple[Any, str]:
    return subject.period.last or "-", "expected_end"


def _health(subject: Subject) -> tuple[Any, str]:
    cover = given(subject.work.health_insurance)
    if cover is None:
        return None, "health_insurance"
    worker, family = given(cover.worker), given(cover.family)
    alone = given(subject.work.family_accompanies) is False
    if worker is None or (family is None and not alone):
        return None, "health_insurance"
    return worker and (alone or bool(family)), "health_insurance"


def _affiliate(subject: Subject) -> tuple[Any, str]:
    employer = given(subject.work.employer)
    covered = None if employer is None else given(employer.section_3121l)
    return (None if covered is None else Affiliate(covered, None)), "details.affiliate_3121l"


def _activity(subject: Subject) -> tuple[Any, str]:
    return _Sentence(f"activity_{subject.work.activity}"), "activity"


def _no_family(subject: Subject) -> tuple[Any, str]:
    none = given(subject.work.family_accompanies) is False
    return (() if none else None), "details.family_members"


_FROM_CASE: dict[str, Callable[[Subject], tuple[Any, str]]] = {
    "citizenship": _citizenship,
    "permanent_residence": _residence,
    "birth_date": _birth_date,
    "start_date": _start,
    "end_date": _end,
    "health_insurance_statement": _health,
    "affiliate_3121l": _affiliate,
    "activity": _activity,
    "family_members": _no_family,
}


@dataclass(frozen=True, slots=True)
class _Countries:
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    key: str


def _write_family(members: tuple[FamilyMember, ...], words: Catalogue) -> str:
    if not members:
        return words.say("nobody")
    lines = []
    for item in members:
        born = words.day(item.birth_date) if item.birth_date else None
        parts = [item.name, item.relationship, born, item.birth_place, item.number]
        lines.append(", ".join(filter(None, parts)))
    return "; ".join(lines)


def _write_affiliate(value: Affiliate, words: Catalogue) -> str:
    if value.covered and value.since:
        return words.say("yes_since", day=words.day(value.since))
    return words.say("yes" if value.covered else "no")


def _write_flag(value: bool, words: Catalogue) -> str:
    return words.say("yes" if value else "no")


def _write_place(value: Place, _words: Catalogue) -> str:
    return value.line


_WRITERS: list[tuple[type, Callable[[Any, Catalogue], str]]] = [
    (date, lambda value, words: words.day(value)),
    (bool, _write_flag),
    (_Countries, lambda value, words: ", ".join(words.country(code) for code in value.codes)),
    (_Sentence, lambda value, words: words.say(value.key)),
    (Place, _write_place),
    (Affiliate, _write_affiliate),
    (tuple, _write_family),
]


def answer_to(subject: Subject, key: str) -> Any:
    """Return the answer to one key, None when there is none."""
    return _answer(subject, key)[0]
