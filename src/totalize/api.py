"""The public functions. What stands here is what the package promises; nothing else is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal

    from totalize.benefits import BenefitResult, Policy
    from totalize.benefits.planning import PlanResult
    from totalize.benefits.record import Record
    from totalize.certificates.draft import Subject
    from totalize.certificates.pack.documents import Pack
    from totalize.certificates.specimen import Specimen
    from totalize.certificates.verification.report import Report
    from totalize.contributions.results import Cost
    from totalize.coverage.case import Case
    from totalize.coverage.determination import Determination, WorkResult
    from totalize.coverage.determine import Determiner
    from totalize.coverage.nearby import Nearby
    from totalize.coverage.what_if import WhatIf
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


def what_if(
    case: Mapping[str, object] | Case,
    changes: Mapping[str, object],
    as_of: date | None = None,
) -> WhatIf:
    """Decide a case as it is and as it would be, and name the tests that moved.

    Args:
        case: section 1 of the contract, as a mapping or typed.
        changes: values by path, like `work[0].expected_end` or `work[berlin].expected_end`;
            `msgspec.UNSET` leaves a fact out.
        as_of: the day of both decisions; today when left out.

    Raises:
        InputError: the case, or the changed case, cannot be used, or a path leads nowhere.
    """
    from totalize.coverage.what_if import compare

    day = as_of or date.today()
    return compare(
        lambda typed: _determiner().decide(typed, day, full=True), _case_document(case), changes
    )


def nearby(
    case: Mapping[str, object] | Case, determination: Determination, most: int = 5
) -> dict[str, Sequence[Nearby]]:
    """Find, for each work, single facts that would give it another answer.

    Args:
        case: section 1 of the contract, as a mapping or typed.
        determination: the answer it got.
        most: how many at most for a work.

    Raises:
        InputError: the case cannot be used.
    """
    from itertools import islice

    from totalize.coverage.nearby import find_nearby

    def decide(typed: Case) -> Determination:
        return _determiner().decide(typed, determination.as_of)

    document = _case_document(case)
    return {
        result.work: tuple(islice(find_nearby(decide, document, position, result.periods[0]), most))
        for position, result in enumerate(determination.results)
    }


# What `schema` can describe: the module and name of the model, and what it is.
SCHEMAS = {
    "case": ("coverage.case", "Case", "A case: one person and their work"),
    "determination": ("coverage.determination", "Determination", "The answer to a case"),
    "what_if": ("coverage.what_if", "WhatIf", "Two answers to a case and a changed case"),
    "benefit_record": ("benefits.record", "Record", "A benefit record: one person's credits"),
    "benefit": ("benefits.result", "BenefitResult", "The answer to a benefit record"),
    "benefit_plan": ("benefits.planning", "PlanResult", "A benefit record's choices compared"),
    "cost": ("contributions.document", "CostDocument", "What a work costs, with a certificate"),
    "filing": ("filing.result", "Filing", "What still has to be filed"),
    "agreement": ("law.agreements", "Agreement", "An agreement as data"),
}
_GO_IN = ("case", "benefit_record", "agreement")


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a file that goes in or comes out.

    Raises:
        InputError: there is none of that name.
    """
    from importlib import import_module

    from totalize.kernel.errors import InputError
    from totalize.kernel.schema import input_schema, result_schema

    if name not in SCHEMAS:
        raise InputError(
            "name", "is not a schema", value=name, expected=f"one of {', '.join(SCHEMAS)}"
        )
    module, model_name, title = SCHEMAS[name]
    model = getattr(import_module(f"totalize.{module}"), model_name)
    make = input_schema if name in _GO_IN else result_schema
    return make(model, title)


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
    decided = check(case, as_of) if determination is None else determination
    coverage = decided if isinstance(decided, Mapping) else _as_document(decided)
    facts, law = read_facts(document, coverage, options)
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


