"""The US benefit of each person of a roster who has a record in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import numpy as np
import polars as pl

from totalize.benefits import answer
from totalize.benefits.columns import AnswerColumns, answer_columns, to_columns
from totalize.benefits.reading import read_record
from totalize.benefits.record import Record
from totalize.benefits.result import BenefitResult, Insured
from totalize.kernel.errors import InputError
from totalize.rosters.amounts import Found, money
from totalize.rosters.answers import Answers
from totalize.rosters.facts import Rows
from totalize.rosters.fields import BENEFIT_INPUT, NO_LIST, NULL_WORDS
from totalize.rosters.loops import Positions

_BIRTH: Final = "worker.birth_date"
_WORDS: Final = (Insured.NOT_INSURED, Insured.REGULAR, Insured.TOTALIZED)
_FIELDS: Final = {
    "benefit.kind": "benefit",
    "benefit.entitlement": "entitlement",
    "benefit.month": "benefit_month",
    "benefit.onset": "onset",
    "benefit.first_waiting_month": "first_waiting_month",
    "benefit.death_date": "death_date",
}
_AMOUNTS: Final = {
    "benefit.aime": "aime",
    "benefit.pia": "pia",
    "benefit.totalized_pia": "totalized_pia",
    "benefit.monthly": "monthly_benefit",
    "benefit.family_maximum": "family_maximum",
}
_COUNTS: Final = {
    "benefit.us_quarters_total": "us_total",
    "benefit.foreign_quarters_used": "foreign_used",
}
# Where an error of the record stands in the roster.
_COLUMN_OF: Final = {field: name for name, field in _FIELDS.items()} | {"birth_date": _BIRTH}


class Benefits:
    """Reckon benefits. Rows with nothing in the columns `benefit.*` have none."""

    needs = (*BENEFIT_INPUT, _BIRTH)

    def reckon(self, texts: pl.DataFrame, rows: Rows, answers: Answers) -> Found:  # noqa: ARG002 - a record stands for itself
        """Return the amounts; see `amounts.Reckoner`."""
        asked = texts.select(pl.any_horizontal(pl.col(BENEFIT_INPUT).is_not_null())).to_series()
        chosen = np.flatnonzero(asked.to_numpy() & rows.usable)
        errors: dict[int, InputError] = {}
        records: list[Record] = []
        places: list[int] = []
        for place, row in enumerate(texts[chosen].iter_rows(named=True)):
            try:
                records.append(read_record(_record(row)))
                places.append(place)
            except InputError as error:
                errors[int(chosen[place])] = _in_roster(error)
        values = _reckon(records, np.array(places, dtype=np.int64), chosen, errors)
        return Found(
            rows=chosen,
            columns={
                "benefit.insured": _insured(values["insured"]),
                **{name: _count(values[field]) for name, field in _COUNTS.items()},
                **{name: money(values[field]) for name, field in _AMOUNTS.items()},
            },
            errors=errors,
            totals=_totals(values),
            open=Counter(
                {"benefit_open": int(((values["insured"] > 0) & (values["pia"] < 0)).sum())}
            ),
        )


def _reckon(
    records: list[Record], places: Positions, chosen: Positions, errors: dict[int, InputError]
) -> dict[str, Positions]:
    """Return what each row is due, -1 where nothing can be said."""
    fields = ("insured", *_COUNTS.values(), *_AMOUNTS.values())
    values = {name: np.full(len(chosen), -1, dtype=np.int64) for name in fields}
    refused: dict[int, InputError] = {}
    columns = to_columns(records, refused=refused)
    good = np.ones(len(records), dtype=np.bool_)
    good[list(refused)] = False
    if good.any():
        found: AnswerColumns = answer_columns(columns)
        for name in fields:
            values[name][places[good]] = getattr(found, name)
    for at in refused:
        place = int(places[at])
        try:
            result = answer(records[at])
        except InputError as error:
            errors[int(chosen[place])] = _in_roster(error)
            continue
        for name, value in _single(result).items():
            values[name][place] = value
    return values


def _single(found: BenefitResult) -> dict[str, int]:
    """Return a single answer as the columns say it."""
    return {
        "insured": _WORDS.index(found.insured),
        "us_total": found.us_quarters.total,
        "foreign_used": sum(part.used for part in found.foreign_quarters.values()),
        "aime": _cents(found.aime),
        "pia": _cents(found.pia),
        "totalized_pia": _cents(None if found.totalized is None else found.totalized.totalized_pia),
        "monthly_benefit": _cents(found.monthly_benefit),
        "family_maximum": _cents(found.family_maximum),
    }


def _cents(amount: Decimal | None) -> int:
    return -1 if amount is None else int(amount * 100)


def _insured(values: Positions) -> pl.Series:
    words = pl.Series([*(word.value for word in _WORDS), None], dtype=pl.String)
    return words.gather(np.where(values < 0, len(_WORDS), values))


def _count(values: Positions) -> pl.Series:
    numbers = pl.Series(values, dtype=pl.Int64)
    return numbers.set(numbers < 0, None)


def _totals(values: Mapping[str, Positions]) -> Counter[str]:
    paid = values["monthly_benefit"]
    totals = Counter(
        {
            f"benefit {word.value}": int((values["insured"] == n).sum())
            for n, word in enumerate(_WORDS)
        }
    )
    totals["benefit USD a month"] = int(paid[paid > 0].sum())
    return totals


def _in_roster(error: InputError) -> InputError:
    """Return an error under the name of the column that it concerns."""
    name, dot, rest = error.path.partition(".")
    place = _COLUMN_OF.get(name)
    if place is None:
        return error.under("benefit")
    moved = InputError(place + dot + rest, error.problem, expected=error.expected, code=error.code)
    moved.value = error.value
    moved.args = (moved.message(),)
    return moved


def _record(texts: Mapping[str, str | None]) -> dict[str, Any]:
    """Return a row as a benefit record (section 4 of the contract).

    Raises:
        InputError: a cell that holds several values cannot be taken apart.
    """
    record: dict[str, Any] = {
        field: texts[name] for name, field in _FIELDS.items() if texts[name] is not None
    }
    if texts[_BIRTH] is not None:
        record["birth_date"] = texts[_BIRTH]
    if (blind := texts["benefit.blind"]) is not None:
        record["blind"] = {"true": True, "false": False}.get(blind.lower(), blind)
    if (drawn := texts["benefit.worker_entitlement"]) is not None:
        record["worker_entitlement"] = None if drawn.lower() in NULL_WORDS else drawn
    survivor = {
        name: text
        for name in ("relation", "birth_date")
        if (text := texts[f"benefit.survivor.{name}"]) is not None
    }
    if survivor:
        record["survivor"] = survivor
    if (earnings := texts["benefit.earnings"]) is not None:
        record["earnings"] = _by_year(earnings, "earnings")
    if (quarters := texts["benefit.us_quarters"]) is not None:
        record["us_quarters"] = _by_year(quarters, "us_quarters")
    if (foreign := texts["benefit.foreign"]) is not None:
        record["foreign"] = _foreign(foreign)
    return record


def _items(text: str) -> list[str]:
    if text.lower() in NO_LIST:
        return []
    return [item.strip() for item in text.split(";") if item.strip()]


def _by_year(text: str, path: str) -> dict[str, str]:
    """Read a cell like `1990=25000;1991=26000.50`."""
    found: dict[str, str] = {}
    for item in _items(text):
        year, mark, value = item.partition("=")
        if not mark:
            raise InputError(path, "is no value by year", value=item, expected="1990=25000")
        if year.strip() in found:
            raise InputError(f"{path}[{year.strip()}]", "stands twice", code="repeated_key")
        found[year.strip()] = value.strip()
    return found


def _foreign(text: str) -> list[dict[str, Any]]:
    """Read a cell like `DE=1984-02-01/1989-11-30;FR=1990:4`."""
    found: dict[str, dict[str, Any]] = {}
    for item in _items(text):
        country, mark, value = (part.strip() for part in item.partition("="))
        first, slash, last = (part.strip() for part in value.partition("/"))
        year, colon, count = (part.strip() for part in value.partition(":"))
        coverage = found.setdefault(country, {"country": country})
        if mark and slash:
            coverage.setdefault("periods", []).append({"from": first, "to": last})
        elif mark and colon and year not in coverage.get("quarters", {}):
            coverage.setdefault("quarters", {})[year] = count
        else:
            raise InputError(
                "foreign",
                "is neither a period nor quarters of a year",
                value=item,
                expected="DE=1984-02-01/1989-11-30 or DE=1984:4",
            )
    return list(found.values())
