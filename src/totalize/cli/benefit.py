"""Say what the years add up to: insured status, the US benefit, a plan for what comes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from totalize.cli.files import read_input, write_json
from totalize.kernel.errors import InputError

if TYPE_CHECKING:
    from totalize.benefits.planning import PlanResult


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("record", metavar="RECORD", help="a benefit record, - for standard input")
    parser.add_argument(
        "--earnings",
        metavar="FILE",
        help="take the earnings from a CSV (year,earnings) or the XML of my Social Security",
    )
    parser.add_argument("--steps", action="store_true", help="show every step and its provision")
    parser.add_argument(
        "--estimate",
        action="store_true",
        help="repeat the last published figures where later ones are needed",
    )
    parser.add_argument("--pdf", metavar="FILE", help="write a one-page statement as PDF")
    parser.add_argument("--plan", action="store_true", help="compare systems for the coming years")
    parser.add_argument("--plot", action="store_true", help="with --plan: draw in the terminal")
    parser.add_argument("--chart", metavar="FILE", help="with --plan: draw FILE.svg or FILE.png")
    parser.add_argument("--json", action="store_true", help="JSON and nothing else")


def run(options: argparse.Namespace) -> int:
    """Compute and print."""
    from totalize import api
    from totalize.benefits.compute import Policy

    if not options.plan and (options.chart or options.plot):
        raise InputError("", "a picture shows a plan", expected="--plan with --chart or --plot")
    if options.plan and options.pdf:
        raise InputError("", "the statement shows no plan", expected="--pdf without --plan")
    chart = _chart_form(options.chart)
    document = read_input(options.record)
    if options.earnings:
        document = _with_earnings(document, options.earnings)
    if options.plan:
        return _run_plan(api.benefit_plan(document), options, chart)
    result = api.benefit(document, policy=Policy(estimate=options.estimate))
    if options.pdf:
        from totalize.benefits.statement import typeset

        try:
            page = typeset(result)
        except ModuleNotFoundError as error:
            raise _not_installed(error, "documents") from None
        _write(options.pdf, page, "pdf")
        print(f"{options.pdf} written", file=sys.stderr)
    if options.json:
        write_json(result.to_dict())
        return 0
    from totalize.benefits.statement import render

    print(render(result, steps=options.steps))
    return 0


def _run_plan(result: PlanResult, options: argparse.Namespace, chart: str | None) -> int:
    from totalize.benefits.planning_report import describe, draw, draw_text, render

    try:
        if chart is not None:
            _write(options.chart, draw(result, chart), "chart")
            print(f"{options.chart}: {describe(result)}", file=sys.stderr)
        if options.json:
            write_json(result.to_dict())
            return 0
        print(render(result))
        if options.plot:
            print(f"\n{draw_text(result)}")
    except ModuleNotFoundError as error:
        raise _not_installed(error, "charts") from None
    return 0


def _with_earnings(document: Any, name: str) -> Any:
    """Return the record with the earnings of a file; both may not speak of earnings."""
    from totalize.benefits.earnings_files import MAX_BYTES, read_earnings

    if not isinstance(document, dict):
        return document
    if document.get("earnings"):
        raise InputError(
            "earnings",
            f"stand in the record and in {name}",
            expected="them in one place",
            code="contradiction",
        )
    try:
        with Path(name).open("rb") as file:
            found = read_earnings(file.read(MAX_BYTES + 1), name)
    except OSError as error:
        raise InputError("", f"cannot read {name}: {error.strerror}", code="unreadable") from None
    born = found.birth_date.isoformat() if found.birth_date else None
    if born is not None and document.get("birth_date", born) != born:
        raise InputError(
            "birth_date",
            f"differs from {name}",
            value=document["birth_date"],
            expected=born,
            code="contradiction",
        )
    if found.not_recorded:
        years = ", ".join(map(str, found.not_recorded))
        print(f"{name}: not recorded yet, so not counted: {years}", file=sys.stderr)
    added = {"birth_date": born} if born is not None else {}
    return document | added | {"earnings": found.earnings}


def _chart_form(name: str | None) -> str | None:
    if name is None:
        return None
    form = Path(name).suffix.lower().lstrip(".")
    if form not in {"svg", "png"}:
        raise InputError("chart", "is no picture", value=name, expected="a name in .svg or .png")
    return form


def _write(name: str, data: bytes, path: str) -> None:
    try:
        Path(name).write_bytes(data)
    except OSError as error:
        raise InputError(path, f"cannot write {name}: {error.strerror}") from None


def _not_installed(error: ModuleNotFoundError, extra: str) -> InputError:
    return InputError("", f"this needs {error.name}", expected=f"pip install 'totalize[{extra}]'")
