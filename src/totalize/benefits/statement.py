"""The answer on one page: plain text of at most 78 columns, or a typeset page."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator
from decimal import Decimal

from totalize.benefits.explanation import money_text
from totalize.benefits.result import BenefitResult, ForeignSideFound, Insured
from totalize.kernel.countries import in_sentence

WIDTH = 78
_INSURED = {
    Insured.REGULAR: "Insured on US credits alone.",
    Insured.TOTALIZED: "Insured on US credits combined with those of {country}.",
    Insured.NOT_INSURED: "Not insured for this benefit.",
}


def headline(result: BenefitResult) -> str:
    """Return the answer in one sentence or two."""
    status = _INSURED[result.insured].format(country=_partners(result))
    if result.monthly_benefit is None:
        return status
    about = "About " if result.estimate else ""
    return f"{status} {about}${result.monthly_benefit:,.0f} a month for {result.benefit_month}."


def _partners(result: BenefitResult) -> str:
    """Name the country that is combined; where no amount is known yet, all that suffice."""
    if result.totalized is not None:
        return in_sentence(result.totalized.country)
    suffice = [country for country, found in result.foreign_quarters.items() if found.insured]
    return " or of ".join(in_sentence(country) for country in suffice)


def figures(result: BenefitResult) -> list[tuple[str, str]]:
    """Return the figures that matter, each with its name."""
    quarters = result.us_quarters
    rows = [
        ("US quarters of coverage", f"{quarters.total} (needed: {quarters.required})"),
    ]
    rows += [
        (f"Quarters from {in_sentence(country)}", f"{found.used} used of {found.total}")
        for country, found in result.foreign_quarters.items()
    ]
    earliest = result.earliest_entitlement
    if earliest is not None:
        rows.append(("Earliest month on US quarters alone", earliest.us_only or "not reached"))
        if result.foreign_quarters:
            rows.append(("Earliest month combined", earliest.combined or "not reached"))
    rows += _amount_rows(result)
    return rows


def _amount_rows(result: BenefitResult) -> Iterator[tuple[str, str]]:
    if result.aime is not None:
        yield "Average indexed monthly earnings (US)", money_text(result.aime)
    if result.pia is None and result.pia_at_eligibility is not None:
        at = f"Primary insurance amount at eligibility ({result.eligibility_year})"
        yield at, money_text(result.pia_at_eligibility)
    if result.pia is not None:
        yield "Primary insurance amount (US record)", money_text(result.pia)
    if result.totalized is not None:
        found = result.totalized
        yield "Relative earnings position", str(found.relative_earnings_position)
        yield "Theoretical primary insurance amount", money_text(found.theoretical_pia)
        yield (
            f"Pro rata ({found.quarters}/{found.denominator})",
            money_text(found.pro_rata_pia),
        )
        yield "Totalized primary insurance amount", money_text(found.totalized_pia)
    if result.age_factor is not None and result.age_factor != 1:
        yield "Factor for age at entitlement", str(result.age_factor)
    if result.monthly_benefit is not None and result.family_maximum is not None:
        yield "Payment a month", money_text(result.monthly_benefit)
        yield "Family maximum", money_text(result.family_maximum)


def render(result: BenefitResult, *, steps: bool = False) -> str:
    """Return the answer for a person.

    Args:
        result: the answer.
        steps: give every step with its figures and what it rests on.
    """
    lines = [
        "US SOCIAL SECURITY BENEFIT",
        f"entitlement {result.entitlement}, amounts for {result.benefit_month}",
        "",
        *_wrapped(headline(result)),
        "",
        *_table(figures(result)),
    ]
    for side in result.foreign_side:
        lines += ["", f"{in_sentence(side.country)}: the benefit there".upper()]
        lines += _table_or_text("Own minimum", side.own_minimum or "not read")
        meets = {True: "yes", False: "no", None: "unknown"}[side.meets_own_minimum]
        lines += _table_or_text("Reached by this record", meets)
        if side.counts_us_quarters:
            lines += _table_or_text("Counts US quarters", side.counts_us_quarters)
        lines += _table_or_text("Claim", side.claim_at or "not read")
        lines += _table_or_text("Form", side.form or "ask; none was read")
        lines += _wrapped(side.text)
    if result.warnings:
        lines += ["", "PLEASE NOTE"]
        for notice in result.warnings:
            lines += _wrapped(notice.text, "- ")
    if steps:
        lines += ["", "STEP BY STEP"]
        for number, step in enumerate(result.steps, start=1):
            lines += _wrapped(f"{step.what}: {step.value}", f"{number:2}. ")
            if step.citation:
                lines += _wrapped(f"[{step.citation}]", "    ")
    lines += ["", *_wrapped("This is a computation, not a decision. Only SSA decides on a claim.")]
    return "\n".join(lines)


def _wrapped(text: str, mark: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
    )


def _table(rows: Iterable[tuple[str, str]]) -> list[str]:
    listed = list(rows)
    left = max(len(name) for name, _ in listed)
    return [f"{name:<{left}}  {value:>20}" for name, value in listed]


def _table_or_text(name: str, text: str) -> list[str]:
    return _wrapped(text, f"{name}: ")


def typeset(result: BenefitResult) -> bytes:
    """Return the answer as an accessible PDF (PDF/UA-1), the same bytes for the same answer.

    Raises:
        ModuleNotFoundError: the typesetter is not installed.
    """
    import typst  # noqa: PLC0415 - heavy and optional

    # The text goes in as data, so that nothing in it can be read as markup.
    page = {
        "headline": headline(result),
        "dates": f"Entitlement {result.entitlement}, amounts for {result.benefit_month}",
        "rows": figures(result),
        "abroad": [(in_sentence(side.country), _abroad(side)) for side in result.foreign_side],
        "notes": [notice.text for notice in result.warnings],
        "steps": [(step.what, step.value, step.citation or "") for step in result.steps],
        "law": result.law,
    }
    made = typst.Compiler(ignore_system_fonts=True).compile(
        _PAGE.encode(),
        format="pdf",
        sys_inputs={"page": json.dumps(page)},
        pdf_standards=["ua-1"],
        timestamp=0,
    )
    if not isinstance(made, bytes):
        raise TypeError("the typesetter gave no single PDF")
    return made


def _abroad(side: ForeignSideFound) -> str:
    parts = (
        f"Own minimum: {side.own_minimum}" if side.own_minimum else "",
        f"Claim: {side.claim_at}." if side.claim_at else "",
        f"Form: {side.form}." if side.form else "",
        side.text,
    )
    return " ".join(part for part in parts if part)


_PAGE = """
#let data = json(bytes(sys.inputs.page))
#set document(title: "US Social Security benefit")
#set page(paper: "us-letter", margin: (x: 1.7cm, y: 1.4cm))
#set text(font: "Libertinus Serif", lang: "en", size: 8pt, hyphenate: false)
#set par(leading: 0.48em)
#show heading: set block(above: 0.9em, below: 0.5em)
= US Social Security benefit
#data.dates
#block(fill: luma(240), inset: 7pt, width: 100%, radius: 3pt,
  text(size: 12pt, weight: "bold", data.headline))
#table(
  columns: (1fr, auto), align: (left, right), stroke: none, inset: (x: 4pt, y: 2.4pt),
  fill: (_, row) => if calc.odd(row) { luma(247) },
  table.header([*Figure*], [*Value*]),
  ..data.rows.flatten()
)
#if data.abroad.len() > 0 [
  == The other country
  #list(spacing: 0.5em, ..data.abroad.map(((name, text)) => [*#name.* #text]))
]
#if data.notes.len() > 0 [
  == Please note
  #list(spacing: 0.5em, ..data.notes)
]
== Step by step
#enum(spacing: 0.45em, ..data.steps.map(((what, value, source)) => [
  #what: *#value* #if source != "" { text(fill: luma(90))[(#source)] }
]))
#v(1fr)
#text(size: 7pt)[A computation, not a decision: only SSA decides on a claim. Law data #data.law.]
"""


def whole_dollars(amount: Decimal | None) -> str:
    """Write a payment for a table, a dash where there is none."""
    return "-" if amount is None else f"{amount:,.0f}"
