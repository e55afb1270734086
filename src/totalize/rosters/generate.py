"""Make lifelike rosters. Every person in them is artificial."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import polars as pl

from totalize.kernel.countries import NAMES

BLOCK: Final = 100_000

# Rough shares of where Americans work abroad and foreigners come from; a demo needs no better.
_PARTNERS: Final = {
    "GB": 14, "DE": 12, "CA": 11, "FR": 9, "JP": 8, "IT": 5, "ES": 5, "NL": 4, "CH": 4, "KR": 4,
    "AU": 4, "SE": 2, "BE": 2, "IE": 3, "NO": 1.5, "DK": 1.5, "FI": 1, "AT": 1, "PL": 2, "PT": 1.5,
    "GR": 1, "CZ": 1, "LU": 0.7, "HU": 0.7, "CL": 1, "BR": 3, "SK": 0.5, "SI": 0.4, "IS": 0.3,
    "UY": 0.4,
}  # fmt: skip
_WITHOUT: Final = {"IN": 5, "CN": 3, "MX": 4, "SG": 2, "AE": 2, "HK": 1, "RO": 0.5}
_EMPLOYERS: Final = (
    "Example Corp", "Acme Widgets", "Northwind Traders", "Initech", "Globex", "Umbrella Foods",
    "Harbor Freight Lines", "Blue Ridge Software", "Prairie Turbines", "Delta Instruments",
)  # fmt: skip

COLUMNS: Final = (
    "worker_id", "worker.citizenships", "worker.us_resident", "worker.residence",
    "worker.birth_date", "id", "activity", "occupation", "country", "also_in",
    "principal_country", "start", "expected_end", "end", "employer.name", "employer.country",
    "employer.american", "employer.affiliate_of", "employer.section_3121l",
    "employer.majority_owned", "sent_from", "via", "employed_before_transfer", "insured_before",
    "insured_before_since", "business_before_transfer", "health_insurance.worker",
    "health_insurance.family", "family_accompanies", "vessel_flag", "employer_headquarters",
    "government", "elects", "same_work_as_before", "certificate.issued_by", "certificate.from",
    "certificate.to",
)  # fmt: skip

_FIRST_DAY: Final = np.datetime64("1996-01-01")


def generate(rows: int, seed: int) -> Iterator[pl.DataFrame]:
    """Yield an artificial roster in blocks, each column as text.

    Args:
        rows: number of rows, one a work; about one in eight is a further work of a person who
            stands elsewhere in the same block.
        seed: the same seed gives the same roster.
    """
    for number, begin in enumerate(range(0, rows, BLOCK)):
        yield _Block(seed, number, min(BLOCK, rows - begin), begin).frame()


class _Block:
    def __init__(self, seed: int, number: int, size: int, begin: int) -> None:
        self._random = np.random.Generator(np.random.PCG64([seed, number]))
        self._size = size
        self._begin = begin

    def _draw(self, shares: dict[str, float]) -> Any:
        weights = np.array(list(shares.values()), dtype=np.float64)
        return self._random.choice(list(shares), size=self._size, p=weights / weights.sum())

    def _chance(self, share: float) -> Any:
        return self._random.random(self._size) < share

    def _flag(self, true: float, known: float = 0.9) -> Any:
        return np.where(self._chance(known), np.where(self._chance(true), "true", "false"), "")

    def frame(self) -> pl.DataFrame:
        size = self._size
        partner = np.where(self._chance(0.93), self._draw(_PARTNERS), self._draw(_WITHOUT))
        to_us = self._chance(0.35)
        host = np.where(to_us, "US", partner)
        home = np.where(to_us, partner, "US")
        self_employed = self._chance(0.14)
        kind = np.where(self_employed, "general", self._draw(
            {"general": 94, "seafarer": 2, "aircrew": 2, "government": 2}
        ))  # fmt: skip
        sent = self._chance(0.72)
        third = self._draw({"IN": 3, "BR": 1, "CN": 2, "MX": 1, "PH": 1})
        nationality = np.where(self._chance(0.82), home, np.where(self._chance(0.5), host, third))
        second = np.where(self._chance(0.06), np.where(nationality == "US", partner, "US"), "")
        second = np.where(second == nationality, "", second)
        citizenships = np.where(
            second == "", nationality, np.char.add(np.char.add(nationality, ";"), second)
        )
        start = _FIRST_DAY + self._random.integers(0, 365 * 31 + 200, size=size)
        months = self._random.choice([6, 12, 18, 24, 30, 36, 36, 48, 60, 60, 72], size=size)
        expected = self._end_after(start, months)
        open_ended = np.where(sent, self._chance(0.04), self._chance(0.5))
        longer = self._chance(0.08)
        affiliate = sent & ~self_employed & self._chance(0.18)
        seat = np.where(
            affiliate, host, np.where(sent, home, np.where(self._chance(0.7), host, home))
        )
        has_proof = sent & self._chance(0.3)
        lived = np.where(sent & self._chance(0.75), home, host)
        both = self_employed & self._chance(0.1)
        columns: dict[str, Any] = {
            "worker_id": [f"P{self._begin + place + 1:08d}" for place in range(size)],
            "worker.citizenships": citizenships,
            "worker.us_resident": np.where(
                (nationality == "US") | (second == "US"), "", self._flag(0.4, 0.92)
            ),
            "worker.residence": np.where(self._chance(0.95), lived, ""),
            "worker.birth_date": (
                start - self._random.integers(365 * 22, 365 * 60, size=size)
            ).astype(str),
            "id": [f"W{self._begin + place + 1}" for place in range(size)],
            "activity": np.where(self_employed, "self_employment", "employment"),
            "occupation": kind,
            "country": host,
            "also_in": np.where(
                self_employed & self._chance(0.9), np.where(both, home, "[]"), ""
            ),
            "principal_country": np.where(both & self._chance(0.9), host, ""),
            "start": start.astype(str),
            "expected_end": np.where(
                self._chance(0.03), "", np.where(open_ended, "null", expected.astype(str))
            ),
            "end": np.where(
                longer & ~open_ended, self._end_after(start, months + 9).astype(str), ""
            ),
            "employer.name": np.where(
                self_employed, "", self._random.choice(_EMPLOYERS, size=size)
            ),
            "employer.country": np.where(self_employed, "", seat),
            "employer.american": np.where(self_employed | self._chance(0.95), "", "true"),
            "employer.affiliate_of": np.where(affiliate, home, ""),
            "employer.section_3121l": np.where(affiliate & ~to_us, self._flag(0.7, 0.85), ""),
            "employer.majority_owned": np.where(affiliate, self._flag(0.9, 0.6), ""),
            "sent_from": np.where(
                self._chance(0.97), np.where(sent, home, "null"), ""
            ),
            "via": np.where(sent, np.where(self._chance(0.04), third, "null"), ""),
            "employed_before_transfer": np.where(
                sent & ~self_employed, self._flag(0.94, 0.96), ""
            ),
            "insured_before": np.where(sent & self._chance(0.9), home, ""),
            "insured_before_since": np.where(
                sent & self._chance(0.6),
                (start - self._random.integers(60, 3000, size=size)).astype(str), "",
            ),
            "business_before_transfer": np.where(sent & self_employed, self._flag(0.9, 0.9), ""),
            "health_insurance.worker": np.where(sent, self._flag(0.85, 0.7), ""),
            "health_insurance.family": np.where(sent, self._flag(0.8, 0.5), ""),
            "family_accompanies": np.where(sent, self._flag(0.4, 0.8), ""),
            "vessel_flag": np.where(
                kind == "seafarer", np.where(self._chance(0.5), home, host), ""
            ),
            "employer_headquarters": np.where(
                kind == "aircrew", np.where(self._chance(0.6), home, host), ""
            ),
            "government": np.where(kind == "government", home, ""),
            "elects": np.where((partner == "IT") & self._chance(0.5), home, ""),
            "same_work_as_before": np.where(self._chance(0.05), "false", ""),
            "certificate.issued_by": np.where(has_proof, home, ""),
            "certificate.from": np.where(has_proof, start.astype(str), ""),
            "certificate.to": np.where(has_proof, np.where(
                open_ended, self._end_after(start, 36), expected
            ).astype(str), ""),
        }  # fmt: skip
        self._repeat(columns, start, expected)
        self._spoil(columns)
        frame = pl.DataFrame({name: pl.Series(columns[name], dtype=pl.String) for name in COLUMNS})
        return frame.with_columns(pl.all().replace("", None))

    @staticmethod
    def _end_after(start: Any, months: Any) -> Any:
        month = start.astype("datetime64[M]")
        day = start - month.astype("datetime64[D]")
        moved = (month + months).astype("datetime64[D]")
        last = (month + months + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
        return np.minimum(moved + day, last) - np.timedelta64(1, "D")

    def _repeat(self, columns: dict[str, Any], start: Any, expected: Any) -> None:
        """Make some rows later works of a person who stands earlier in the block."""
        places = np.arange(self._size)
        first = self._chance(0.88) | (places == 0)
        owners = np.flatnonzero(first)
        later = np.flatnonzero(~first)
        upper = np.searchsorted(owners, later)
        chosen = owners[(self._random.random(len(later)) * upper).astype(np.int64)]
        same = self._random.random(len(later)) < 0.65
        gap = self._random.choice([15, 90, 200, 370, 500, 900], size=len(later))
        length = self._random.choice([12, 24, 36, 48], size=len(later))
        begin = expected[chosen] + gap
        begin = np.minimum(begin, np.datetime64("2028-12-31"))
        begin = np.maximum(begin, start[chosen] + 31)
        for name in ("worker_id", *(name for name in COLUMNS if name.startswith("worker."))):
            values = np.array(columns[name], dtype=object)
            values[later] = values[chosen]
            columns[name] = values
        like = later[same]
        for name in COLUMNS:
            if name.startswith(("worker", "certificate")) or name == "id":
                continue
            values = np.array(columns[name], dtype=object)
            values[like] = values[chosen[same]]
            columns[name] = values
        columns["start"][later] = begin.astype(str)
        columns["expected_end"][later] = self._end_after(begin, length).astype(str)
        columns["end"][later] = ""
        columns["insured_before_since"][later] = ""
        for name in ("certificate.issued_by", "certificate.from", "certificate.to"):
            columns[name] = np.array(columns[name], dtype=object)
            columns[name][later] = ""

    def _spoil(self, columns: dict[str, Any]) -> None:
        """Put in the few slips that every real file has."""
        for name, value in (
            ("start", "2023-02-30"),
            ("country", "UK"),
            ("expected_end", "1990-01-01"),
            ("activity", "employee"),
        ):
            values = np.array(columns[name], dtype=object)
            values[self._random.random(self._size) < 0.0002] = value
            columns[name] = values


assert set(_PARTNERS) <= set(NAMES)  # noqa: S101 - a slip here would be silent
