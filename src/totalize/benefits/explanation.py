"""Collect the steps of an answer; their sentences stand in the law data."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from totalize.benefits.result import Notice, Step
from totalize.law.benefits import Sentences
from totalize.law.sources import Citation


def money_text(amount: Decimal) -> str:
    """Write an amount with thousands separated and two decimals: `1,650.30`."""
    return f"{amount:,.2f}"


def plain_text(number: Decimal) -> str:
    """Write a number without trailing zeros."""
    return f"{number.normalize():f}"


@dataclass(slots=True)
class Explanation:
    """Steps and warnings in the order in which they came up."""

    sentences: Sentences
    steps: list[Step] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)

    def step(
        self, code: str, value: str, citation: Citation | None = None, **figures: object
    ) -> None:
        """Add a step; its citation is that of the sentence unless another one is given."""
        sentence = self.sentences.steps[code]
        source = citation or sentence.cite
        self.steps.append(
            Step(
                code,
                sentence.text.format(**figures),
                value,
                source.ref if source else None,
                source.url if source else None,
            )
        )

    def warn(self, code: str, **figures: object) -> None:
        """Add a warning, once for the same words."""
        notice = Notice(code, self.sentences.warnings[code].text.format(**figures))
        if notice not in self.warnings:
            self.warnings.append(notice)
