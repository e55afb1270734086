"""Decide many people from a table, or make an artificial one."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from totalize.kernel.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from totalize.rosters.extras import Extras
    from totalize.rosters.summary import Summary


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "files",
        metavar="IN",
        nargs="*",
        help="CSV, XLSX or Parquet; several, or a pattern; - is CSV from standard input",
    )
    parser.add_argument("--out", required=True, metavar="OUT", help="file to write; ends like IN")
    parser.add_argument("--as-of", metavar="DATE", help="decide as of this day; today")
    parser.add_argument("--resume", action="store_true", help="go on after a run that was killed")
    parser.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="COLUMN",
        help="pass a column of your own through; may be repeated; * for all",
    )
    parser.add_argument("--encoding", metavar="NAME", help="of text that is not UTF-8")
    parser.add_argument("--sheet", metavar="NAME", help="of a workbook; the first")
    parser.add_argument(
        "--explain",
        action="append",
        default=[],
        metavar="N",
        help="also give the reasons for row N, the first below the header is 1; may be repeated",
    )
    parser.add_argument(
        "--engine", choices=("local", "spark"), default="local", help="where to decide; local"
    )
    parser.add_argument(
        "--master", default="local[*]", metavar="URL", help="of Spark; local[*], this machine"
    )
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="2")
    parser.add_argument(
        "--cost", action="store_true", help="add what each work costs (columns cost.*)"
    )
    parser.add_argument(
        "--benefit", action="store_true", help="add the US benefit (columns benefit.*)"
    )
    parser.add_argument("--currency", metavar="C", help="with --cost, of rows that name none; USD")
    parser.add_argument(
        "--year", metavar="Y", help="with --cost, of rows that name none; the nearest"
    )
    parser.add_argument(
        "--project", action="store_true", help="with --cost, use the last known figures"
    )
    for name, metavar, text in (
        ("rate", "CUR=N", "units of a currency for one US dollar"),
        ("unit", "UNIT=N", "value of an indexed unit, like UF=39500"),
    ):
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar=metavar,
            help=f"with --cost, {text}; may be repeated",
        )
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument("--generate", metavar="N", help="make an artificial roster of N rows")
    parser.add_argument("--seed", default="1", metavar="S", help="of the artificial roster; 1")


def run(options: argparse.Namespace) -> int:
    """Decide or generate, and say how it came out."""
    try:
        if options.generate is not None:
            return _generate(options)
        return _decide(options)
    except ModuleNotFoundError as error:
        extra = "spark" if options.engine == "spark" else "rosters"
        raise InputError(
            "", f"rosters need {error.name}", expected=f"pip install 'totalize[{extra}]'"
        ) from None


def _whole_number(text: str, path: str, least: int, most: int) -> int:
    if not text.isdigit() or not least <= int(text) <= most:
        raise InputError(
            path, "is not a number that will do", value=text, expected=f"{least} to {most:,}"
        )
    return int(text)


def _generate(options: argparse.Namespace) -> int:
    if options.files:
        raise InputError("generate", "takes no file to read", value=options.files[0])
    from totalize.rosters.making import make_roster

    rows = _whole_number(options.generate, "generate", 1, 1_000_000_000)
    seed = _whole_number(options.seed, "seed", 0, 2**63)
    make_roster(Path(options.out), rows, seed)
    print(f"{options.out}: {rows:,} rows, all artificial", file=sys.stderr)
    return 0


def _decide(options: argparse.Namespace) -> int:
    from datetime import date

    from totalize.api import law
    from totalize.kernel.dates import parse_date
    from totalize.rosters.explaining import explain
    from totalize.rosters.run import RunOptions, run_roster

    if not options.files:
        raise InputError("in", "no file to read", expected="IN, or --generate N")
    as_of = parse_date(options.as_of, "as_of") if options.as_of else date.today()
    chosen = [_whole_number(text, "explain", 1, 10**12) for text in options.explain]
    settings = RunOptions(
        keep=tuple(options.keep),
        encoding=options.encoding,
        sheet=options.sheet,
        resume=options.resume,
        threads=max(1, options.threads),
        may_fork=True,
        progress=_progress() if sys.stderr.isatty() else None,
        extras=_extras(options, as_of),
    )
    with _with_standard_input(options) as files:
        # A row that there is not should be known before hours of work, not after.
        explained = explain(files, chosen, as_of, law(), settings) if chosen else []
        if options.engine == "spark":
            from totalize.rosters.spark import run_spark

            summary = run_spark(files, Path(options.out), settings, options.master)
        else:
            summary = run_roster(files, Path(options.out), law(), settings)
    if options.json:
        answer: dict[str, Any] = summary.to_dict() | {"law": law().version}
        answer["amounts"] = {
            name: value if isinstance(value, int) else str(value)
            for name, value in summary.shown_amounts().items()
        }
        if explained:
            answer["explained"] = [item.to_dict() for item in explained]
        print(json.dumps(answer, indent=1))
    else:
        _show(summary)
        for item in explained:
            print(item.as_text())
    return 0


@contextmanager
def _with_standard_input(options: argparse.Namespace) -> Iterator[list[str]]:
    """Yield the files to read; text from standard input (`-`) is one of them for as long.

    Raises:
        InputError: it is asked for in a way that can't be.
    """
    if "-" not in options.files:
        yield options.files
        return
    if options.resume:
        raise InputError(
            "resume", "can't go on with what came from standard input", expected="a file"
        )
    if options.files.count("-") > 1:
        raise InputError("in", "reads standard input more than once", value="-", expected="one -")
    import shutil
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        text = Path(folder) / "standard-input.csv"
        with text.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield [str(text) if name == "-" else name for name in options.files]


def _extras(options: argparse.Namespace, as_of: date) -> Extras:
    """Return which amounts were asked for.

    Raises:
        InputError: an option is wrong, or belongs to a cost that was not asked for.
    """
    from totalize.cli.cost import pairs
    from totalize.contributions.options import parse_positive, parse_year
    from totalize.law.contributions import countries, load_country
    from totalize.rosters.costs import CostOptions
    from totalize.rosters.extras import Extras

    only = [
        name for name in ("currency", "year", "project", "rate", "unit") if getattr(options, name)
    ]
    if not options.cost:
        if only:
            raise InputError(only[0], "belongs to a cost", expected="--cost beside it")
        return Extras(benefit=options.benefit)
    units = parse_positive(pairs(options.unit, "unit"), "unit")
    known = sorted({name for code in countries() for name in load_country(code).units})
    for name in units:
        if name not in known:
            raise InputError(
                f"unit.{name}", "no country counts in that unit", expected=" or ".join(known)
            )
    cost = CostOptions(
        as_of=as_of,
        currency=options.currency or "USD",
        year=parse_year(options.year) if options.year else None,
        project=options.project,
        rates=parse_positive(pairs(options.rate, "rate"), "rate"),
        units=units,
    )
    return Extras(cost=cost, benefit=options.benefit)


def _progress() -> Callable[[int, int], None]:
    """Return a progress line for a terminal: rate and time left."""
    from time import monotonic

    sys.stderr.write("getting ready; this takes longer the first time")
    sys.stderr.flush()
    begun: list[tuple[float, int]] = []

    def show(done: int, rows: int) -> None:
        now = monotonic()
        if not begun:
            begun.append((now, done))
        since, before = begun[0]
        line = f"\r{done:,} of {rows:,} rows"
        if now > since and done > before:
            rate = (done - before) / (now - since)
            line += f", {rate:,.0f} a second, {(rows - done) / rate:,.0f} s left"
        sys.stderr.write(f"{line:<78}" + ("\n" if done == rows else ""))
        sys.stderr.flush()

    return show


def _show(summary: Summary) -> None:
    print(f"{'rows read':24}{summary.rows:>14,}")
    print(f"{'decided':24}{summary.decided:>14,}")
    print(f"{'undecided':24}{summary.undecided:>14,}")
    print(f"{'bad':24}{summary.bad:>14,}")
    for title, counts in (
        ("Periods by outcome", summary.periods),
        ("Waiting for a fact", summary.missing),
        ("Rows with an error", summary.errors),
    ):
        if counts:
            print(f"\n{title}")
            for name, times in counts.most_common(12):
                print(f"  {name:46}{times:>14,}")
    if summary.amounts:
        print("\nAmounts")
        for name, value in summary.shown_amounts().items():
            print(f"  {name:40}{value:>20,}")
    for name, times in summary.without_amounts.most_common():
        if times:
            print(f"  {'none: ' + name:46}{times:>14,}")
