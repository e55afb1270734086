"""A cost as plain text for a person, at most 80 columns wide."""

from __future__ import annotations

import textwrap
from decimal import Decimal

from totalize.contributions.results import Cost, Shares, total_of
from totalize.kernel.countries import NAMES, in_sentence

WIDTH = 80
_NAME, _AMOUNT = 34, 20
_PAYERS = (
    ("employee", "employee"),
    ("employer", "employer"),
    ("self_employed", "self-employed"),
)


def render(cost: Cost, *, lines: bool = False) -> str:
    """Return the whole answer as text.

    Args:
        cost: the answer.
        lines: show every contribution.
    """
    blocks = [_year(cost), _saving(cost)]
    if lines:
        blocks.append(_lines(cost))
    blocks += [_missing(cost), _assignment(cost), _alternatives(cost), _paid_twice(cost)]
    blocks += [_exchange(cost), _warnings(cost)]
    return "\n\n".join(block for block in blocks if block)


def _row(name: str, *amounts: Decimal | None) -> str:
    cells = "".join(f"{'' if each is None else f'{each:,.2f}':>{_AMOUNT}}" for each in amounts)
    return f"{name:<{_NAME}}{cells}".rstrip()


def _year(cost: Cost) -> str:
    year = cost.detail
    months = f"{year.months:.2f}".rstrip("0").rstrip(".")
    label = " (projected)" if year.projected else ""
    head = f"{cost.work}: {year.year}{label}, {months} months, {cost.currency}"
    rows = [head, f"{'':<{_NAME}}{'without certificate':>{_AMOUNT}}{'with it':>{_AMOUNT}}"]
    for system in dict.fromkeys((*year.without, *year.with_certificate)):
        least = " (at least)" if system in year.at_least else ""
        rows.append(f"{NAMES[system]}{least}")
        without = year.without.get(system, Shares())
        proven = year.with_certificate.get(system, Shares())
        for field, name in _PAYERS:
            before, after = getattr(without, field), getattr(proven, field)
            if before or after:
                rows.append(_row(f"  {name}", before, after))
        if not (without.total or proven.total):
            rows.append("  nothing that is in the data" if least else "  nothing")
    total = "Total, at least" if year.at_least else "Total"
    rows.append(_row(total, total_of(year.without), total_of(year.with_certificate)))
    return "\n".join(rows)


def _saving(cost: Cost) -> str:
    year = cost.detail
    if not year.saved_up_to:
        return f"No certificate saves anything in {year.year}."
    text = f"In {year.year} the certificate saves {year.saved:,.2f} {cost.currency}"
    if year.saved_up_to != year.saved:
        text += f" for certain, and {year.saved_up_to:,.2f} if it also lifts what is unsettled"
    return "\n".join(_wrapped([f"{text}."], ""))


def _lines(cost: Cost) -> str:
    marks = {True: "lifted", False: "due", None: "unsettled"}
    rows = ["Contributions without a certificate:"]
    for line in cost.lines:
        what = f"{line.system} {line.title}, {line.payer.value.replace('_', '-')}"
        rows.append(f"  {what} ({marks[line.lifted]})"[:WIDTH])
        amount = f"{line.amount:,.2f} {line.currency}"
        if line.base is None or line.rate is None:
            how = f"flat = {amount}"
        else:
            rate = f"{(line.rate * 100).normalize():.6f}".rstrip("0").rstrip(".")
            how = f"{line.base:,.2f} x {rate}% = {amount}"
        span = f"{line.first:%Y-%m} to {line.last:%Y-%m}"
        rows.append(f"    {span}: {how}")
    return "\n".join(rows)


def _missing(cost: Cost) -> str:
    rows = [
        f"  {line.system} {line.title}, {line.payer.value.replace('_', '-')}: {line.text}"
        for line in cost.missing
    ]
    if not rows:
        return ""
    return "\n".join(["Due but not in the data:", *_wrapped(rows)])


def _assignment(cost: Cost) -> str:
    whole = cost.assignment
    if len(whole.years) + len(whole.years_without_figures) < 2:
        return ""
    rows = ["The whole work:"]
    for year in whole.years:
        label = f"  {year.year}{' (projected)' if year.projected else ''}"
        label += " (at least)" if year.at_least else ""
        rows.append(_row(label, total_of(year.without), total_of(year.with_certificate)))
    rows.extend(f"  {missing}: no figures" for missing in whole.years_without_figures)
    text = f"Saved in all: {whole.saved:,.2f} {cost.currency}"
    if whole.saved_up_to != whole.saved:
        text += f" for certain, up to {whole.saved_up_to:,.2f}"
    return "\n".join([*rows, text])


def _alternatives(cost: Cost) -> str:
    if not cost.alternatives:
        return ""
    rows = [f"The law leaves a choice for this work; both sides in {cost.detail.year}:"]
    for side in cost.alternatives:
        rows.append(_row(f"  {NAMES[side.system]} alone", side.total))
        rows.extend(_wrapped([f"    {side.given_up}"], "    "))
    return "\n".join(rows)


def _paid_twice(cost: Cost) -> str:
    if not cost.refunds:
        return ""
    rows = ["If both systems took contributions while no certificate was shown:"]
    for month in cost.overlap:
        amounts = "  ".join(f"{system} {amount:,.2f}" for system, amount in month.amounts.items())
        free = sum(month.not_owed.values(), Decimal(0))
        rows.append(f"  {month.month}  {amounts}  not owed {free:,.2f}")
    steps: dict[str, tuple[str, ...]] = {}
    for refund in cost.refunds:
        amount = f"{refund.amount:,.2f} {refund.currency}"
        when = ""
        if refund.last_day is not None:
            when = f", claim by {refund.last_day}" if refund.open else f", closed {refund.last_day}"
        rows.append(
            f"  {refund.year}: {amount} to ask back from {in_sentence(refund.system)}{when}"
        )
        steps[refund.system] = refund.steps
    for texts in steps.values():
        rows.extend(_wrapped([f"  - {text}" for text in texts], "    "))
    cited = dict.fromkeys(ref for refund in cost.refunds for ref in refund.citations)
    if cited:
        rows.extend(_wrapped([f"  Source: {'; '.join(cited)}."]))
    return "\n".join(rows)


def _exchange(cost: Cost) -> str:
    rows = []
    for rate in cost.exchange:
        when = "" if rate.date is None else f" ({rate.date})"
        text = f"1 {rate.currency} = {rate.rate.normalize():f} {cost.currency}{when}, {rate.source}"
        rows.append(text)
    return "\n".join(_wrapped(rows))


def _warnings(cost: Cost) -> str:
    return "\n".join(_wrapped([f"! {warning.text}" for warning in cost.warnings]))


def _wrapped(texts: list[str], indent: str = "  ") -> list[str]:
    return [
        line
        for text in texts
        for line in textwrap.wrap(
            text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
    ]
