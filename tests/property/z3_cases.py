"""The facts of a work as variables of z3, held to what a case can say, and told in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import z3
from z3_reader import Number, Truth, Z3Reader

from totalize.coverage.codes import COUNTRIES, COUNTRY_CODES, NEVER, NO_PARTNER, NOWHERE, US
from totalize.coverage.columns import FACT_TYPES
from totalize.coverage.conditions import OTHER_COUNTRY
from totalize.coverage.facts import ALWAYS_KNOWN
from totalize.kernel.dates import FIRST_DAY, LAST_DAY
from totalize.logic.expressions import OPEN, Value, decode_day, encode_day, facts_in

FLAGS = frozenset(name for name, kind in FACT_TYPES.items() if kind.__name__ == "Boolean")
NUMBERS = frozenset({"occupation", "region"})
DAYS = {  # each with the value it takes beside a day of the calendar
    "start": None,
    "from_day": None,
    "insured_since": None,
    "expected_stop": OPEN,
    "second_job_start": NEVER,
    "earlier_start": NOWHERE,
    "earlier_stop": NOWHERE,
}
ELSEWHERE = (COUNTRY_CODES["IN"], COUNTRY_CODES["HK"])
# What a case says together or not at all.
TOGETHER = (("also_in_us", "also_in_1", "also_in_2"),)
_FIRST, _LAST = encode_day(FIRST_DAY), encode_day(LAST_DAY) + 1


class CaseFacts:
    """The facts of one work, known or not, under one partner and for one kind of work.

    Args:
        reader: the reader whose facts they are.
        shaping: facts that are fixed, the partner among them.
    """

    def __init__(self, reader: Z3Reader, shaping: Mapping[str, Value]) -> None:
        self._reader = reader
        self._shaping = shaping
        partner = shaping["partner"]
        assert isinstance(partner, int)
        self._partner = partner
        self._names = [*FACT_TYPES, "partner"]

    def _number(self, name: str) -> Number:
        fact = self._reader.fact(name)
        assert isinstance(fact, Number)
        return fact

    def _flag(self, name: str) -> Truth:
        fact = self._reader.fact(name)
        assert isinstance(fact, Truth)
        return fact

    def known(self, name: str) -> z3.BoolRef:
        """Return when a fact is known."""
        fact = self._reader.fact(name)
        return fact.known if isinstance(fact, Number) else z3.Or(fact.true, fact.false)

    def all_known(self) -> z3.BoolRef:
        """Return that no fact is missing."""
        return z3.And([self.known(name) for name in self._names])

    def possible(self) -> Iterator[z3.BoolRef]:
        """Yield what holds for every case that passes the door."""
        for name, value in self._shaping.items():
            fact = self._reader.fact(name)
            if isinstance(fact, Number):
                yield z3.And(fact.known, fact.value == value)
            else:
                yield fact.true if value else fact.false
        for name in ALWAYS_KNOWN:
            yield self.known(name)
        for names in TOGETHER:
            yield from (self.known(name) == self.known(names[0]) for name in names[1:])
        yield from self._domains()
        yield from self._countries()
        yield from self._time()
        yield from self._employer()

    def _domains(self) -> Iterator[z3.BoolRef]:
        codes = sorted({US, NOWHERE, *ELSEWHERE, self._partner} - {NO_PARTNER})
        for name in FACT_TYPES:
            if name in FLAGS:
                continue
            value = self._number(name).value
            if name in DAYS:
                day = z3.And(value >= _FIRST, value <= _LAST)
                other = DAYS[name]
                yield day if other is None else z3.Or(day, value == other)
            elif name in NUMBERS:
                yield z3.And(value >= 0, value <= 3)
            else:
                yield z3.Or([value == code for code in codes])

    def _countries(self) -> Iterator[z3.BoolRef]:
        country = self._number("country").value
        yield country != NOWHERE
        for name in ("citizenship_1", "citizenship_2", "citizenship_3"):
            yield self._number(name).value != US
        for name in ("also_in_1", "also_in_2"):
            yield self._number(name).value != US
            yield z3.Or(self._number(name).value == NOWHERE, self._number(name).value != country)
        second = self._number("also_in_2").value
        yield z3.Or(second == NOWHERE, self._number("also_in_1").value != NOWHERE)
        yield z3.Implies(self._flag("also_in_us").true, country != US)
        # The partner is the first other country that the facts connect with the work.
        found = self._reader.number(OTHER_COUNTRY)
        named = z3.And(found.known, found.value != NOWHERE)
        yield z3.If(named, found.value, NO_PARTNER) == self._partner

    def _time(self) -> Iterator[z3.BoolRef]:
        start = self._number("start").value
        yield self._number("expected_stop").value > start
        yield self._number("from_day").value >= start
        yield self._number("second_job_start").value >= start
        again = self._flag("earlier_stay")
        first, last = self._number("earlier_start").value, self._number("earlier_stop").value
        # Where no stay counts, that is all there is to know; else any of it may be unknown.
        told = z3.And(self.known("earlier_start"), self.known("earlier_stop"))
        yield z3.Implies(again.false, z3.And(told, first == NOWHERE, last == NOWHERE))
        yield z3.Implies(z3.Not(again.false), z3.And(first >= _FIRST, first < last, last <= start))
        yield z3.Implies(again.true, self._flag("ever_sent_before").true)

    def _employer(self) -> Iterator[z3.BoolRef]:
        seat, sender = self._number("employer_country"), self._number("affiliate_of")
        yield z3.Implies(
            self._flag("employment").false,
            z3.And(
                self._flag("american").false,
                z3.And(seat.known, seat.value == NOWHERE),
                z3.And(sender.known, sender.value == NOWHERE),
            ),
        )

    def facts(self, model: z3.ModelRef) -> dict[str, Value]:
        """Return the facts of a case that z3 found."""
        return {name: self._value(model, name) for name in self._names}

    def _value(self, model: z3.ModelRef, name: str) -> Value:
        fact = self._reader.fact(name)
        if isinstance(fact, Truth):
            if z3.is_true(model.eval(fact.true, model_completion=True)):
                return True
            return False if z3.is_true(model.eval(fact.false, model_completion=True)) else None
        if not z3.is_true(model.eval(fact.known, model_completion=True)):
            return None
        return int(model.eval(fact.value, model_completion=True).as_long())


def in_words(facts: Mapping[str, Value]) -> str:
    """Return the facts of a case as lines a person can read."""
    return "\n".join(
        f"  {name}: {_word(name, value)}" for name, value in facts.items() if value is not None
    )


def _word(name: str, value: Value) -> str:
    if value is None or isinstance(value, bool) or name in NUMBERS:
        return str(value)
    if name in DAYS:
        special = {OPEN: "open-ended", NEVER: "never", NOWHERE: "none"}
        return special.get(value) or str(decode_day(value))
    return COUNTRIES.get(value, "none")


assert facts_in(OTHER_COUNTRY) <= set(FACT_TYPES)
