"""What each work of a roster costs, with and without the certificate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np
import polars as pl

from totalize.contributions import options
from totalize.contributions.assembly import ExchangeChoice
from totalize.contributions.column_costs import reckon_many
from totalize.contributions.column_requests import NO_DAY, OPEN_END, Lines, Requests, Setting
from totalize.contributions.request import CostRequest, Stretch, systems_of
from totalize.coverage.codes import COUNTRIES, US
from totalize.kernel.dates import parse_date
from totalize.kernel.errors import InputError
from totalize.kernel.money import parse_amount
from totalize.law.contributions import countries, load_country
from totalize.rosters.amounts import Found, money
from totalize.rosters.answers import Answers, Entry, ordinals
from totalize.rosters.careful import pairs_of
from totalize.rosters.facts import Rows
from totalize.rosters.fields import COST_INPUT
from totalize.rosters.loops import Mask, Positions

_EPOCH: Final = date(1970, 1, 1)
_PLAIN_AMOUNT: Final = r"^[0-9]{1,12}(\.[0-9]{1,6})?$"
_MONTHS: Final = {"year": 12, "month": 1}
_YEARS: Final = 400  # more than there are from the first year on


@dataclass(frozen=True, slots=True)
class CostOptions:
    """What all costs of a roster have in common.

    Attributes:
        as_of: the day of the question; it chooses the rate of exchange and the usual year.
        currency: of rows that name none.
        year: of rows that name none; the one nearest to `as_of` in which the work runs if None.
        project: use the last known figures where there are none for a time.
        rates: units of a currency for one US dollar; they go before the daily rates.
        units: value of an indexed unit in the country's currency.
    """

    as_of: date
    currency: str = "USD"
    year: int | None = None
    project: bool = False
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    units: Mapping[str, Decimal] = field(default_factory=dict)

    def to_plain(self) -> dict[str, Any]:
        """Return it as values for JSON."""
        return {
            "as_of": self.as_of.isoformat(),
            "currency": self.currency,
            "year": self.year,
            "project": self.project,
            "rates": {name: str(value) for name, value in sorted(self.rates.items())},
            "units": {name: str(value) for name, value in sorted(self.units.items())},
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> CostOptions:
        """Return what `to_plain` wrote down."""
        numbers = {
            name: {key: Decimal(value) for key, value in plain[name].items()}
            for name in ("rates", "units")
        }
        return cls(**plain | numbers | {"as_of": date.fromisoformat(plain["as_of"])})


class Costs:
    """Reckon costs. Rows without `cost.earnings` have none."""

    needs = (
        *COST_INPUT,
        "worker.birth_date",
        "activity",
        "activity_in",
        "country",
        "region",
    )

    def __init__(self, chosen: CostOptions) -> None:
        self._options = chosen
        self._exchange = ExchangeChoice(given=chosen.rates)

    def reckon(self, texts: pl.DataFrame, rows: Rows, answers: Answers) -> Found:
        """Return the amounts; see `amounts.Reckoner`."""
        asked = texts["cost.earnings"].is_not_null().to_numpy()
        settled = _settled(answers, rows.size)
        open_rows = asked & ~settled & rows.usable
        chosen = np.flatnonzero(asked & settled)
        work = _Work(texts[chosen], rows, chosen, answers, self._options)
        amounts = reckon_many(work.requests, work.lines, work.request_of, self._exchange)
        known = amounts.without >= 0
        saved = np.where(known, amounts.without - amounts.with_certificate, -1)
        bounds = pl.Series([";".join(one) for one in amounts.bounds], dtype=pl.String)
        currencies = pl.Series([one.currency for one in work.requests.settings], dtype=pl.String)
        years = pl.Series([one.year for one in work.requests.settings], dtype=pl.Int64)
        unknown = pl.Series(~known)
        columns = {
            "cost.for_year": years.gather(work.requests.setting).set(unknown, None),
            "cost.in_currency": currencies.gather(work.requests.setting).set(unknown, None),
            "cost.without": money(amounts.without),
            "cost.with_certificate": money(amounts.with_certificate),
            "cost.saved": _signed(saved, known),
            "cost.saved_up_to": _signed(amounts.saved_up_to, known),
            "cost.at_least": bounds.gather(amounts.at_least).set(unknown, None),
        }
        return Found(
            rows=chosen,
            columns={name: values.alias(name) for name, values in columns.items()},
            errors={int(chosen[row]): error.under("cost") for row, error in amounts.errors.items()},
            totals=_totals(work.requests, amounts, known),
            open=Counter({"coverage_unknown": int(open_rows.sum())} if open_rows.any() else {}),
        )


def _signed(cents: Positions, known: Mask) -> pl.Series:
    """Return cents that may be below zero: a certificate can cost more than it lifts."""
    amount = money(np.abs(cents))
    return amount.zip_with(pl.Series(cents >= 0), -amount).set(pl.Series(~known), None)


def _totals(requests: Requests, amounts: Any, known: Mask) -> Counter[str]:
    totals: Counter[str] = Counter()
    for number, setting in enumerate(requests.settings):
        mine = known & (requests.setting == number)
        for name, cents in (
            ("without", amounts.without),
            ("with_certificate", amounts.with_certificate),
        ):
            totals[f"cost {setting.currency} {name}"] += int(cents[mine].sum())
            totals[f"cost {setting.currency} saved"] += int(cents[mine].sum()) * (
                1 if name == "without" else -1
            )
        totals[f"cost {setting.currency} rows"] += int(mine.sum())
    return totals


def _settled(answers: Answers, size: int) -> Mask:
    """Tell for which rows it is known which systems would take contributions."""
    unknown = np.array(
        [one.covered_by is None and one.otherwise is None for one in answers.entries]
    )
    settled = np.zeros(size, dtype=np.bool_)
    settled[answers.rows] = True
    if len(answers.entries):
        settled[answers.rows[unknown[answers.said]]] = False
    return settled


def _systems(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(";")) if text else ()


def _sides(entry: Entry) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return who takes contributions without and with the certificate.

    The same as `contributions.request.stretches_of` reads from a determination.
    """
    without = entry.covered_by if entry.otherwise is None else entry.otherwise
    proven = without if entry.covered_by is None else entry.covered_by
    return _systems(without), _systems(proven)


