"""Money on the result page: what contributions cost with and without the paper, and the chart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from totalize import api
from totalize.contributions.chart import Piece, describe, pieces_of
from totalize.contributions.results import Cost, total_of
from totalize.coverage.determination import Determination
from totalize.kernel.countries import US, country_name
from totalize.law.contributions import CountryContributions, Payer, countries, load_country
from totalize.law.exchange import known_currencies
from totalize.web.accounts.fields import choice_field
from totalize.web.pages.questions import LongSelect

_UNIT = "unit_"
_CHOICE = "choice_"


class MoneyForm(forms.Form):
    """Earnings, and what the contributions of the other country turn on."""

    earnings = forms.DecimalField(
        label="Yearly pay before tax",
        min_value=Decimal(1),
        max_value=Decimal(10_000_000_000),
        max_digits=14,
        decimal_places=2,
        error_messages={"required": "Enter the pay, digits only."},
    )
    currency = forms.ChoiceField(label="Currency", widget=LongSelect)
    year = forms.IntegerField(label="Year to show", min_value=1937, max_value=2199, required=False)

    def __init__(self, document: Mapping[str, Any], *given: Any, **options: Any) -> None:
        """Build the form for a case.

        Args:
            document: the case.
            *given: as for a form.
            **options: as for a form.
        """
        super().__init__(*given, **options)
        self.systems = _systems(document)
        work = document["work"][-1]
        own = work.get("activity") == "self_employment"
        if own:
            self.fields["earnings"].label = "Yearly net profit"
        likely = ["USD", *(load_country(code).currency for code in self.systems)]
        rest = sorted(known_currencies() - set(likely))
        currencies = dict.fromkeys([*likely, *rest])
        choice_field(self, "currency").choices = [(code, code) for code in currencies]
        for code in self.systems:
            data = load_country(code)
            for group, choice in data.choices.items():
                if not _turns_on(data, group, own=own):
                    continue
                self.fields[f"{_CHOICE}{code}.{group}"] = forms.ChoiceField(
                    label=f"{country_name(code)}: {choice.text}",
                    choices=[("", "Not sure"), *_options(choice.options)],
                    required=False,
                )
            for unit, described in data.units.items():
                if not described.values:
                    self.fields[f"{_UNIT}{unit}"] = forms.DecimalField(
                        label=f"{country_name(code)}: {described.text}",
                        min_value=Decimal("0.000001"),
                        required=False,
                    )

    def request(self) -> dict[str, Any]:
        """Return what was given as the cost is asked with; texts only, so a session keeps it."""
        given = self.cleaned_data
        named = {name: str(value) for name, value in given.items() if value not in (None, "")}
        return {
            "earnings": named["earnings"],
            "currency": named["currency"],
            "year": named.get("year"),
            "choices": _without(_CHOICE, named),
            "units": _without(_UNIT, named),
        }


def initial_of(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form's fields filled in with what was asked before."""
    filled = {name: asked[name] for name in ("earnings", "currency", "year")}
    filled |= {f"{_CHOICE}{name}": value for name, value in asked["choices"].items()}
    return filled | {f"{_UNIT}{name}": value for name, value in asked["units"].items()}


def _systems(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the other countries of the last work for which there are figures."""
    work = document["work"][-1]
    named = (work.get("country"), work.get("sent_from"), *work.get("also_in", ()))
    employer = work.get("employer", {}).get("country")
    return tuple(
        code
        for code in dict.fromkeys((*named, employer))
        if code and code != US and code in countries()
    )


def _turns_on(data: CountryContributions, group: str, *, own: bool) -> bool:
    """Tell whether a choice matters: the employer's size does not to the self-employed."""
    return any(
        group in scheme.choice
        for scheme in data.schemes
        if (scheme.payer is Payer.SELF_EMPLOYED) == own
    )


def _options(options: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return [(name, option.text) for name, option in options.items()]


def _without(prefix: str, named: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value for name, value in named.items() if name.startswith(prefix)
    }


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar, in per cent of the longer bar."""

    number: int
    label: str
    amount: Decimal
    start: str
    width: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart."""

    label: str
    total: Decimal
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """What the page shows of a cost.

    Attributes:
        pay: what it was reckoned with, in words.
        words: the chart in words.
        notes: what to know beside the amounts.
        rows: number of the part, system and payer, what is due without and with the paper.
    """

    cost: Cost
    pay: str
    words: str
    notes: tuple[str, ...]
    bars: tuple[Bar, ...]
    rows: tuple[tuple[int, str, Decimal, Decimal], ...]
    without: Decimal
    proven: Decimal


def money_of(
    document: Mapping[str, Any],
    asked: Mapping[str, Any],
    determination: Determination,
    as_of: date,
) -> Money:
    """Reckon the cost of the last work.

    Args:
        document: the case.
        asked: from `MoneyForm.request`.
        determination: the coverage of the case.
        as_of: the day of the question.

    Raises:
        InputError: there are no figures, or something given cannot be used.
    """
    cost = api.cost(
        document,
        earnings=asked["earnings"],
        currency=asked["currency"],
        year=None if asked["year"] is None else int(asked["year"]),
        work=determination.results[-1].work,
        as_of=as_of,
        choices=asked["choices"],
        units=asked["units"],
        project=True,
        determination=determination,
    )
    pieces = pieces_of(cost)
    without, proven = total_of(cost.detail.without), total_of(cost.detail.with_certificate)
    longest = max(without, proven, Decimal(1))
    bars = tuple(
        Bar(label, total, tuple(_parts(pieces, side, longest)))
        for label, total, side in (
            ("Without the paper", without, "without"),
            ("With the paper", proven, "proven"),
        )
    )
    rows = tuple(
        (number % 6, piece.label, piece.without, piece.proven)
        for number, piece in enumerate(pieces)
    )
    # How the command line asks for a choice or a fact; here the forms do.
    notes = tuple(
        re.sub(r" \((choose|it turns on) [^)]*\)", "", notice.text) for notice in cost.warnings
    )
    pay = f"{Decimal(asked['earnings']):,.2f} {asked['currency']} a year"
    return Money(cost, pay, describe(cost), notes, bars, rows, without, proven)


def _parts(pieces: Iterable[Piece], side: str, longest: Decimal) -> Iterable[Part]:
    start = Decimal(0)
    for number, piece in enumerate(pieces):
        amount = getattr(piece, side)
        width = max(amount, Decimal(0)) / longest * 100
        yield Part(number % 6, piece.label, amount, f"{start:.2f}", f"{width:.2f}")
        start += width
