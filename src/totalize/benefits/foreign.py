"""The benefit of the other country: its own minimum, where to claim, what a US claim does there."""

from __future__ import annotations

from totalize.benefits.credits import UsQuarters
from totalize.benefits.months import month_of
from totalize.benefits.record import ForeignCoverage
from totalize.benefits.result import ForeignSideFound
from totalize.benefits.tables import Tables
from totalize.kernel.countries import in_sentence


def months_of_coverage(coverage: ForeignCoverage) -> int:
    """Return the calendar months that the coverage touches; a quarter counts as three."""
    months: set[int] = set()
    for period in coverage.periods:
        months.update(range(month_of(period.start), month_of(period.end) + 1))
    return len(months) + 3 * sum(coverage.quarters.values())


def describe_foreign_side(
    coverage: ForeignCoverage, tables: Tables, us_quarters: UsQuarters
) -> ForeignSideFound:
    """Return what to know about the other country's benefit. No amount is invented.

    Source: GN 01702.100 (a US claim opens the foreign one), each agreement's own section.
    """
    texts = tables.sentences.texts
    name = in_sentence(coverage.country)
    side = tables.foreign_side(coverage.country)
    if side is None or not side.in_force:
        return ForeignSideFound(
            coverage.country,
            None,
            None,
            texts["claim_without_agreement"].format(country=name),
            None,
            None,
            texts["no_combining"].format(country=name),
            side.cite.ref if side else None,
            side.cite.url if side else None,
        )
    minimum = side.own_minimum
    meets = None
    if minimum is not None and minimum.months is not None:
        meets = months_of_coverage(coverage) >= minimum.months
    parts = [texts["us_claim_opens"].format(country=name), texts["no_foreign_amount"]]
    if us_quarters.total == 0:
        parts.pop(0)
    return ForeignSideFound(
        country=coverage.country,
        own_minimum=minimum.text if minimum else None,
        meets_own_minimum=meets,
        claim_at=side.claim.at if side.claim else None,
        form=side.claim.form if side.claim else None,
        counts_us_quarters=side.from_quarters.text if side.from_quarters else None,
        text=" ".join(parts),
        citation=minimum.cite.ref if minimum else None,
        url=minimum.cite.url if minimum else None,
    )
