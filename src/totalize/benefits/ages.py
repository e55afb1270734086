"""Ages as the law counts them: an age is reached on the day before the birthday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from totalize.benefits.months import month_of, quarter_of


@dataclass(frozen=True, slots=True)
class LegalBirth:
    """The day before the birth date, from which all ages are counted.

    Source: 20 CFR 404.2(c)(4); Handbook 719.
    """

    day: date

    @classmethod
    def of(cls, birth_date: date) -> LegalBirth:
        """Return it for a birth date: someone born on 1 January belongs to the year before."""
        return cls(birth_date - timedelta(days=1))

    @property
    def year(self) -> int:
        """The year of birth in the eyes of the law."""
        return self.day.year

    @property
    def month(self) -> int:
        """The month of birth in the eyes of the law, as a count."""
        return month_of(self.day)

    @property
    def quarter(self) -> int:
        """The calendar quarter of birth in the eyes of the law."""
        return quarter_of(self.day)

    def month_of_age(self, months: int) -> int:
        """Return the month in which an age, given in months, is reached."""
        return self.month + months

    def first_month_throughout(self, years: int) -> int:
        """Return the first month throughout which the person has that age.

        Births on the 1st or 2nd: the month of the birthday; all others the next.
        Source: 42 USC 402(a); 20 CFR 404.311; RS 00615.015.
        """
        return self.month + 12 * years + (0 if self.day.day == 1 else 1)
