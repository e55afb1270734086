"""The public functions. What stands here is what the package promises; nothing else is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal

    from totalize.coverage.case import Case
    from totalize.coverage.determination import Determination
    from totalize.coverage.determine import Determiner
    from totalize.filing.facts import FilingFacts, TaxLine
    from totalize.filing.result import Filing
    from totalize.law.book import LawBook
    from totalize.law.filing import FilingLaw


@cache
def law() -> LawBook:
    """Return the law that comes with the package."""
    from totalize.law.book import LawBook

    return LawBook()


@cache
def _determiner() -> Determiner:
    from totalize.coverage.determine import Determiner

    return Determiner(law())


def check(
    case: Mapping[str, object] | Case,
    as_of: date | None = None,
    *,
    full: bool = False,
    book: LawBook | None = None,
) -> Determination:
    """Decide which system covers each work of a case, why, and what proves it.

    Args:
        case: section 1 of the contract, as a mapping or typed.
        as_of: the day of the decision; today when left out.
        full: give every test that was made, not only those that decided.
        book: another law than the one that comes with the package.

    Raises:
        InputError: the case cannot be used; it names the path.
    """
    from totalize.coverage.determine import Determiner
    from totalize.coverage.door import read_case

    determiner = _determiner() if book is None else Determiner(book)
    return determiner.decide(read_case(case), as_of or date.today(), full=full)


def filing(
    case: Mapping[str, object] | Case,
    *,
    as_of: date | None = None,
    determination: Mapping[str, Any] | Determination | None = None,
    **options: object,
) -> Filing:
    """Say what still has to be filed with the United States for a tax year.

    Args:
        case: section 1 of the contract, as a mapping or the typed model.
        as_of: the day as of which coverage is decided; today when left out.
        determination: the coverage of this case, when it was decided before; section 2 of the
            contract or its typed model.
        **options: `tax_year`, `status` and `income` (gross income of the year from everywhere,
            in US dollars), and what else is known, by the names of
            `totalize.filing.facts.OPTIONS`.

    Raises:
        InputError: something given cannot be used; the path names it.
    """
    from totalize.filing.assess import assess_filing

    facts, law = filing_facts(case, as_of=as_of, determination=determination, **options)
    return assess_filing(facts, law)


def filing_facts(
    case: Mapping[str, object] | Case,
    *,
    as_of: date | None = None,
    determination: Mapping[str, Any] | Determination | None = None,
    **options: object,
) -> tuple[FilingFacts, FilingLaw]:
    """Gather what the filing room is told: the case, its coverage and the tax on a profit.

    Raises:
        InputError: something given cannot be used; the path names it.
    """
    from dataclasses import replace

    from totalize.filing.facts import read_facts

    document = _case_document(case)
    if determination is None:
        determination = check(case, as_of)
    if not isinstance(determination, Mapping):
        determination = determination.to_dict()
    facts, law = read_facts(document, determination, options)
    if facts.self_employment is not None:
        lines = _tax_on_profit(facts.tax_year, facts.self_employment, facts.status.value)
        facts = replace(facts, tax_on_profit=lines)
    return facts, law


def _case_document(case: Mapping[str, object] | Case) -> Mapping[str, Any]:
    """Return a case, checked, as plain values with what was left out left out."""
    import msgspec

    from totalize.coverage.door import read_case

    plain = msgspec.to_builtins(read_case(case))
    if not isinstance(plain, Mapping):
        raise TypeError("a case becomes a mapping")
    return plain


def _tax_on_profit(year: int, profit: Decimal, status: str) -> tuple[TaxLine, ...]:
    """Reckon self-employment tax with no wages beside the profit."""
    from decimal import Decimal

    from totalize.contributions.arithmetic import Exact
    from totalize.contributions.united_states import figures_of, tax_profit
    from totalize.filing.facts import TaxLine
    from totalize.law.us_contributions import load_us

    law = load_us()
    parts = tax_profit(figures_of(law, year, status), profit, Decimal(0), Exact())
    return tuple(
        TaxLine(part.scheme, part.base, part.rate, part.amount, law.sources[part.source].ref)
        for part in parts
    )
