"""Compare a person's figure with a figure of the law, and say so with its row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from totalize.filing.result import Test
from totalize.filing.wording import figure_used, say
from totalize.kernel.dates import add_months
from totalize.law.filing import Figure, FilingLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a test compares: `amount` with `figure` in `row`, and what came of it.

    Attributes:
        code: the test and its sentence.
        met: true, false, or None when a fact is unknown.
        missing: the facts that would settle it.
    """

    code: str
    figure: Figure
    amount: Decimal | None
    met: bool | None
    row: str
    missing: tuple[str, ...] = ()

    def test(self, law: FilingLaw, **values: object) -> Test:
        """Return the test with its sentence, filled in also with `values`, and its sources."""
        said = say(
            law,
            self.code,
            self.figure.source,
            row=self.row,
            year=law.year.tax_year,
            threshold=self.figure.value,
            **values,
            amount=law.sentences["unknown_amount"].text if self.amount is None else self.amount,
        )
        missing = () if self.met is not None else self.missing
        used = figure_used(law, self.figure)
        return Test(
            self.code, said.text, self.met, self.row, used, self.amount, missing, said.sources
        )


def any_met(tests: Iterable[Test]) -> bool | None:
    """Or of three values: one met test is enough, and an unknown one leaves it open."""
    found = {test.met for test in tests}
    return True if True in found else None if None in found else False


def agreed(verdicts: Iterable[bool]) -> bool | None:
    """Return what all possible readings agree on; None when they do not."""
    found = set(verdicts)
    return found.pop() if len(found) == 1 else None


def reached_65(born: date, tax_year: int, years: int = 65) -> bool:
    """Tell whether an age counts for a tax year: it is reached the day before the birthday.

    >>> reached_65(date(1961, 1, 1), 2025), reached_65(date(1961, 1, 2), 2025)
    (True, False)
    """
    return add_months(born, years * 12) <= date(tax_year + 1, 1, 1)