class _Work:
    """The rows that have earnings, as requests."""

    def __init__(
        self,
        texts: pl.DataFrame,
        rows: Rows,
        chosen: Positions,
        answers: Answers,
        settings: CostOptions,
    ) -> None:
        self._texts = texts
        self._options = settings
        self.lines = self._read_lines(answers, chosen, rows.size)
        self._citizens(rows, chosen)
        self.requests = self._read()

    def _read_lines(self, answers: Answers, chosen: Positions, size: int) -> Lines:
        place = np.full(size, -1, dtype=np.int64)
        place[chosen] = np.arange(len(chosen))
        mine = np.flatnonzero(place[answers.rows] >= 0)
        sets: dict[tuple[str, ...], int] = {}
        numbers = np.array(
            [
                [sets.setdefault(side, len(sets)) for side in _sides(entry)]
                for entry in answers.entries
            ],
            dtype=np.int64,
        ).reshape(-1, 2)
        said = answers.said[mine]
        days = ordinals()
        stop = answers.stop[mine]
        return Lines(
            request=place[answers.rows[mine]],
            first=days[answers.first[mine]].astype(np.int64),
            last=np.where(stop < 0, OPEN_END, days[np.maximum(stop, 0)].astype(np.int64) - 1),
            without=numbers[said, 0],
            proven=numbers[said, 1],
            sets=tuple(sets),
        )

    def _citizens(self, rows: Rows, chosen: Positions) -> None:
        codes = np.stack(
            [rows.facts[f"citizenship_{number}"][chosen] for number in (1, 2, 3)], axis=1
        )
        different, which = np.unique(codes, axis=0, return_inverse=True)
        self._citizen = which.reshape(-1)
        self._citizenships = tuple(
            tuple(COUNTRIES[code] for code in row if code in COUNTRIES and code != US)
            for row in different.tolist()
        )

    def _read(self) -> Requests:
        texts = self._texts
        earnings = texts["cost.earnings"]
        per = texts["cost.per"].fill_null("year")
        wages = texts["cost.us_wages"].fill_null("0")
        plain = earnings.str.contains(_PLAIN_AMOUNT) & per.is_in(list(_MONTHS))
        plain &= wages.str.contains(_PLAIN_AMOUNT) & texts["activity_in"].is_null()
        self_employed = (texts["activity"] == "self_employment").fill_null(value=False).to_numpy()
        amount = earnings.cast(pl.Float64, strict=False).fill_null(0.0).to_numpy()
        other = wages.cast(pl.Float64, strict=False).fill_null(0.0).to_numpy()
        year, readable = self._years()
        setting, settings = self._settings(year)
        born = _days(texts["worker.birth_date"])
        alone = ~plain.to_numpy() | ~readable | ((other > 0) & ~self_employed)
        alone |= np.array([one is None for one in settings] or [False])[setting]
        # What cannot be read is refused one by one; here it only must not be in the way.
        spare = Setting(self._options.currency, self._options.as_of.year)
        return Requests(
            monthly=amount / np.where(per.to_numpy() == "month", 1.0, 12.0),
            setting=setting,
            settings=tuple(one or spare for one in settings),
            self_employed=self_employed,
            born=born,
            citizen=self._citizen,
            citizenships=self._citizenships,
            other_us_wages=other,
            alone=alone,
        )

    def _years(self) -> tuple[Positions, Mask]:
        """Return the year asked for, and whether what stands there is one."""
        given = self._texts["cost.year"]
        if self._options.year is not None:
            given = given.fill_null(str(self._options.year))
        year = given.cast(pl.Int64, strict=False)
        readable = given.str.contains("^[0-9]{4}$") & year.is_between(
            options.FIRST_YEAR, options.LAST_YEAR
        )
        lines, day = self.lines, self._options.as_of
        size = len(given)
        first = np.full(size, OPEN_END, dtype=np.int64)
        last = np.full(size, -OPEN_END, dtype=np.int64)
        np.minimum.at(first, lines.request, lines.first)
        np.maximum.at(last, lines.request, lines.last)
        first = _year_of(np.minimum(first, 10**6))
        last = np.where(last >= OPEN_END, day.year, _year_of(np.clip(last, -(10**6), 10**6)))
        nearest = np.clip(np.maximum(day.year, first), None, np.maximum(last, first))
        found = year.fill_null(0).to_numpy()
        empty = given.is_null().to_numpy()
        good = readable.fill_null(value=True).to_numpy()
        return np.where(empty, nearest, np.where(good, found, day.year)), good

    def _settings(self, year: Positions) -> tuple[Positions, list[Setting | None]]:
        """Return which rows have the same setting, and the settings; None for unreadable ones."""
        names = ("cost.currency", "cost.filing_status", "cost.choices", "country", "region")
        outside = pl.col("country") != "CA"
        same = self._texts.select(
            pl.col("cost.currency").fill_null(self._options.currency),
            pl.col("cost.filing_status"),
            pl.col("cost.choices"),
            # Only of work in Canada does the region say anything about what it costs.
            pl.when(outside).then(None).otherwise("country").alias("country"),
            pl.when(outside).then(None).otherwise("region").alias("region"),
        ).select(pl.concat_str(pl.col(names).fill_null(""), separator="\x1f").alias("key"))["key"]
        different = same.unique().sort()
        which = (same.rank("dense").cast(pl.Int64) - 1).to_numpy()
        codes, setting = np.unique(which * _YEARS + (year - 1900), return_inverse=True)
        keys = different.to_list()
        return setting.reshape(-1), [
            self._setting(keys[code // _YEARS], code % _YEARS + 1900) for code in codes.tolist()
        ]

    @staticmethod
    def _setting(key: str, year: int) -> Setting | None:
        currency, status, choices, country, region = key.split("\x1f")
        try:
            given = _choices(choices)
        except InputError:
            return None
        known = options.choices_of(country, region or None, given)
        return Setting(currency, year, status or None, tuple(sorted(known.items())))

    def request_of(self, row: int) -> CostRequest:
        """Return one request as a single case.

        Raises:
            InputError: something in it cannot be read.
        """
        texts = {name: text or "" for name, text in self._texts.row(row, named=True).items()}
        lines = self.lines
        first, last = np.searchsorted(lines.request, (row, row + 1))
        stretches = tuple(self._stretch(line) for line in range(first, last))
        year = options.parse_year(texts["cost.year"] or self._options.year or self._nearest(row))
        born = texts["worker.birth_date"]
        return CostRequest(
            work="",
            stretches=stretches,
            monthly_earnings=options.parse_earnings(
                texts["cost.earnings"], texts["cost.per"] or "year"
            ),
            currency=texts["cost.currency"] or self._options.currency,
            year=year,
            as_of=self._options.as_of,
            self_employed_in=options.self_employed_in(
                texts["activity"],
                pairs_of(texts["activity_in"]) if texts["activity_in"] else None,
                systems_of(stretches),
            ),
            filing_status=texts["cost.filing_status"] or None,
            birth_date=parse_date(born, "birth_date") if born else None,
            citizenships=self._citizenships[self._citizen[row]],
            choices=options.choices_of(
                texts["country"], texts["region"] or None, _choices(texts["cost.choices"])
            ),
            other_us_wages=parse_amount(texts["cost.us_wages"] or "0", "us_wages"),
            units=_units_of(systems_of(stretches), self._options.units),
            project=self._options.project,
        )

    def _nearest(self, row: int) -> int:
        return self.requests.settings[int(self.requests.setting[row])].year

    def _stretch(self, line: int) -> Stretch:
        lines = self.lines
        last = int(lines.last[line])
        return Stretch(
            first=_EPOCH + timedelta(days=int(lines.first[line])),
            last=None if last >= OPEN_END else _EPOCH + timedelta(days=last),
            without=lines.sets[lines.without[line]],
            proven=lines.sets[lines.proven[line]],
        )


def _units_of(systems: Iterable[str], given: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return the units that some of the systems count in."""
    if not given:
        return {}
    known = {name for code in systems if code in countries() for name in load_country(code).units}
    return {name: value for name, value in given.items() if name in known}


def _choices(text: str) -> dict[str, str]:
    """Read answers like `CA.region=quebec;DE.size=small`."""
    found = {}
    for item in text.split(";"):
        name, mark, answer = item.partition("=")
        if mark and name.strip() and answer.strip():
            found[name.strip()] = answer.strip()
        elif item.strip():
            raise InputError(
                "choices", "is no answer", value=item.strip(), expected="CC.question=answer"
            )
    return found


def _year_of(days: Positions) -> Positions:
    years: Positions = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return years


def _days(texts: pl.Series) -> Positions:
    """Return days since 1970, `NO_DAY` where there is none."""
    days = texts.str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32).cast(pl.Int64)
    return days.fill_null(NO_DAY).to_numpy()
