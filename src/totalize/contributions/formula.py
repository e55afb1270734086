"""One row of the law as a formula over a month's earnings.

Every limit is brought to a month: a year counts twelve, a quarter three, and a month holds
52/12 weeks. A part of a year therefore carries its twelfths of a yearly ceiling or exemption.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from totalize.contributions.arithmetic import Arithmetic
from totalize.law.contributions import Band, Grade, Limit, Per, Scheme, Version

MONTHS = 12
ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Part:
    """One product: base x rate = amount. A flat amount has neither base nor rate."""

    base: Any
    rate: Any
    amount: Any


@dataclass(frozen=True, slots=True)
class Formula:
    """A version of a row with every amount in money a month.

    Attributes:
        share: fraction of the earnings that counts.
        grades: steps of standard pay, from the lowest.
        bands: marginal slices as (lower end, upper end or None, rate).
        whole: (upper end or None, rate) in the order in which the law lists them.
        points: (base, rate) of a sliding scale, rising.
        nothing_up_to: nothing is due up to this pay.
        nothing_above: nothing is due above this pay.
        inexact_below: the row is not exact below this pay, nor above `inexact_above`.
        reduced: something is taken off the base, which then ends at zero.
    """

    share: Decimal
    grades: tuple[tuple[Decimal, Decimal], ...] | None
    minimum: Decimal | None
    ceiling: Decimal | None
    allowance: Decimal | None
    nothing_up_to: Decimal | None
    nothing_above: Decimal | None
    inexact_below: Decimal | None
    inexact_above: Decimal | None
    rate: Decimal | None = None
    flat: Decimal | None = None
    bands: tuple[tuple[Decimal, Decimal | None, Decimal], ...] | None = None
    whole: tuple[tuple[Decimal | None, Decimal], ...] | None = None
    points: tuple[tuple[Decimal, Decimal], ...] | None = None
    reduced: bool = False


def monthly(limit: Limit | None, units: Mapping[str, Decimal]) -> Decimal | None:
    """Return a limit in money a month, None when there is none."""
    if limit is None:
        return None
    unit = ONE if limit.unit is None else units[limit.unit]
    return limit.amount * unit * limit.per.in_a_year / MONTHS


def build_formula(
    scheme: Scheme,
    version: Version,
    grades: Mapping[str, tuple[Grade, ...]],
    units: Mapping[str, Decimal],
) -> Formula | None:
    """Return the formula of a version, None when the law data does not know its size.

    Args:
        scheme: the row the version belongs to.
        version: the version.
        grades: the country's tables of standard pay.
        units: value of each indexed unit at that time.
    """
    if version.unknown is not None:
        return None
    return Formula(
        share=scheme.base_share,
        reduced=bool(scheme.base_minus),
        grades=None
        if version.grades is None
        else tuple((grade.at, grade.standard) for grade in grades[version.grades]),
        minimum=monthly(version.minimum_base, units),
        ceiling=monthly(version.ceiling, units),
        allowance=monthly(version.allowance, units),
        nothing_up_to=monthly(version.nothing_up_to, units),
        nothing_above=monthly(version.nothing_above, units),
        inexact_below=monthly(version.inexact_below, units),
        inexact_above=monthly(version.inexact_above, units),
        rate=version.rate,
        flat=monthly(version.flat, units),
        bands=_slices(version, units),
        whole=None
        if version.whole_bands is None
        else tuple((_end(band, version.per, units), band.rate) for band in version.whole_bands),
        points=None
        if version.sliding is None
        else tuple(
            (point.at * version.per.in_a_year / MONTHS, point.rate) for point in version.sliding
        ),
    )


def _end(band: Band, per: Per, units: Mapping[str, Decimal]) -> Decimal | None:
    if band.up_to is None:
        return None
    return monthly(Limit(amount=band.up_to, per=per, unit=band.unit), units)


def _slices(
    version: Version, units: Mapping[str, Decimal]
) -> tuple[tuple[Decimal, Decimal | None, Decimal], ...] | None:
    if version.bands is None:
        return None
    lower = ZERO
    slices: list[tuple[Decimal, Decimal | None, Decimal]] = []
    for band in version.bands:
        upper = _end(band, version.per, units)
        if band.rate != 0:
            slices.append((lower, upper, band.rate))
        lower = upper if upper is not None else lower
    return tuple(slices)


def reckon(formula: Formula, earnings: Any, added: Any, using: Arithmetic) -> tuple[Part, ...]:
    """Return the contribution on a month's earnings, as products that add up to it.

    Args:
        formula: the row.
        earnings: a month's earnings in the system's currency.
        added: contributions that the row adds to its base (negative when it takes them off).
        using: the arithmetic of `earnings`.
    """
    base = earnings * using.number(formula.share) + added
    if formula.reduced:
        # A flat contribution that is taken off may be more than a very small wage.
        base = using.most(base, using.number(ZERO))
    due = _due(formula, earnings, base, using)
    base = _limited(formula, base, using)
    if due is not None:
        base = base * due
    number = using.number
    if formula.rate is not None:
        return (Part(base, formula.rate, base * number(formula.rate)),)
    if formula.flat is not None:
        amount = number(formula.flat)
        return (Part(None, None, amount if due is None else amount * due),)
    if formula.bands is not None:
        return tuple(_marginal(formula.bands, base, using))
    rate = _rate_reached(formula, base, using)
    return (Part(base, rate, base * rate),)


def _due(formula: Formula, earnings: Any, base: Any, using: Arithmetic) -> Any:
    """Return one where anything is due and zero elsewhere, None when it is due everywhere."""
    one, zero = using.number(ONE), using.number(ZERO)
    due = None
    raised = formula.minimum is not None or formula.flat is not None or formula.grades is not None
    if raised:
        due = using.choose(earnings > zero, one, zero)
    if formula.nothing_up_to is not None:
        due = using.choose(base > using.number(formula.nothing_up_to), one, zero)
    if formula.nothing_above is not None:
        due = using.choose(base <= using.number(formula.nothing_above), one, zero)
    return due


def _limited(formula: Formula, base: Any, using: Arithmetic) -> Any:
    number = using.number
    if formula.grades is not None:
        pay, base = base, number(formula.grades[0][1])
        for at, standard in formula.grades[1:]:
            base = using.choose(pay >= number(at), number(standard), base)
    if formula.minimum is not None:
        base = using.most(base, number(formula.minimum))
    if formula.ceiling is not None:
        base = using.least(base, number(formula.ceiling))
    if formula.allowance is not None:
        base = using.most(base - number(formula.allowance), number(ZERO))
    return base


def _marginal(
    bands: tuple[tuple[Decimal, Decimal | None, Decimal], ...], base: Any, using: Arithmetic
) -> list[Part]:
    number = using.number
    parts = []
    for lower, upper, rate in bands:
        end = base if upper is None else using.least(base, number(upper))
        inside = using.most(end - number(lower), number(ZERO))
        parts.append(Part(inside, rate, inside * number(rate)))
    return parts


def _rate_reached(formula: Formula, base: Any, using: Arithmetic) -> Any:
    number = using.number
    if formula.whole is not None:
        rate = number(formula.whole[-1][1])
        for end, lower_rate in reversed(formula.whole[:-1]):
            if end is not None:
                rate = using.choose(base <= number(end), number(lower_rate), rate)
        return rate
    points = formula.points or ()
    rate = number(points[0][1])
    for (at, start), (to, finish) in pairwise(points):
        slope = (finish - start) / (to - at)
        inside = using.least(base, number(to)) - number(at)
        rate = using.choose(base > number(at), number(start) + inside * number(slope), rate)
    return rate
