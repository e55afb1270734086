"""The board: everyone abroad, covered by what, proven until when, and what breaks next.

One row is one stretch of work that goes on or begins soon. Counts and rows come from the same
conditions, so that a number on the board is always the number of rows behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Case as Choose
from django.db.models import CharField, Count, F, Q, QuerySet, Sum, Value, When
from django_stubs_ext import WithAnnotations

from totalize.coverage.determination import Outcome, Proof
from totalize.kernel.countries import NAMES
from totalize.kernel.errors import InputError
from totalize.web.accounts.models import Organisation
from totalize.web.applications.models import Application
from totalize.web.applications.states import OPEN
from totalize.web.applications.states import State as ApplicationState
from totalize.web.follow.models import Spell

SOON = timedelta(days=90)
LATER = "later"
PAGE = 50
PROVABLE = [Proof.NEEDED.value, Proof.HELD.value]


class Standing(StrEnum):
    """How a stretch stands, the most pressing first."""

    LAPSED = "lapsed"
    UNPROVEN = "unproven"
    UNDECIDED = "undecided"
    BREAKS = "breaks"
    PROVEN = "proven"
    UNAVAILABLE = "unavailable"
    NOT_NEEDED = "not_needed"


PRESSING = list(Standing)
LACKING = frozenset({Standing.LAPSED, Standing.UNPROVEN})
WORDS = {
    Standing.LAPSED: "certificate has ended",
    Standing.UNPROVEN: "no certificate",
    Standing.UNDECIDED: "not decided",
    Standing.BREAKS: "ends within 90 days",
    Standing.PROVEN: "proven",
    Standing.UNAVAILABLE: "no agreement, both systems",
    Standing.NOT_NEEDED: "no certificate needed",
}
ORDERS = {
    "standing": ("rank", "until", "first_day", "id"),
    "until": (F("until").asc(nulls_last=True), "id"),
    "name": ("dossier__person__full_name", "first_day", "id"),
    "country": ("country", "dossier__person__full_name", "id"),
    "due": (F("dossier__due_on").asc(nulls_last=True), "id"),
}
# What the board and its export say of a stretch; the rest of the rows is not read.
_SHOWN = (
    "work",
    "country",
    "first_day",
    "last_day",
    "covered_by",
    "proven_until",
    "endless_proof",
    "yearly_saving",
    "dossier__key",
    "dossier__currency",
    "dossier__due_on",
    "dossier__person__full_name",
    "dossier__owner__email",
)


class Columns(TypedDict):
    """What the board adds to a stretch.

    Attributes:
        standing: a value of `Standing`.
        until: the last day that is proven; None without a proof, and with one that has no end.
        rank: place of the standing among all, the most pressing first.
    """

    standing: str
    until: date | None
    rank: int


if TYPE_CHECKING:
    BoardSpell = WithAnnotations[Spell, Columns]
else:
    BoardSpell = Spell


@dataclass(frozen=True, slots=True)
class Filters:
    """What the board is narrowed to.

    Attributes:
        owner: id of an account, `nobody` for cases without an owner.
        text: part of a name or the whole of a number.
        when: `later` for what begins after the days that the board looks ahead.
    """

    standing: str = ""
    country: str = ""
    owner: str = ""
    text: str = ""
    when: str = ""
    order: str = "standing"

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.standing or self.country or self.owner or self.text)

    @classmethod
    def read(cls, given: Mapping[str, object]) -> Filters:
        """Read the filters of an address.

        Raises:
            InputError: a value is none of those that can be chosen.
        """
        found = cls(**{name: str(given.get(name, "")).strip() for name in cls.__slots__})
        order = found.order or "standing"
        for name, value, allowed in (
            ("standing", found.standing, list(Standing)),
            ("country", found.country, list(NAMES)),
            ("when", found.when, [LATER]),
            ("order", order, list(ORDERS)),
        ):
            if value and value not in allowed:
                raise InputError(name, "is none of those to choose from", value=value)
        return replace(found, text=found.text[:100], order=order)


@dataclass(frozen=True, slots=True)
class Summary:
    """The counts on top of the board.

    Attributes:
        people: how many have a stretch on it.
        others: how many have one that begins later; of the board of those, one that is on now.
        counts: stretches by standing.
        countries: where they work.
        at_risk: yearly contributions that certificates not held would lift, by currency.
        unknown_risk: stretches that lack a certificate and whose pay is not known.
    """

    people: int
    others: int
    counts: dict[Standing, int]
    countries: tuple[str, ...]
    at_risk: tuple[tuple[str, Decimal], ...]
    unknown_risk: int


def spells_of(
    organisation: Organisation, day: date, *, later: bool = False
) -> QuerySet[BoardSpell]:
    """Return the stretches on the board, each with its standing.

    Args:
        organisation: whose people.
        day: today.
        later: in their place those that begin after the days that the board looks ahead.
    """
    return _with_standing(_on_board(organisation, day, later=later), day)


def _on_board(organisation: Organisation, day: date, *, later: bool) -> QuerySet[Spell]:
    """Return the stretches on the board. Its index has all that is counted: see `Spell.Meta`."""
    soon = day + SOON
    begins = Q(first_day__gt=soon) if later else Q(first_day__lte=soon)
    return Spell.objects.filter(begins, organisation=organisation).filter(
        Q(last_day__isnull=True) | Q(last_day__gte=day)
    )


def _with_standing(spells: QuerySet[Spell], day: date) -> QuerySet[BoardSpell]:
    conditions = _standings(day)
    standing = Choose(
        *(When(condition, then=Value(each.value)) for condition, each in conditions),
        default=Value(Standing.PROVEN.value),
        output_field=CharField(),
    )
    return spells.annotate(standing=standing, until=F("proven_until"), rank=_rank(conditions))


def _standings(day: date) -> Sequence[tuple[Q, Standing]]:
    """Return when a stretch stands how, the first that holds; one for which none does is proven."""
    soon = day + SOON
    missing = Q(proof__in=PROVABLE, endless_proof=False)
    whole = Q(last_day__isnull=False, proven_until__gte=F("last_day"))
    return (
        (~Q(outcome=Outcome.DETERMINED.value), Standing.UNDECIDED),
        (Q(proof=Proof.UNAVAILABLE.value), Standing.UNAVAILABLE),
        (~Q(proof__in=PROVABLE), Standing.NOT_NEEDED),
        (missing & Q(proven_until__isnull=True), Standing.UNPROVEN),
        (missing & Q(proven_until__lt=day), Standing.LAPSED),
        (missing & ~whole & Q(proven_until__lt=soon), Standing.BREAKS),
    )


def _rank(conditions: Sequence[tuple[Q, Standing]]) -> Choose:
    return Choose(
        *(When(condition, then=Value(PRESSING.index(each))) for condition, each in conditions),
        default=Value(PRESSING.index(Standing.PROVEN)),
    )


def narrow(spells: QuerySet[BoardSpell], filters: Filters) -> QuerySet[BoardSpell]:
    """Return the stretches that the filters leave, in their order."""
    if filters.standing:
        spells = spells.filter(standing=filters.standing)
    if filters.country:
        spells = spells.filter(country=filters.country)
    if filters.owner == "nobody":
        spells = spells.filter(dossier__owner__isnull=True)
    elif filters.owner:
        spells = spells.filter(dossier__owner__email=filters.owner)
    if filters.text:
        spells = spells.filter(
            Q(dossier__person__full_name__icontains=filters.text) | Q(dossier__key=filters.text)
        )
    return spells.order_by(*ORDERS[filters.order])


def _whole(spells: QuerySet[BoardSpell]) -> QuerySet[BoardSpell]:
    """Read with each stretch what is said of it."""
    return spells.select_related("dossier__person", "dossier__owner").only(*_SHOWN)


def summary(organisation: Organisation, day: date, *, later: bool = False) -> Summary:
    """Count what is on the board: three queries, and one more where the cost of a gap is known."""
    spells = _on_board(organisation, day, later=later).order_by()
    others = _on_board(organisation, day, later=not later).order_by()
    rank = _rank(_standings(day))
    groups = (
        spells.annotate(rank=rank)
        .values("country", "rank")
        .annotate(stretches=Count("*"), known=Count("yearly_saving"))
    )
    counts = dict.fromkeys(Standing, 0)
    known = unknown_risk = 0
    countries = set()
    for group in groups:
        standing = PRESSING[group["rank"]]
        counts[standing] += group["stretches"]
        countries.add(group["country"])
        if standing in LACKING:
            known += group["known"]
            unknown_risk += group["stretches"] - group["known"]
    return Summary(
        people=_people(spells),
        others=_people(others),
        counts=counts,
        countries=tuple(sorted(countries)),
        at_risk=_at_risk(_with_standing(spells, day)) if known else (),
        unknown_risk=unknown_risk,
    )


def _people(spells: QuerySet[Spell]) -> int:
    count: int = spells.aggregate(people=Count("dossier_id", distinct=True))["people"]
    return count


def _at_risk(spells: QuerySet[BoardSpell]) -> tuple[tuple[str, Decimal], ...]:
    lacking = spells.filter(standing__in=LACKING, yearly_saving__isnull=False)
    sums = lacking.values_list("dossier__currency").annotate(saving=Sum("yearly_saving"))
    return tuple(sorted(sums))


def rows_of(
    spells: QuerySet[BoardSpell], day: date, page: str | None, count: int | None = None
) -> tuple[Page[int], list[BoardSpell]]:
    """Return a page of narrowed stretches and its rows.

    The order is found with keys alone; only the rows of the page are read whole.

    Args:
        spells: what `narrow` gave.
        day: today.
        page: number of the page, as the address has it.
        count: how many stretches there are, when that is known.
    """
    paginator = Paginator(spells.values_list("pk", flat=True), PAGE)
    if count is not None:
        paginator.count = count
    keys = paginator.get_page(page)
    wanted = list(keys.object_list)
    # By their keys alone: a database that is told of the board as well may look for them there.
    rows = _with_standing(Spell.objects.order_by().filter(pk__in=wanted), day)
    found = {spell.pk: spell for spell in _whole(rows)}
    return keys, [found[key] for key in wanted if key in found]


def requests_of(spells: list[BoardSpell], day: date) -> dict[UUID, tuple[str, int]]:
    """Return, by person, the latest open request and its age in days, in one query."""
    states = [state.value for state in OPEN] + [
        ApplicationState.DRAFT.value,
        ApplicationState.PREPARED.value,
    ]
    rows = (
        Application.objects.filter(
            person__in={spell.dossier.person_id for spell in spells}, state__in=states
        )
        .order_by("created_at")
        .values("person_id", "state", "created_at", "submitted_at")
    )
    return {
        row["person_id"]: (
            row["state"],
            (day - (row["submitted_at"] or row["created_at"]).date()).days,
        )
        for row in rows
    }


EXPORT = (
    "worker_id",
    "full_name",
    "work",
    "country",
    "from",
    "to",
    "covered_by",
    "standing",
    "proven_until",
    "owner",
    "due_on",
    "yearly_saving",
    "currency",
)


def export(spells: QuerySet[BoardSpell]) -> Iterator[tuple[str, ...]]:
    """Yield the board as rows of text, the header first."""
    yield EXPORT
    for spell in _whole(spells).iterator(chunk_size=2000):
        dossier = spell.dossier
        yield tuple(
            "" if value is None else str(value)
            for value in (
                dossier.key,
                dossier.person.full_name,
                spell.work,
                spell.country,
                spell.first_day,
                spell.last_day,
                spell.covered_by,
                WORDS[Standing(spell.standing)],
                "no end" if spell.endless_proof else spell.proven_until,
                dossier.owner.email if dossier.owner else "",
                dossier.due_on,
                spell.yearly_saving,
                dossier.currency,
            )
        )
