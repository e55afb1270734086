"""Self-employment tax on a net profit: what neither exclusion nor credit touches."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from totalize.filing.facts import TaxLine
from totalize.filing.result import Line, SelfEmploymentTax
from totalize.filing.wording import percent, say
from totalize.kernel.money import CENT, to_nearest
from totalize.law.filing import FilingLaw


def describe_tax(profit: Decimal, lines: Iterable[TaxLine], law: FilingLaw) -> SelfEmploymentTax:
    """Write out the tax on a year's net profit, each line rounded to the cent.

    Additional Medicare Tax is no part of it: it stands on a form of its own.

    Args:
        profit: net profit of all self-employment, US dollars.
        lines: the tax as reckoned for no wages beside the profit.
        law: the sentences.

    Source: IRC 1401(a), 1401(b)(1), 1402(a)(12); Schedule SE, lines 4a to 12.
    """
    share = law.self_employment.share
    net = to_nearest(profit * share, CENT)
    said = [Line(say(law, "line_net_earnings", share=percent(share)).text, net, None)]
    amounts: dict[str, Decimal] = {}
    for line in lines:
        amount = to_nearest(line.amount, CENT)
        amounts[line.scheme] = amounts.get(line.scheme, Decimal(0)) + amount
        if f"line_{line.scheme}" in law.sentences:
            words = say(
                law,
                f"line_{line.scheme}",
                rate=percent(line.rate),
                base=to_nearest(line.base, CENT),
            )
            said.append(Line(words.text, amount, line.source))
    additional = amounts.pop("additional_medicare", Decimal(0))
    return SelfEmploymentTax(
        net_profit=profit,
        net_earnings=net,
        total=sum(amounts.values(), Decimal(0)),
        additional_medicare=additional,
        lines=tuple(said),
    )
