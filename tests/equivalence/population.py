"""Artificial populations: works with every combination of facts, many of them unknown.

Half of the works are drawn as somebody who was sent, or moved a business, from the other side
and meets most conditions; of the others each fact is drawn on its own. Days cluster around the
entry into force, the limits and the ends of months, where the law changes its answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from totalize.coverage.codes import COUNTRY_CODES, NEVER, NOWHERE, REGION_CODES, US
from totalize.coverage.columns import FACT_TYPES, FACTS
from totalize.logic.expressions import DAYS_IN_A_STEP, OPEN

OTHERS = [COUNTRY_CODES[code] for code in ("IN", "HK", "ES", "DE")]
UNKNOWN = -999  # marks, while drawing, a value that stays unknown

Numbers = np.ndarray


def draw_population(
    country: str, size: int, seed: int, around: Sequence[date] = ()
) -> pl.DataFrame:
    """Return works between the US and a country, as a frame of facts with their ends.

    Args:
        country: the other country.
        size: how many works.
        seed: the same seed draws the same works.
        around: days near which many works begin, like the entry into force.
    """
    return _Draw(COUNTRY_CODES[country], size, seed, around).frame()


class _Draw:
    def __init__(self, partner: int, size: int, seed: int, around: Sequence[date]) -> None:
        self._rng = np.random.default_rng(seed)
        self._partner, self._size = partner, size
        self._around = around
        # How much of a work is unknown: nothing, little, much.
        self._unknown = self._rng.choice([0.0, 0.03, 0.2], size=size, p=[0.4, 0.3, 0.3])
        self._columns: dict[str, Numbers] = {}

    def frame(self) -> pl.DataFrame:
        """Draw all facts."""
        self._person_and_place()
        self._time()
        self._employer_and_route()
        self._earlier_stays()
        schema = {**FACT_TYPES, "stop": pl.Int32}
        return pl.DataFrame(
            {
                name: pl.Series(name, self._columns[name], dtype=pl.Int32)
                .replace(UNKNOWN, None)
                .cast(schema[name])
                for name in (*FACTS, "stop")
            }
        )

    def _chance(self, share: float) -> Numbers:
        return self._rng.random(self._size) < share

    def _pick(self, *values: int) -> Numbers:
        return self._rng.choice(np.array(values), size=self._size)

    def _flag(self, name: str, share: float = 0.6, *, never: bool = False) -> None:
        values = self._chance(share).astype(np.int64)
        self._columns[name] = values if never else self._hide(values)

    def _hide(self, values: Numbers) -> Numbers:
        return np.where(self._rng.random(self._size) < self._unknown, UNKNOWN, values)

    def _country(self, name: str, *likely: int) -> None:
        other = self._pick(*OTHERS)
        values = np.where(self._chance(0.15), other, self._pick(*likely, *likely, NOWHERE))
        self._columns[name] = self._hide(values)

    def _person_and_place(self) -> None:
        partner, columns = self._partner, self._columns
        self._to_us = self._chance(0.4)
        self._home = np.where(self._to_us, partner, US)
        columns["country"] = np.where(self._to_us, US, partner)
        self._flag("us_citizen", 0.5, never=True)
        columns["citizenship_1"] = self._pick(NOWHERE, partner, partner, OTHERS[0])
        columns["citizenship_2"] = np.where(
            columns["citizenship_1"] == NOWHERE, NOWHERE, self._pick(NOWHERE, NOWHERE, partner)
        )
        columns["citizenship_3"] = np.full(self._size, NOWHERE)
        self._flag("us_resident")
        self._country("residence", US, partner)
        self._flag("employment", 0.6, never=True)
        for name in ("employment_in_us", "employment_in_partner"):
            other = self._chance(0.04)
            columns[name] = np.where(other, 1 - columns["employment"], columns["employment"])
        columns["occupation"] = self._pick(0, 0, 0, 0, 0, 1, 2, 3)
        self._country("principal_country", US, partner)
        unknown = self._rng.random(self._size) < self._unknown
        also = self._chance(0.2)
        for name, value in (
            ("also_in_us", also & ~self._to_us),
            ("also_in_1", np.where(also & self._to_us, partner, NOWHERE)),
            ("also_in_2", np.full(self._size, NOWHERE)),
        ):
            columns[name] = np.where(unknown, UNKNOWN, value)
        columns["region"] = self._hide(self._pick(0, 0, *REGION_CODES.values()))

    def _time(self) -> None:
        size, columns = self._size, self._columns
        months = self._rng.integers(1974 * 12, 2031 * 12, size)
        if self._around:
            near = self._rng.choice([day.year * 12 + day.month - 1 for day in self._around], size)
            near = near + self._pick(-70, -61, -36, -24, -12, -1, 0, 1)
            months = np.where(self._chance(0.4), near, months)
        self._start = _Day(months, self._pick(1, 1, 1, 2, 15, 28, 29, 30, 31))
        columns["start"] = columns["from_day"] = self._start.code
        length = self._pick(1, 12, 23, 24, 25, 35, 36, 37, 59, 60, 61, 84)
        expected = self._start.later(length, self._pick(-1, -1, -1, -2, 0)).code + 1
        kind = self._rng.random(size)
        columns["expected_stop"] = np.where(
            kind < 0.8, expected, np.where(kind < 0.9, OPEN, self._hide(expected))
        )
        planned = np.where(columns["expected_stop"] == OPEN, UNKNOWN, columns["expected_stop"])
        actual = self._start.later(np.maximum(length + self._pick(-6, 6, 40), 0), 0).code + 1
        columns["stop"] = np.where(self._chance(0.2), actual, planned)
        beside = self._start.later(self._pick(0, 0, 3, 11, 30), self._pick(0, 0, 1, 30)).code
        columns["second_job_start"] = np.where(self._chance(0.15), beside, NEVER)

    def _employer_and_route(self) -> None:
        partner, columns = self._partner, self._columns
        self._country("employer_country", US, partner)
        self._country("affiliate_of", US, partner, NOWHERE, NOWHERE)
        self._country("sent_from", US, partner)
        self._country("via", NOWHERE, NOWHERE)
        self._country("insured_before", US, partner)
        for name in ("vessel_flag", "headquarters", "government", "elects"):
            self._country(name, US, partner)
        for name in (
            "american",
            "section_3121l",
            "majority_owned",
            "employed_before_transfer",
            "business_before_transfer",
            "health_worker",
            "health_family",
            "family_accompanies",
            "same_work",
            "us_contract_or_port",
        ):
            self._flag(name)
        since = self._start.later(-self._pick(3, 5, 6, 6, 9), self._pick(0, 0, 1, -1)).code
        columns["insured_since"] = np.where(self._chance(0.3), UNKNOWN, since)
        sent = self._chance(0.5)
        for name, value in (
            ("sent_from", self._home),
            ("employer_country", self._home),
            ("american", (self._home == US).astype(np.int64)),
            ("affiliate_of", np.full(self._size, NOWHERE)),
            ("via", np.full(self._size, NOWHERE)),
            ("insured_before", self._home),
            ("us_resident", np.ones(self._size, np.int64)),
            ("employed_before_transfer", np.ones(self._size, np.int64)),
            ("business_before_transfer", np.ones(self._size, np.int64)),
            ("health_worker", np.ones(self._size, np.int64)),
            ("health_family", np.ones(self._size, np.int64)),
        ):
            fitting = sent & self._chance(0.93)
            columns[name] = np.where(fitting, self._hide(value), columns[name])
        alone = columns["employment"] == 0
        for name in ("employer_country", "american", "affiliate_of"):
            columns[name] = np.where(alone, 0, columns[name])

    def _earlier_stays(self) -> None:
        columns = self._columns
        unknown = self._rng.random(self._size) < self._unknown / 2
        again = self._chance(0.2)
        ever = again | self._chance(0.1)
        first = self._start.later(-self._pick(70, 50, 30), self._pick(0, 0, 1)).code
        last = self._start.later(-self._pick(0, 1, 5, 6, 7, 11), self._pick(0, 0, -1)).code
        for name, value in (
            ("earlier_stay", again),
            ("ever_sent_before", ever),
            ("earlier_start", np.where(again, first, NOWHERE)),
            ("earlier_stop", np.where(again, last, NOWHERE)),
        ):
            columns[name] = np.where(unknown, UNKNOWN, value)
        # In doubt is who sent the person before: whether the stay counts, or where the chain began.
        doubt = self._chance(0.1) & again & ~unknown
        counts = self._chance(0.5)
        for name, hidden in (
            ("earlier_stay", doubt & counts),
            ("ever_sent_before", doubt & counts & self._chance(0.5)),
            ("earlier_start", doubt & ~counts),
        ):
            columns[name] = np.where(hidden, UNKNOWN, columns[name])


class _Day:
    """Days of the calendar, as months and days of the month."""

    def __init__(self, months: Numbers, days: Numbers) -> None:
        self._months = months
        first = (months - 1970 * 12).astype("datetime64[M]")
        length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(int)
        self._days = np.minimum(days, length)

    @property
    def code(self) -> Numbers:
        """The days as expressions write them."""
        return self._months * DAYS_IN_A_STEP + self._days

    def later(self, months: Numbers, days: Numbers) -> _Day:
        """Return the days some months, then some days, later."""
        moved = _Day(self._months + months, self._days)
        first = (moved._months - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]")
        day = first + (moved._days - 1 + days)
        month = day.astype("datetime64[M]")
        found = (day - month.astype("datetime64[D]")).astype(int) + 1
        return _Day(month.astype(int) + 1970 * 12, found)
