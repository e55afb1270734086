"""Decide a table of works: the same provisions, read by columns.

Input is a frame of facts (`coverage.facts` names and encodes them), a row a work; output one row
for each stretch of time in which nothing changes, with the provision that holds. The explaining
reader gives the same answers one by one; a property test holds the two equal.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import polars as pl

from totalize.coverage import conditions as c
from totalize.coverage.codes import (
    AIRCREW,
    COUNTRY_CODES,
    GENERAL,
    GOVERNMENT,
    NEVER,
    NO_PARTNER,
    NOWHERE,
    SEAFARER,
    US,
)
from totalize.coverage.conditions import OTHER_COUNTRY
from totalize.coverage.facts import ALWAYS_KNOWN, PATHS
from totalize.coverage.parameters import build_parameters
from totalize.coverage.provisions import PROVISIONS, order_provisions
from totalize.coverage.reading import changes_of
from totalize.law.agreements import Agreement
from totalize.law.book import LawBook
from totalize.logic.columns import ColumnCompiler, LawColumns
from totalize.logic.expressions import (
    Constant,
    Expression,
    Specialiser,
    Value,
    encode_day,
    facts_in,
)

BEFORE: Final = 0  # before the agreement entered into force
MAIN: Final = 1
BEYOND: Final = 2  # beyond the limit of a stay abroad

UNKNOWN: Final = -1  # in place of a provision: facts are missing

FACTS: Final = tuple(dict.fromkeys((*PATHS, *(f for f in ALWAYS_KNOWN if f != "partner"))))
FACT_TYPES: Final[dict[str, type[pl.DataType]]] = {
    name: pl.Boolean
    if name
    in {
        "us_citizen",
        "us_resident",
        "employment",
        "employment_in_us",
        "employment_in_partner",
        "also_in_us",
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
        "earlier_stay",
        "ever_sent_before",
    }
    else pl.Int32
    for name in FACTS
}


_ANY_DAY: Final = date(2000, 1, 1)  # where there is no agreement, no day makes a difference


class LawTable:
    """Every set of law there is, in a fixed order, and how to find a row's own.

    A set of law is an agreement (or none), a direction, a version and whether it is in force.
    """

    def __init__(self, book: LawBook) -> None:
        self._sets: list[dict[str, Value]] = []
        agreements = [None, *(book.agreement(country) for country in sorted(book.countries()))]
        number_of = {
            COUNTRY_CODES[agreement.country]: number
            for number, agreement in enumerate(agreements)
            if agreement is not None
        }
        size = max(COUNTRY_CODES.values()) + 1
        self._number = pl.Series([number_of.get(code, 0) for code in range(size)], dtype=pl.Int32)
        changes = [_changes(agreement) for agreement in agreements]
        width = max(len(days) for days in changes)
        self._changes = [
            pl.Series(
                [days[column] if column < len(days) else NEVER for days in changes],
                dtype=pl.Int32,
            )
            for column in range(width)
        ]
        self._entry = pl.Series(
            [
                encode_day(agreement.in_force)
                if agreement is not None and agreement.in_force is not None
                else NEVER
                for agreement in agreements
            ],
            dtype=pl.Int32,
        )
        self._base = self._lay_out(agreements, width)

    def _lay_out(self, agreements: list[Agreement | None], width: int) -> pl.Series:
        base: list[int] = []
        for agreement in agreements:
            base.append(len(self._sets))
            days = () if agreement is None else changes_of(agreement)
            for in_force in (False, True):
                for to_us in (False, True):
                    for version in range(width + 1):
                        day = days[max(min(version, len(days)) - 1, 0)] if days else _ANY_DAY
                        self._sets.append(
                            build_parameters(agreement, day, to_us=to_us, in_force=in_force)
                        )
        self._versions = width + 1
        return pl.Series(base, dtype=pl.Int32)

    @property
    def parameters(self) -> dict[str, list[Value]]:
        """For each parameter its value in every set of law; 0 or False where a set lacks it."""
        names = dict.fromkeys(name for one in self._sets for name in one)
        empty: dict[str, Value] = {}
        for name in names:
            kinds = {type(one[name]) for one in self._sets if name in one}
            empty[name] = False if bool in kinds else 0
        return {name: [one.get(name, empty[name]) for one in self._sets] for name in names}

    def number(self, partner: pl.Expr) -> pl.Expr:
        """Return the position of the other country's agreement, 0 without one."""
        return pl.lit(self._number).gather(partner.clip(lower_bound=0))

    def entry(self, number: pl.Expr) -> pl.Expr:
        """Return the encoded entry into force."""
        return pl.lit(self._entry).gather(number)

    def row(self, number: pl.Expr, day: pl.Expr, to_us: pl.Expr, in_force: pl.Expr) -> pl.Expr:
        """Return the position of a row's set of law."""
        version = pl.sum_horizontal(
            (pl.lit(days).gather(number) <= day).cast(pl.Int32) for days in self._changes
        )
        place = in_force.cast(pl.Int32) * 2 + to_us.cast(pl.Int32)
        return pl.lit(self._base).gather(number) + place * self._versions + version


