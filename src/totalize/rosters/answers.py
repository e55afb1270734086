"""From the stretches a table of works was decided into to the columns of the answer.

What is said of a stretch depends on few things: provision, countries, claims. Each combination
is put into words once and kept; rows point to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from totalize.coverage.codes import COUNTRIES, COUNTRY_CODES, NEVER, US
from totalize.coverage.columns import CLAIM_UNKNOWN, Stretches, missing_facts
from totalize.coverage.determination import Outcome, Proof
from totalize.coverage.facts import HISTORICAL, PATHS
from totalize.coverage.provisions import PROVISIONS, Provision, Side
from totalize.kernel.errors import InputError
from totalize.law.book import LawBook
from totalize.logic.expressions import DAYS_IN_A_STEP, OPEN, encode_day
from totalize.rosters.careful import OPEN_FIELDS
from totalize.rosters.facts import Rows
from totalize.rosters.loops import UNKNOWN, Bytes, Ints, Mask, Positions


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said of a stretch of time, or of a row that cannot be used."""

    outcome: str | None = None
    covered_by: str | None = None
    otherwise: str | None = None
    agreement: str | None = None
    rule: str | None = None
    proof: str | None = None
    issued_by: str | None = None
    missing: str | None = None
    error: str | None = None
    reasons: str | None = None

    def says(self) -> tuple[str | None, ...]:
        """Return what makes two neighbouring stretches say the same."""
        return (
            self.outcome,
            self.covered_by,
            self.otherwise,
            self.rule,
            self.proof,
            self.missing,
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """The answer for a block of rows, a line a period, in the order of the rows.

    Attributes:
        rows: the row of each line.
        first: encoded first day, -1 where there is none.
        stop: encoded day after the last one, -1 when open-ended.
        said: position in `entries`.
        entries: what is said.
        lasting: how many of them have the same position in every block of rows.
    """

    rows: Positions
    first: Ints
    stop: Ints
    said: Positions
    entries: tuple[Entry, ...]
    lasting: int

    def column(self, name: str) -> pl.Series:
        """Return one of the texts said, for every line."""
        texts = [getattr(entry, name) for entry in self.entries]
        return pl.Series(name, texts, dtype=pl.String).gather(self.said)

    def days(self) -> tuple[pl.Series, pl.Series]:
        """Return the first and last day of every line."""
        firsts, lasts = _calendar()
        first, last = self.places()
        return firsts.gather(first), lasts.gather(last)

    def places(self) -> Ints:
        """Return for the first and the last day of every line its place in the calendar."""
        days = np.stack((self.first, self.stop))
        return np.where(days < 0, 0, days - _CALENDAR_START)

    def with_errors(self, errors: Mapping[int, InputError]) -> Answers:
        """Return the same answers with errors on the first lines of some rows."""
        if not errors:
            return self
        said = self.said.copy()
        entries = list(self.entries)
        numbers: dict[tuple[int, str], int] = {}
        first = np.searchsorted(self.rows, list(errors))
        for line, error in zip(first.tolist(), errors.values(), strict=True):
            before = int(said[line])
            key = before, error.message()
            if key not in numbers:
                numbers[key] = len(entries)
                told = [entries[before].error, error.message()]
                entries.append(replace(entries[before], error="; ".join(filter(None, told))))
            said[line] = numbers[key]
        return replace(self, said=said, entries=tuple(entries))

    def __len__(self) -> int:
        return len(self.rows)


_CALENDAR_START: Final = encode_day(date(1900, 1, 1)) - 1
_CALENDAR_END: Final = encode_day(date(2300, 1, 1))


@cache
def _calendar() -> tuple[pl.Series, pl.Series]:
    """Return for each encoded day its date and the date before; null in place 0."""
    days = np.concatenate((_NO_DAY, _days()))
    firsts, lasts = pl.Series("from", days), pl.Series("to", days - np.timedelta64(1, "D"))
    return firsts.cast(pl.Date), lasts.cast(pl.Date)


_NO_DAY: Final = np.array(["NaT"], dtype="datetime64[D]")


@cache
def _days() -> npt.NDArray[np.datetime64]:
    """Return the day of every encoded integer of the calendar, as `decode_day` does for one."""
    months, day = np.divmod(np.arange(_CALENDAR_START + 1, _CALENDAR_END) - 1, DAYS_IN_A_STEP)
    month = (months - 1970 * 12).astype("datetime64[M]")
    found = month.astype("datetime64[D]") + day
    found = np.minimum(found, (month + 1).astype("datetime64[D]"))
    days: npt.NDArray[np.datetime64] = found
    return days


@cache
def calendar_bytes() -> Bytes:
    """Return the same as ISO text, by side, place and byte; place 0 is of no use."""
    sides = np.zeros((2, _CALENDAR_END - _CALENDAR_START, 10), dtype=np.uint8)
    for side, days in zip(sides, _calendar(), strict=True):
        texts = "".join(days[1:].dt.to_string("iso").to_list())
        side[1:] = np.frombuffer(texts.encode(), dtype=np.uint8).reshape(-1, 10)
    return sides


@cache
def day_after_table() -> Ints:
    """Return for each encoded day the same day of the calendar, as `encode_day` writes it."""
    days = _days()
    months = days.astype("datetime64[M]")
    codes = (months.astype(np.int64) + 1970 * 12) * DAYS_IN_A_STEP
    codes += (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    found = np.zeros(_CALENDAR_END, dtype=np.int32)
    found[_CALENDAR_START + 1 :] = codes
    return found


@cache
def ordinals() -> Ints:
    """Return a number of days for each encoded day, for comparing days of the calendar."""
    found = np.zeros(NEVER + 1, dtype=np.int32)
    found[_CALENDAR_START + 1 : _CALENDAR_END] = _days().astype(np.int64)
    return found


class Wording:
    """Put what was decided into the answer's words, under one law book."""

    def __init__(self, book: LawBook) -> None:
        self._waiting: dict[tuple[int, int], int] = {}
        self._paths: dict[tuple[int, bool, int, int], str] = {}
        # What was ever said, by number, and for each number: whose certificate proves it, which
        # number says that it is held, and which numbers say the same to a reader.
        self._entries: list[Entry] = []
        self._numbers: dict[Entry, int] = {}
        self._issuers: list[int] = []
        self._when_held: list[int] = []
        self._says: list[int] = []
        self._same: dict[tuple[str | None, ...], int] = {}
        self._known = np.zeros(1 << sum(_KEY_BITS), dtype=np.int32)  # one more than the number
        self._letters: list[tuple[int, int, bool]] = []
        self._entry = np.zeros(max(COUNTRY_CODES.values()) + 2, dtype=np.int32)
        for country in sorted(book.countries()):
            agreement = book.agreement(country)
            if agreement is None or agreement.in_force is None:
                continue
            code = COUNTRY_CODES[country]
            self._entry[code] = encode_day(agreement.in_force)
            letters = [
                (code, encode_day(claim.first), not claim.certifies_own_coverage)
                for claim in agreement.coverage.host_claim
            ]
            if any(by_letter for *_, by_letter in letters):
                self._letters += letters

    def write(self, rows: Rows, decided: Stretches) -> Answers:
        """Return the answer's lines for a block of rows.

        Args:
            rows: the rows as read, those with errors among them.
            decided: what `ColumnDeterminer` made of them. Of rows with errors nothing was known,
                so that each has one line.
        """
        at = decided.row.astype(np.int64)
        first, stop = decided.first, decided.stop
        said = self._read_claims(rows, decided, at)
        held = _is_held(rows, at, first, stop, np.array(self._issuers, dtype=np.int64)[said])
        said = np.where(held, np.array(self._when_held, dtype=np.int64)[said], said)
        missing = decided.missing
        open_lines = np.flatnonzero(missing)
        if len(open_lines):
            said[open_lines] = self._add_missing(
                rows, at[open_lines], missing[open_lines], said[open_lines]
            )
        lines = _merge(at, first, stop, said, np.array(self._says, dtype=np.int64))
        return _put_errors(rows, *lines, self._entries)

    def _register(self, entry: Entry) -> int:
        """Return the number of what is said, the same for every block of rows."""
        number = self._numbers.get(entry)
        if number is None:
            number = self._numbers[entry] = len(self._entries)
            self._entries.append(entry)
            self._issuers.append(COUNTRY_CODES.get(entry.issued_by or "", -2))
            self._says.append(self._same.setdefault(entry.says(), len(self._same)))
            self._when_held.append(number)
            if entry.issued_by is not None and entry.proof != Proof.HELD.value:
                self._when_held[number] = self._register(replace(entry, proof=Proof.HELD.value))
        return number

    def _read_claims(self, rows: Rows, decided: Stretches, at: Positions) -> Positions:
        partner, in_force = decided.partner.astype(np.int64), decided.in_force
        to_us = rows.facts["country"][at] == US
        day = np.maximum(rows.facts["start"][at], self._entry[partner])
        letter = np.zeros(len(at), dtype=np.bool_)
        for code, since, by_letter in self._letters:
            letter[(partner == code) & (day >= since)] = by_letter
        parts = (
            decided.provision.astype(np.int64) + 1,
            partner + 1,
            decided.us_claims,
            decided.partner_claims,
            in_force,
            letter & in_force & ~to_us,
        )
        key = np.zeros(len(at), dtype=np.int64)
        for values, bits in zip(parts, _KEY_BITS, strict=True):
            key = (key << bits) | values
        said = self._known[key].astype(np.int64) - 1
        new = np.flatnonzero(said < 0)
        if len(new):
            for code in np.unique(key[new]).tolist():
                self._known[code] = self._register(_entry_of(code)) + 1
            said = self._known[key].astype(np.int64) - 1
        return said

    def _add_missing(
        self, rows: Rows, at: Positions, missing: npt.NDArray[np.int64], said: Positions
    ) -> Positions:
        """Return the numbers of lines that wait for facts, with the facts named."""
        masks, which = np.unique(missing, return_inverse=True)
        position = np.where(rows.has_history[at], rows.position[at], 0).astype(np.int64)
        path = np.where(rows.has_history[at], rows.open_code[at], -1).astype(np.int64)
        # Each part is small; the last one takes what is left of the 63 bits.
        key = (which << 1) | rows.residence_told[at]
        for values, bits in ((position, 12), (path + 1, 14), (said, 22)):
            key = (key << bits) | values
        combinations, place = np.unique(key, return_inverse=True)
        numbers = []
        for code in combinations.tolist():
            mask = int(masks[code >> 49])
            known = (mask, code & ((1 << 49) - 1))
            if known not in self._waiting:
                self._waiting[known] = self._register(self._waiting_entry(mask, code))
            numbers.append(self._waiting[known])
        found: Positions = np.array(numbers, dtype=np.int64)[place]
        return found

    def _waiting_entry(self, mask: int, code: int) -> Entry:
        rest, entry = code >> 22, self._entries[code & ((1 << 22) - 1)]
        rest, open_code = rest >> 14, (rest & ((1 << 14) - 1)) - 1
        rest, position = rest >> 12, rest & ((1 << 12) - 1)
        text = self._path_text(mask, bool(rest & 1), position, open_code)
        return replace(entry, missing=text)

    def _path_text(self, bits: int, told: bool, position: int, open_code: int) -> str:
        key = (bits, told, position, open_code)
        text = self._paths.get(key)
        if text is None:
            names = missing_facts(bits)
            work, kind = divmod(open_code, len(OPEN_FIELDS))
            open_path = f"work[{work}].{OPEN_FIELDS[kind]}"
            paths = [
                open_path
                if open_code >= 0 and name in HISTORICAL
                else "worker.residence"
                if name == "residence" and not told
                else PATHS[name].format(position)
                for name in names
            ]
            text = self._paths[key] = ";".join(dict.fromkeys(paths))
        return text


# Provision, other country, who would claim (three values each), in force, proof by letter.
_KEY_BITS: Final = (7, 10, 2, 2, 1, 1)


def _entry_of(code: int) -> Entry:
    values = []
    for bits in reversed(_KEY_BITS):
        values.append(code & ((1 << bits) - 1))
        code >>= bits
    letter, in_force, theirs, ours, partner, provision = values
    return _describe(
        PROVISIONS[provision - 1] if provision else None,
        COUNTRIES.get(partner - 1),
        (_truth(ours), _truth(theirs)),
        in_force=bool(in_force),
        letter=bool(letter),
    )


def _truth(code: int) -> bool | None:
    return None if code == CLAIM_UNKNOWN else bool(code)


def _describe(
    provision: Provision | None,
    partner: str | None,
    claims: tuple[bool | None, bool | None],
    *,
    in_force: bool,
    letter: bool,
) -> Entry:
    """Say what `coverage.determine` and `coverage.proof` say of such a stretch."""
    other = (partner,) if partner is not None else ()
    outcome = provision.outcome if provision is not None else Outcome.NEEDS_FACTS
    covered = _covered(provision, other)
    otherwise = None
    if None not in claims:
        otherwise = (("US",) if claims[0] else ()) + (other if claims[1] else ())
    proof, issuer = _proof(outcome, covered, otherwise, letter=letter)
    return Entry(
        outcome=outcome.value,
        covered_by=_joined(covered),
        otherwise=_joined(otherwise),
        agreement=partner if in_force else None,
        rule=provision.rule.value if provision is not None and provision.rule else None,
        proof=proof.value if proof is not None else None,
        issued_by=issuer,
        reasons=provision.code if provision is not None else None,
    )


def _covered(provision: Provision | None, other: tuple[str, ...]) -> tuple[str, ...] | None:
    if provision is None or provision.outcome is not Outcome.DETERMINED:
        return None
    return {
        Side.US: ("US",),
        Side.PARTNER: other,
        Side.BOTH: ("US", *other),
        Side.NEITHER: (),
        Side.OPEN: None,
    }[provision.side]


def _proof(
    outcome: Outcome,
    covered: tuple[str, ...] | None,
    otherwise: tuple[str, ...] | None,
    *,
    letter: bool,
) -> tuple[Proof | None, str | None]:
    if outcome is Outcome.NEEDS_CONSENT:
        return Proof.UNAVAILABLE, None
    if outcome is not Outcome.DETERMINED or covered is None or otherwise is None:
        return None, None
    if not set(otherwise) - set(covered):
        return (Proof.UNAVAILABLE if len(covered) > 1 else Proof.NOT_NEEDED), None
    if covered == ("US",) or letter or not covered:
        return Proof.NEEDED, "US"
    return Proof.NEEDED, covered[0]


def _joined(systems: tuple[str, ...] | None) -> str | None:
    return None if systems is None else ";".join(systems)


def _is_held(rows: Rows, at: Positions, first: Ints, stop: Ints, issuers: Positions) -> Mask:
    """Tell which lines have a certificate that fits the whole of them."""
    held = np.zeros(len(at), dtype=np.bool_)
    given, since, until = (values[at] for values in rows.held)
    some = np.flatnonzero((given >= 0) & (given == issuers))
    if not len(some):
        return held
    day = ordinals()
    begins = day[since[some]] <= day[first[some]]
    ends = (stop[some] >= 0) & (
        day[np.maximum(stop[some], 0)] <= day[np.minimum(until[some], NEVER)]
    )
    held[some] = begins & (ends | (until[some] == OPEN))
    return held


def _merge(
    at: Positions, first: Ints, stop: Ints, said: Positions, says: Positions
) -> tuple[Positions, Ints, Ints, Positions]:
    """Join neighbours that say the same; the later one's law stands for both."""
    same_row = at[1:] == at[:-1]
    if not same_row.any():
        return at, first, stop, said
    joined = same_row & (says[said[1:]] == says[said[:-1]])
    begins = np.concatenate(([True], ~joined))
    ends = np.concatenate((~joined, [True]))
    return at[ends], first[begins], stop[ends], said[ends]


def _put_errors(  # noqa: PLR0917 - the line's columns
    rows: Rows, at: Positions, first: Ints, stop: Ints, said: Positions, entries: list[Entry]
) -> Answers:
    """Say of rows that cannot be used what is wrong, and of blank ones nothing."""
    lasting = len(entries)
    if rows.errors:
        numbers: dict[tuple[str, str], int] = {}
        which = [
            numbers.setdefault((error.message(), error.code), lasting + len(numbers))
            for error in rows.errors.values()
        ]
        entries = [*entries, *(Entry(error=message) for message, _ in numbers)]
        bad = np.searchsorted(at, list(rows.errors))
        first[bad] = stop[bad] = UNKNOWN
        said[bad] = which
    if rows.blank:
        full = np.delete(np.arange(len(at)), np.searchsorted(at, list(rows.blank)))
        at, first, stop, said = at[full], first[full], stop[full], said[full]
    return Answers(at, first, stop, said, tuple(entries), lasting)
