"""What many works cost in a year: the formulas of a single case, over columns, exact to the cent.

Requests that have the same systems, year and currency are reckoned together. Whatever is out of
the ordinary (figures that are missing, an answer that no country asks for, an amount next to half
a cent) is reckoned one by one, with the words and the decimals of a single case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

import numpy as np

from totalize.contributions.answer import check_request, compute_year
from totalize.contributions.assembly import ExchangeChoice, gather
from totalize.contributions.calendar import MONTHS, last_day
from totalize.contributions.column_numbers import Flags, Floats
from totalize.contributions.column_requests import (
    OPEN_END,
    Lines,
    Requests,
    Rows,
    Systems,
    YearAmounts,
)
from totalize.contributions.column_systems import Group, SystemColumns
from totalize.contributions.costing import CostLaw
from totalize.contributions.request import CostRequest
from totalize.contributions.results import total_of
from totalize.contributions.rows import check_choices
from totalize.kernel.errors import InputError

_CENT: Final = 100


def reckon_many(
    requests: Requests,
    lines: Lines,
    request_of: Callable[[int], CostRequest],
    exchange: ExchangeChoice,
) -> YearAmounts:
    """Return what each work costs in its year, as `totalize.cost` says it.

    Args:
        requests: what is asked; each has at least one line.
        lines: their stretches.
        request_of: returns the request at a position as a single case; may refuse it.
        exchange: the rates of exchange.
    """
    found = YearAmounts.empty(len(requests))
    alone = requests.alone.copy()
    all_systems, system_sets = _systems_of(lines, len(requests))
    alone |= ~_runs_in_its_year(requests, lines)
    key = (requests.setting * len(system_sets) + all_systems) * 2 + (requests.other_us_wages > 0)
    plain = np.flatnonzero(~alone)
    for code in np.unique(key[plain]).tolist():
        rows = plain[key[plain] == code]
        systems = system_sets[code // 2 % len(system_sets)]
        try:
            request = request_of(int(rows[0]))
            law = gather(request, exchange)
            check_choices(law.tables, request.choices)
            check_request(request, law)
            group = _Columns(requests, lines, rows, request, law)
            again = group.reckon(systems, found)
        except InputError:
            # The single case knows which of them cannot be answered, and why.
            again = np.ones(len(rows), dtype=np.bool_)
        alone[rows[again]] = True
    for row in np.flatnonzero(alone).tolist():
        _reckon_one(row, request_of, exchange, found)
    return found


def _reckon_one(
    row: int,
    request_of: Callable[[int], CostRequest],
    exchange: ExchangeChoice,
    found: YearAmounts,
) -> None:
    try:
        request = request_of(row)
        cost = compute_year(request, gather(request, exchange)).cost
    except InputError as error:
        error.__traceback__ = error.__context__ = None
        found.errors[row] = error
        found.without[row] = found.with_certificate[row] = found.saved_up_to[row] = -1
        return
    found.without[row] = int(total_of(cost.without) * _CENT)
    found.with_certificate[row] = int(total_of(cost.with_certificate) * _CENT)
    found.saved_up_to[row] = int(cost.saved_up_to * _CENT)
    found.at_least[row] = found.bound(cost.at_least)


def _systems_of(lines: Lines, size: int) -> tuple[Rows, list[Systems]]:
    """Return for each request which systems take contributions at some time."""
    systems = sorted({system for one in lines.sets for system in one})
    place = {system: number for number, system in enumerate(systems)}
    # A work has the United States and one other country, seldom more: a word holds 62 systems.
    words = -(-max(len(systems), 1) // 62)
    mine = np.zeros((size, words), dtype=np.int64)
    for word in range(words):
        bits = np.array(
            [
                sum(1 << place[one] % 62 for one in systems_ if place[one] // 62 == word)
                for systems_ in lines.sets
            ],
            dtype=np.int64,
        )
        np.bitwise_or.at(mine[:, word], lines.request, bits[lines.without] | bits[lines.proven])
    different, which = np.unique(mine, axis=0, return_inverse=True)
    sets = [
        tuple(system for system in systems if row[place[system] // 62] >> place[system] % 62 & 1)
        for row in different.tolist()
    ]
    return which.reshape(-1), sets


def _runs_in_its_year(requests: Requests, lines: Lines) -> Flags:
    years = np.array([setting.year for setting in requests.settings], dtype=np.int64)
    year = years[requests.setting[lines.request]]
    inside = (_year_of(lines.first) <= year) & (
        (lines.last >= OPEN_END) | (_year_of(np.minimum(lines.last, 10**6)) >= year)
    )
    runs = np.zeros(len(requests), dtype=np.bool_)
    runs[lines.request[inside]] = True
    return runs


def _year_of(days: Rows) -> Rows:
    years: Rows = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return years


class _Columns:
    """A group of requests with the months of their lines."""

    def __init__(
        self, requests: Requests, lines: Lines, rows: Rows, request: CostRequest, law: CostLaw
    ) -> None:
        self._group = Group(requests, rows, request, law)
        self._requests = requests
        self._rows = rows
        self._request = request
        self._size = len(rows)
        local = np.full(len(requests), -1, dtype=np.int64)
        local[rows] = np.arange(self._size)
        chosen = np.flatnonzero(local[lines.request] >= 0)
        self._local = local[lines.request[chosen]]
        self._lines = lines
        self._chosen = chosen
        self._shares = _shares(lines.first[chosen], lines.last[chosen], request.year)
        self._again: Flags = np.zeros(self._size, dtype=np.bool_)

    def reckon(self, systems: Systems, found: YearAmounts) -> Flags:
        """Fill in the amounts and return which requests are to be reckoned one by one."""
        totals = np.zeros((3, self._size), dtype=np.int64)
        bounds: list[tuple[str, Flags]] = []
        for system in self._request.systems:
            if system not in systems:
                continue
            weights = self._weights(system)
            for employed in (True, False):
                rows = np.flatnonzero(self._requests.self_employed[self._rows] != employed)
                if not len(rows):
                    continue
                part = SystemColumns(
                    self._group, system, rows, weights[:, :, rows], self_employed=not employed
                )
                amounts, incomplete = part.reckon()
                totals[:, rows] += amounts
                self._again[rows] |= part.again
                flags = np.zeros(self._size, dtype=np.bool_)
                flags[rows] = incomplete
                bounds.append((system, flags))
        found.without[self._rows] = totals[0]
        found.with_certificate[self._rows] = totals[1]
        found.saved_up_to[self._rows] = totals[0] - totals[2]
        self._say_bounds(bounds, found)
        return self._again

    def _say_bounds(self, bounds: list[tuple[str, Flags]], found: YearAmounts) -> None:
        code = np.zeros(self._size, dtype=np.int64)
        names = list(dict.fromkeys(system for system, _ in bounds))
        for system, flags in bounds:
            code |= flags.astype(np.int64) << names.index(system)
        for one in np.unique(code).tolist():
            systems = tuple(name for bit, name in enumerate(names) if one >> bit & 1)
            found.at_least[self._rows[code == one]] = found.bound(systems)

    def _weights(self, system: str) -> Floats:
        """Return for each month and request how much of it counts: without, owed, lifted."""
        inside = np.array([system in one for one in self._lines.sets])
        without = inside[self._lines.without[self._chosen]]
        proven = inside[self._lines.proven[self._chosen]]
        found = np.zeros((3, 12, self._size))
        for kind, counts in enumerate((without, proven, without & ~proven)):
            if not counts.any():
                continue
            at = self._local[counts]
            for month in range(12):
                found[kind, month] = np.bincount(
                    at, self._shares[month][counts], minlength=self._size
                )
        return found


def _shares(first: Rows, last: Rows, year: int) -> list[Floats]:
    """Return for each month the part of it that each line fills."""
    shares = []
    epoch = date(1970, 1, 1).toordinal()
    for month in MONTHS:
        begin = date(year, month, 1).toordinal() - epoch
        end = last_day(year, month).toordinal() - epoch
        days = np.minimum(last, end) - np.maximum(first, begin) + 1
        shares.append(np.maximum(days, 0) / float(end - begin + 1))
    return shares
