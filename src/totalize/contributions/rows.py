"""Which rows of a country hold for a person in a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from totalize.contributions.formula import Formula, build_formula
from totalize.kernel.countries import in_sentence
from totalize.kernel.errors import InputError
from totalize.law.contributions import CountryContributions, Payer, Scheme, Version

_KEPT_DAYS = 4096


@dataclass(frozen=True, slots=True)
class Row:
    """A version of a scheme with its formula, None where its size is not in the data."""

    scheme: Scheme
    version: Version
    formula: Formula | None


@dataclass(frozen=True, slots=True)
class Held:
    """A row that holds in a month; projected when it ended, or nobody has confirmed it since."""

    row: Row
    projected: bool


class Table:
    """The rows of one country, with their formulas built once."""

    def __init__(self, data: CountryContributions, given: Mapping[str, Decimal]) -> None:
        """Build the formulas.

        Args:
            data: the country.
            given: values of indexed units that the data does not hold, in the country's currency.

        Raises:
            InputError: a unit is needed and was not given, or was given and is not needed.
        """
        self.data = data
        self._check_units(given)
        self.rows = tuple(
            (
                scheme,
                tuple(
                    Row(
                        scheme,
                        version,
                        build_formula(scheme, version, data.grades, self._units(version, given)),
                    )
                    for version in scheme.versions
                ),
            )
            for scheme in data.schemes
            if not scheme.voluntary
        )
        self._in_force: dict[tuple[date, bool], tuple[Held, ...]] = {}

    def _check_units(self, given: Mapping[str, Decimal]) -> None:
        for name, unit in self.data.units.items():
            if not unit.values and name not in given:
                raise InputError(
                    f"units.{name}",
                    f"ceilings of {in_sentence(self.data.country)} are stated in {unit.text}",
                    expected=f"--unit {name}=VALUE in {self.data.currency}",
                    code="unit_needed",
                )

    def _units(self, version: Version, given: Mapping[str, Decimal]) -> dict[str, Decimal]:
        found = {}
        for name, unit in self.data.units.items():
            if name in given:
                found[name] = given[name]
                continue
            values = [value for value in unit.values if value.first <= version.first] or list(
                unit.values[:1]
            )
            found[name] = values[-1].amount
        return found

    def select(
        self,
        payers: tuple[Payer, ...],
        options: Mapping[str, str],
        day: date,
        birth_date: date | None,
        project: bool,
    ) -> tuple[Held, ...]:
        """Return the rows that hold on a day.

        Args:
            payers: who pays.
            options: the option taken in each choice of the country.
            day: the last day of the month.
            birth_date: None leaves out the rows that hold only for some ages.
            project: let the last version go on where none holds any more.
        """
        return tuple(
            [
                held
                for held in self._rows_on(day, project)
                if held.row.scheme.payer in payers
                and _fits(held.row.scheme, options, day, birth_date)
            ]
        )

    def _rows_on(self, day: date, project: bool) -> tuple[Held, ...]:
        """Return the rows of a day; they depend on the law alone, and a day is asked for again."""
        kept = self._in_force.get((day, project))
        if kept is None:
            found = [self._on(rows, day, project) for _, rows in self.rows]
            kept = tuple([held for held in found if held is not None])
            if len(self._in_force) >= _KEPT_DAYS:
                self._in_force.clear()
            self._in_force[day, project] = kept
        return kept

    def _on(self, rows: tuple[Row, ...], day: date, project: bool) -> Held | None:
        for row in rows:
            version = row.version
            if version.first <= day and (version.to is None or day <= version.to):
                unconfirmed = version.to is None and day > self.data.known_until
                if unconfirmed and not project:
                    return None
                return Held(row, projected=unconfirmed)
        ended = [row for row in rows if row.version.to is not None and row.version.to < day]
        if project and ended and day > self.last_day:
            return Held(ended[-1], projected=True)
        return None

    @cached_property
    def last_day(self) -> date:
        """The last day for which any row was written."""
        ends = [
            self.data.known_until if row.version.to is None else row.version.to
            for _, rows in self.rows
            for row in rows
        ]
        return max(ends)

    @cached_property
    def first_day(self) -> date:
        """The first day for which any row was written."""
        return min(row.version.first for _, rows in self.rows for row in rows)

    def ages_needed(self, payers: tuple[Payer, ...], year: int) -> tuple[Scheme, ...]:
        """Return the rows of a year that hold only for some ages."""
        first, last = date(year, 1, 1), date(year, 12, 31)
        return tuple(
            scheme
            for scheme, rows in self.rows
            if scheme.payer in payers
            and scheme.ages is not None
            and scheme.ages.only
            and any(
                row.version.first <= last and (row.version.to is None or row.version.to >= first)
                for row in rows
            )
        )


def _fits(scheme: Scheme, options: Mapping[str, str], day: date, birth_date: date | None) -> bool:
    for group, option in scheme.choice.items():
        if options[group] != option:
            return False
    ages = scheme.ages
    if ages is None:
        return True
    if birth_date is None:
        return not ages.only
    age = day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
    return (ages.first <= age <= ages.last) == ages.only


def take_options(
    data: CountryContributions, choices: Mapping[str, str], citizenships: tuple[str, ...]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the option taken in each choice of a country, and the choices that were assumed.

    Raises:
        InputError: a choice or an option that the country does not have.
    """
    taken: dict[str, str] = {}
    assumed = []
    for group, choice in data.choices.items():
        path = f"{data.country}.{group}"
        given = choices.get(path)
        if given is None:
            citizen = [name for name, option in choice.options.items() if option.if_citizen]
            native = bool(citizen) and data.country in citizenships
            taken[group] = citizen[0] if native else choice.default
            assumed.append(group)
        elif given in choice.options:
            taken[group] = given
        else:
            raise InputError(
                f"choices.{path}",
                "is not an option",
                value=given,
                expected=" or ".join(choice.options),
                code="unknown_choice",
            )
    return taken, tuple(assumed)


def check_choices(tables: Mapping[str, Table], choices: Mapping[str, str]) -> None:
    """Refuse an answer to a question that no country of the case asks.

    Raises:
        InputError: naming it.
    """
    known = [f"{code}.{group}" for code, table in tables.items() for group in table.data.choices]
    for path in choices:
        if path not in known:
            raise InputError(
                f"choices.{path}",
                "no country of this case asks that",
                expected=" or ".join(known) or "no choice at all",
                code="unknown_choice",
            )