def _as_document(determination: Determination) -> Mapping[str, Any]:
    from totalize.coverage.determination import Determination
    from totalize.kernel.errors import InputError

    if not isinstance(determination, Determination):
        raise InputError(
            "determination",
            "is not a group of fields",
            value=determination,
            expected="what `totalize check --json` gives",
            code="bad_type",
        )
    return determination.to_dict()


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


def cost(
    case: Mapping[str, object] | Case,
    *,
    earnings: object,
    currency: str,
    per: str = "year",
    year: int | None = None,
    work: str | None = None,
    as_of: date | None = None,
    rates: Mapping[str, object] | None = None,
    rate_date: date | None = None,
    mean: bool = False,
    units: Mapping[str, object] | None = None,
    choices: Mapping[str, str] | None = None,
    filing_status: str | None = None,
    other_us_wages: object = 0,
    project: bool = False,
    determination: Determination | None = None,
) -> Cost:
    """Say what a work costs each system's payers, with and without a certificate.

    Args:
        case: section 1 of the contract, as a mapping or typed.
        earnings: gross wage, or net profit of the self-employed, in `currency`.
        currency: ISO 4217; also the currency of the result.
        per: `year` or `month`, the period of `earnings`.
        year: the calendar year shown in detail; the one of `as_of` where the work runs in it,
            otherwise the one nearest to it.
        work: id of the work; may be left out where the case has one work only.
        as_of: the day of the question; today when left out.
        rates: units of a currency for one US dollar; they go before the daily rates.
        rate_date: the day of the daily rate; `as_of`, at latest the end of the year, when left out.
        mean: the mean of the year's daily rates instead of the rate of a day.
        units: value of an indexed unit in the country's currency, like `UF` of Chile.
        choices: answers to the questions a country's rows ask, by `CC.question`.
        filing_status: for the Additional Medicare Tax; single is assumed, and said.
        other_us_wages: other wages under FICA in the year, in dollars, beside self-employment.
        project: use the last known figures where there are none for a time, labelled.
        determination: the coverage of this case, when it was decided before.

    Raises:
        InputError: something given cannot be used, or there are no figures; the path names it.
    """
    from totalize.contributions import options
    from totalize.contributions.assembly import ExchangeChoice
    from totalize.contributions.assembly import cost as reckon
    from totalize.contributions.request import CostRequest, stretches_of, systems_of
    from totalize.coverage.door import read_case
    from totalize.kernel.money import parse_amount

    day = as_of or date.today()
    typed = read_case(case)
    position = _position(typed, work)
    name, chosen = typed.work_id(position), typed.work[position]
    if determination is None:
        determination = check(typed, day)
    stretches = stretches_of(determination.for_work(name).periods, f"work[{position}]")
    born = typed.worker.birth_date
    request = CostRequest(
        work=name,
        stretches=stretches,
        monthly_earnings=options.parse_earnings(earnings, per),
        currency=currency,
        year=options.nearest_year(stretches, day) if year is None else options.parse_year(year),
        as_of=day,
        self_employed_in=options.self_employed_in(
            chosen.activity, chosen.activity_in, systems_of(stretches)
        ),
        filing_status=filing_status,
        birth_date=born if isinstance(born, date) else None,
        citizenships=tuple(typed.worker.citizenships),
        choices=options.choices_of(chosen.country, chosen.region, choices or {}),
        other_us_wages=parse_amount(other_us_wages, "other_us_wages"),
        units=options.parse_positive(units or {}, "units"),
        project=project,
    )
    given = options.parse_rates(rates or {})
    return reckon(request, ExchangeChoice(given=given, day=rate_date, mean=mean))


def _position(case: Case, work: str | None) -> int:
    """Find a work by its id; the only one when none is named."""
    from totalize.kernel.errors import InputError

    names = [case.work_id(position) for position in range(len(case.work))]
    if work is None and len(names) == 1:
        return 0
    if work in names:
        return names.index(work)
    raise InputError(
        "work",
        "has several works; one must be named" if work is None else "has no work of that id",
        value=work,
        expected=" or ".join(names),
        code="which_work",
    )