def _changes(agreement: Agreement | None) -> list[int]:
    return [] if agreement is None else [encode_day(day) for day in changes_of(agreement)]


# Kinds of work whose provisions differ; a kind's tree leaves out what is for the others.
_SELF_EMPLOYED: Final = 4
_CLASSED_DIFFERENTLY: Final = 5
_KINDS: Final[dict[int, dict[str, Value]]] = {
    **{
        occupation: {
            "employment_in_us": True,
            "employment_in_partner": True,
            "occupation": occupation,
        }
        for occupation in (GENERAL, SEAFARER, AIRCREW, GOVERNMENT)
    },
    _SELF_EMPLOYED: {"employment_in_us": False, "employment_in_partner": False},
    _CLASSED_DIFFERENTLY: {},
}


class _Branch:
    """The provisions for one kind of work in one direction, compiled."""

    def __init__(self, law: LawColumns, order: dict[str, Expression], shaping: dict[str, Value]):
        specialise = Specialiser({}, shaping)
        self.tests: dict[int, Expression] = {}
        for number, provision in enumerate(PROVISIONS):
            test = specialise(order[provision.code])
            if not (isinstance(test, Constant) and test.value is False):
                self.tests[number] = test
        self.ends = {
            number: specialise(move.ends)
            for number in self.tests
            if (move := PROVISIONS[number].move) is not None
        }
        self.claims = {
            "us_claims": specialise(c.us_would_claim),
            "partner_claims": specialise(c.partner_would_claim),
        }
        self.other_country = specialise(c.other_country_known)
        roots = [
            *self.tests.values(),
            *self.ends.values(),
            *self.claims.values(),
            self.other_country,
        ]
        self.compiler = ColumnCompiler(law, roots, MISSING_BITS)
        self.needs = sorted({name for root in roots for name in facts_in(root)} - {"from_day"})


