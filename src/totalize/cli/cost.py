"""Say what it costs with and without a certificate."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from totalize.cli.files import read_input, write_json
from totalize.kernel.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from totalize.contributions.results import Cost


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("case", metavar="CASE", help="a case file, - for standard input")
    parser.add_argument(
        "--earnings",
        required=True,
        metavar="N",
        help="gross wage, or net profit of self-employment",
    )
    parser.add_argument("--currency", required=True, metavar="C", help="its currency, like USD")
    parser.add_argument(
        "--per", default="year", choices=("year", "month"), help="what the earnings are for"
    )
    parser.add_argument("--year", metavar="Y", help="the year shown; the one nearest to today")
    parser.add_argument("--work", metavar="ID", help="which work, where the case has several")
    parser.add_argument("--as-of", metavar="DATE", help="ask as of this day; today")
    for name, metavar, text in (
        ("rate", "CUR=N", "units of a currency for one US dollar; may be repeated"),
        ("unit", "UNIT=N", "value of an indexed unit, like UF=39500; may be repeated"),
        ("choose", "CC.QUESTION=ANSWER", "like CA.region=quebec; may be repeated"),
    ):
        parser.add_argument(f"--{name}", action="append", default=[], metavar=metavar, help=text)
    parser.add_argument("--rate-date", metavar="DATE", help="day of the daily rate")
    parser.add_argument("--mean-rate", action="store_true", help="mean of the year's daily rates")
    parser.add_argument("--status", metavar="S", help="US filing status, like married_separate")
    parser.add_argument(
        "--us-wages", default="0", metavar="USD", help="other US wages beside self-employment"
    )
    parser.add_argument(
        "--project", action="store_true", help="use the last figures for years without any"
    )
    parser.add_argument("--lines", action="store_true", help="show every contribution")
    parser.add_argument("--plot", action="store_true", help="draw bars in the terminal")
    parser.add_argument("--chart", metavar="FILE", help="draw bars into FILE.svg or FILE.png")
    parser.add_argument("--json", action="store_true", help="JSON and nothing else")


def run(options: argparse.Namespace) -> int:
    """Reckon the cost and print it."""
    from totalize import api

    chart = _chart_form(options.chart)
    rates = pairs(options.rate, "rates")
    result = api.cost(
        read_input(options.case),
        earnings=options.earnings,
        currency=options.currency,
        per=options.per,
        year=options.year,
        work=options.work,
        as_of=_day(options.as_of, "as_of"),
        rates=rates,
        rate_date=_day(options.rate_date, "rate_date"),
        mean=options.mean_rate,
        units=pairs(options.unit, "units"),
        choices=pairs(options.choose, "choices"),
        filing_status=options.status,
        other_us_wages=options.us_wages,
        project=options.project,
    )
    _check_used(rates, result)
    if chart is not None:
        _draw(result, options.chart, chart)
    if options.json:
        write_json(result.to_dict())
        return 0
    from totalize.contributions.report import render

    print(render(result, lines=options.lines))
    if options.plot:
        try:
            from totalize.contributions.chart import draw_text

            print(f"\n{draw_text(result)}")
        except ModuleNotFoundError as error:
            raise _not_installed(error) from None
    return 0


def _day(text: str | None, path: str) -> date | None:
    from totalize.kernel.dates import parse_date

    return None if text is None else parse_date(text, path)


def pairs(texts: list[str], path: str) -> Mapping[str, str]:
    """Read options like `CUR=N`.

    Raises:
        InputError: one is no pair, or stands twice.
    """
    found_pairs: dict[str, str] = {}
    for text in texts:
        name, found, value = text.partition("=")
        if not (name and found and value):
            raise InputError(path, "is not a pair", value=text, expected="NAME=VALUE")
        if name in found_pairs:
            raise InputError(f"{path}.{name}", "is given twice", code="repeated_key")
        found_pairs[name] = value
    return found_pairs


def _check_used(rates: Mapping[str, str], result: Cost) -> None:
    """Refuse a rate that nothing here is converted with, a slip of the pen for one.

    Raises:
        InputError: naming it.
    """
    used = dict.fromkeys((*(each.currency for each in result.exchange), result.currency))
    for name in rates:
        if name not in used:
            raise InputError(
                f"rates.{name}",
                "is a rate of a currency that nothing here is in",
                expected=" or ".join(used),
                code="does_not_apply",
            )


def _chart_form(name: str | None) -> str | None:
    if name is None:
        return None
    form = Path(name).suffix.lower().lstrip(".")
    if form not in {"svg", "png"}:
        raise InputError("chart", "is no picture", value=name, expected="a name in .svg or .png")
    return form


def _draw(result: Cost, name: str, form: str) -> None:
    try:
        from totalize.contributions.chart import describe, draw

        picture = draw(result, form)
    except ModuleNotFoundError as error:
        raise _not_installed(error) from None
    try:
        Path(name).write_bytes(picture)
    except OSError as error:
        raise InputError("chart", f"cannot write {name}: {error.strerror}") from None
    print(f"{name}: {describe(result)}", file=sys.stderr)


def _not_installed(error: ModuleNotFoundError) -> InputError:
    return InputError("", f"pictures need {error.name}", expected="pip install 'totalize[charts]'")