def benefit(
    record: Mapping[str, object] | Record, *, policy: Policy | None = None
) -> BenefitResult:
    """Find insured status and the US benefit, on US credits alone and combined.

    Args:
        record: section 4 of the contract, as a mapping or typed.
        policy: choices that the law leaves open; the default applies the limit of 20 CFR
            404.1918(a)(4) and leaves amounts open where figures are not published yet.

    Raises:
        InputError: the record cannot be used; it names the path.
    """
    from totalize.benefits import answer
    from totalize.benefits.compute import DEFAULT

    return answer(record, policy or DEFAULT)


def benefit_plan(record: Mapping[str, object] | Record) -> PlanResult:
    """Compare the choices of system for the coming years: credits and amounts at 62 to 70.

    Raises:
        InputError: the record cannot be used; it names the path.
    """
    from totalize.benefits.planning import plan

    return plan(record)


def request(
    case: Mapping[str, object] | Case,
    work: str,
    *,
    details: Mapping[str, object] | None = None,
    as_of: date | None = None,
) -> Pack:
    """Return everything to send for the certificate that a work needs, or for an exception.

    Args:
        case: section 1 of the contract, as a mapping or typed.
        work: id of the work.
        details: names, addresses and numbers; what is missing is listed in the result.
        as_of: the day of the decision and of the letters; today when left out.

    Raises:
        InputError: something can't be used, or the work needs no certificate and no exception
            would help.
    """
    from totalize.certificates.pack.assembly import request_pack

    day = as_of or date.today()
    subject, result = _subject(case, work, details, day, exceptions=True)
    return request_pack(subject, result, day)


def specimen(
    case: Mapping[str, object] | Case,
    work: str,
    *,
    made_on: datetime,
    details: Mapping[str, object] | None = None,
) -> Specimen:
    """Return a signed specimen of the certificate that a work needs, and its trust anchors.

    Args:
        case: section 1 of the contract, as a mapping or typed.
        work: id of the work.
        made_on: the moment it is made, with a time zone.
        details: names and addresses.

    Raises:
        InputError: something can't be used, or the work needs no certificate.
    """
    from totalize.certificates.draft import draft
    from totalize.certificates.model import Authority, Kind
    from totalize.certificates.specimen import NOBODY, make_specimen

    subject, _ = _subject(case, work, details, made_on.date())
    nobody = Authority(name=NOBODY, country=subject.issuer)
    return make_specimen(draft(subject, Kind.SPECIMEN, nobody, made_on))


def verify(
    document: bytes | str,
    anchors: bytes,
    at: datetime,
    status_lists: Sequence[str] = (),
) -> Report:
    """Check a certificate, a scanned code, a credential or a reference, without a network.

    Args:
        document: a PDF as bytes, or text.
        anchors: certificates to trust, PEM.
        at: the moment of the check, with a time zone.
        status_lists: signed status lists of the issuers.

    Raises:
        InputError: it can't be read.
    """
    from totalize.certificates.trust import read_anchors
    from totalize.certificates.verification.verifier import Verifier

    return Verifier(read_anchors(anchors), status_lists).check(document, at)


def _subject(
    case: Mapping[str, object] | Case,
    work: str,
    details: Mapping[str, object] | None,
    day: date,
    *,
    exceptions: bool = False,
) -> tuple[Subject, WorkResult]:
    from totalize.certificates.details import NO_DETAILS, read_details
    from totalize.certificates.draft import choose
    from totalize.certificates.exceptions import choose_for_request
    from totalize.coverage.door import read_case

    read = read_case(case)
    determination = check(read, day)
    find = choose_for_request if exceptions else choose
    given = NO_DETAILS if details is None else read_details(details)
    return find(read, determination, work, given), determination.for_work(work)