class ColumnDeterminer:
    """Decide frames of facts under one law book."""

    def __init__(self, book: LawBook) -> None:
        self._table = LawTable(book)
        self._law = LawColumns(self._table.parameters)
        order = order_provisions(book.order())
        self._branches = {
            (kind, to_us): _Branch(self._law, order, shaping | ({"country": US} if to_us else {}))
            for kind, shaping in _KINDS.items()
            for to_us in (False, True)
        }

    def decide(self, facts: pl.DataFrame) -> pl.DataFrame:
        """Return the stretches of every work with the provision that holds in each.

        Args:
            facts: a column for each of `FACTS`, and a column `stop` with the encoded day after
                the work's last one (null: open-ended or unknown).

        Returns:
            Columns `row` (position in `facts`), `segment`, `first` and `stop` (encoded days),
            `partner`, `provision` (position in `PROVISIONS`, -1: facts are missing),
            `us_claims`, `partner_claims`, `in_force` and `missing` (facts as bits, see
            `missing_facts`), sorted by row and first day.
        """
        # Frames in many pieces are read a hundred times slower.
        prepared = facts.rechunk().with_row_index("row").with_columns(_kind=_KIND)
        parts = []
        for (kind, to_us), branch in self._branches.items():
            at_work = pl.col("country") == US if to_us else pl.col("country") != US
            needed = {"row", "start", "stop", *branch.needs} - {"partner"}
            if to_us:
                needed |= facts_in(OTHER_COUNTRY)
            chosen = prepared.select(at_work & (pl.col("_kind") == kind)).to_series()
            frame = prepared.select(sorted(needed)).filter(chosen).rechunk()
            if frame.height:
                parts.extend(self._decide_group(self._place(frame, to_us=to_us), branch, to_us))
        if not parts:
            return pl.DataFrame(schema=_RESULT_TYPES)
        # One key sorts several times faster than two.
        key = pl.col("row").cast(pl.UInt64) * (BEYOND + 1) + pl.col("segment").cast(pl.UInt64)
        return pl.concat(parts).sort(key)

    def _place(self, frame: pl.DataFrame, *, to_us: bool) -> pl.DataFrame:
        """Add the other country, the number of its agreement and the entry into force."""
        # For work abroad the first candidate, the country of work, is always the answer.
        partner = _named(_OTHER_COUNTRY) if to_us else pl.col("country")
        return (
            frame.with_columns(partner=partner.cast(pl.Int32), first=pl.col("start"))
            .with_columns(_number=self._table.number(pl.col("partner")))
            .with_columns(_entry=self._table.entry(pl.col("_number")))
        )

    def _decide_group(
        self, group: pl.DataFrame, branch: _Branch, to_us: bool
    ) -> list[pl.DataFrame]:
        early = pl.col("start") < pl.col("_entry")
        ever = pl.col("_entry") < NEVER
        begins_before = group.filter(early & ever)
        parts = []
        main = group
        if begins_before.height:
            before = begins_before.with_columns(stop=pl.min_horizontal("stop", "_entry"))
            parts.append(self._read(before, branch, BEFORE, to_us=to_us).select(_RESULT))
            over = early & ever & (pl.col("stop") <= pl.col("_entry")).fill_null(value=False)
            main = group.filter(~over).with_columns(
                first=pl.when(ever).then(pl.max_horizontal("start", "_entry")).otherwise("start")
            )
        decided = self._read(main, branch, MAIN, to_us=to_us)
        decided = decided.with_columns(_end=self._end(branch))
        parts.append(decided.with_columns(stop=pl.coalesce("_end", "stop")).select(_RESULT))
        beyond = decided.filter(pl.col("_end").is_not_null())
        if beyond.height:
            later = beyond.with_columns(first=pl.col("_end")).select(main.columns)
            parts.append(self._read(later, branch, BEYOND, to_us=to_us).select(_RESULT))
        return parts

    def _end(self, branch: _Branch) -> pl.Expr:
        """Return the day on which a stay abroad ends by itself before the work does, else null."""
        end = pl.lit(NEVER, dtype=pl.Int32)
        for number, expression in branch.ends.items():
            holds = pl.col("provision") == number
            end = pl.when(holds).then(branch.compiler.compile(expression)).otherwise(end)
        comes = (end > pl.col("first")) & (pl.col("stop").is_null() | (pl.col("stop") > end))
        return pl.when((end < NEVER) & comes).then(end)

    def _read(
        self, frame: pl.DataFrame, branch: _Branch, segment: int, *, to_us: bool
    ) -> pl.DataFrame:
        """Find each row's provision, and the missing facts where none is certain."""
        compiler = branch.compiler
        in_force = pl.lit(value=False) if segment == BEFORE else pl.col("_entry") < NEVER
        # A stay beyond its limit is judged by the law under which it began.
        day = pl.col("start") if segment == BEFORE else pl.max_horizontal("start", _ENTRY_OR_NONE)
        work = frame.with_columns(
            law_row=self._table.row(pl.col("_number"), day, pl.lit(to_us), in_force),
            from_day=pl.col("first"),
            in_force=in_force,
        ).with_columns(self._law.words())
        for stage in compiler.stages:
            work = work.with_columns(stage)
        work = work.with_columns(
            *(compiler.compile(test).alias(f"_test_{n}") for n, test in branch.tests.items()),
            segment=pl.lit(segment, dtype=pl.Int8),
            **{name: compiler.compile(claim) for name, claim in branch.claims.items()},
        )
        # At most one provision holds; adding up the numbers of those that hold gives its own.
        work = work.with_columns(
            provision=pl.sum_horizontal(
                pl.lit(UNKNOWN, dtype=pl.Int8),
                *(
                    pl.col(f"_test_{number}").fill_null(value=False).cast(pl.Int8)
                    * pl.lit(number - UNKNOWN, dtype=pl.Int8)
                    for number in branch.tests
                ),
            ).cast(pl.Int8)
        )
        unknown = work.filter(pl.col("provision") == UNKNOWN)
        if not unknown.height:
            return work.with_columns(missing=pl.lit(0, dtype=pl.Int64))
        open_rows = unknown
        for stage in compiler.waiting_stages:
            open_rows = open_rows.with_columns(stage)
        mask = pl.lit(0, dtype=pl.Int64)
        for test in branch.tests.values():
            mask |= compiler.waiting_for(test)
        # As with a single case: which agreement is to be read comes first.
        country = compiler.waiting_for(branch.other_country)
        mask = pl.when(country == 0).then(mask).otherwise(country)
        missing = open_rows.select(mask.alias("missing"))["missing"]
        known = work.filter(pl.col("provision") != UNKNOWN)
        return pl.concat(
            [
                known.with_columns(missing=pl.lit(0, dtype=pl.Int64)),
                unknown.with_columns(missing),
            ]
        )


def missing_facts(bits: int) -> list[str]:
    """Return the names of missing facts from their bits, most decisive first."""
    return [name for name, bit in MISSING_BITS.items() if bits >> bit & 1]


MISSING_BITS: Final = {name: bit for bit, name in enumerate(PATHS)}
_ENTRY_OR_NONE = pl.when(pl.col("_entry") < NEVER).then("_entry").otherwise("start")
_OTHER_COUNTRY: Final = ColumnCompiler(LawColumns({}), [], {}).compile(OTHER_COUNTRY)
_KIND: Final = (
    pl.when(pl.col("employment_in_us") & pl.col("employment_in_partner"))
    .then(pl.col("occupation"))
    .when(~pl.col("employment_in_us") & ~pl.col("employment_in_partner"))
    .then(_SELF_EMPLOYED)
    .otherwise(_CLASSED_DIFFERENTLY)
    .cast(pl.Int8)
)
_RESULT_TYPES: Final[dict[str, type[pl.DataType]]] = {
    "row": pl.UInt32,
    "segment": pl.Int8,
    "first": pl.Int32,
    "stop": pl.Int32,
    "partner": pl.Int32,
    "provision": pl.Int8,
    "us_claims": pl.Boolean,
    "partner_claims": pl.Boolean,
    "in_force": pl.Boolean,
    "missing": pl.Int64,
}
_RESULT: Final = tuple(_RESULT_TYPES)


def _named(country: pl.Expr) -> pl.Expr:
    """Return the other country, `NO_PARTNER` where there is none or it is unknown."""
    return pl.when(country > NOWHERE).then(country).otherwise(NO_PARTNER)
