"""The law behind a certificate, in the language of whoever inspects: provision, limits, sources.

The provisions themselves are not translated: the paper names them, says in a sentence what kind
of rule it is, and where the text can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from totalize.certificates.draft import SPECIAL_EXCEPTION
from totalize.certificates.model import Certificate, Kind
from totalize.certificates.pack.documents import (
    Answers,
    Block,
    Bullets,
    Heading,
    Paper,
    Paragraph,
)
from totalize.certificates.provisions import held_on, move_on
from totalize.certificates.wording import Catalogue, catalogue
from totalize.coverage.determination import Rule
from totalize.kernel.countries import US
from totalize.law.agreements import Agreement, Transfer, Version, load_agreement
from totalize.law.offices import Office, WorkerKind, load_offices
from totalize.law.sources import Citation, places_of

_KINDS: dict[str, WorkerKind] = {
    "seafarer": "seafarer",
    "aircrew": "aircrew",
    "government": "government",
}


def partner_of(certificate: Certificate) -> str:
    """Return the other country of the agreement, never the US."""
    return certificate.exempt_in if certificate.covered_by == US else certificate.covered_by


def law_extract(certificate: Certificate, language: str) -> Paper:
    """Return what the agreement says for this certificate, and where to read it."""
    words = catalogue(language)
    agreement = load_agreement(partner_of(certificate))
    block = provision_of(certificate, agreement)
    names = _names(certificate, words)
    blocks: list[Block] = [
        Paragraph(words.say("extract_answer", **names), strong=True),
        Answers(_columns(words), tuple(_rows(certificate, agreement, block, words))),
    ]
    conditions = _conditions(block, words)
    if conditions:
        blocks += [Heading(words.say("extract_conditions")), Bullets(conditions)]
    blocks += [
        Paragraph(words.say("extract_original")),
        Heading(words.say("extract_sources")),
        Bullets(_sources(certificate, agreement, block, words)),
    ]
    return Paper(
        name="law",
        title=words.say("extract_title", **names),
        language=words.language,
        blocks=tuple(blocks),
    )


def provision_of(certificate: Certificate, agreement: Agreement) -> Version | None:
    """Return the provision that the certificate rests on, as it held on its first day.

    None where the rule is no provision of the agreement, or no version of it held that day.
    """
    rule, day = certificate.ground.rule, certificate.first
    if rule in (Rule.DETACHED_WORKER, Rule.SELF_EMPLOYED_TRANSFER):
        employed = rule == Rule.DETACHED_WORKER
        return move_on(agreement, day, employed=employed, to_us=certificate.exempt_in == US)
    coverage = agreement.coverage
    versions: dict[str, Sequence[Version]] = {
        Rule.TERRITORIAL: coverage.territorial,
        Rule.SELF_EMPLOYED_RESIDENCE: coverage.self_employed,
        Rule.SELF_EMPLOYED_ACTIVITY: coverage.self_employed,
        Rule.SEAFARER: coverage.seafarer,
        Rule.AIRCREW: coverage.aircrew,
        Rule.GOVERNMENT: coverage.government,
        Rule.NATIONALITY: coverage.nationality,
        Rule.ELECTION: coverage.nationality,
    }
    return held_on(versions.get(rule, ()), day)


def offices_to_ask(certificate: Certificate) -> tuple[Office, ...]:
    """Return the offices that issue for the country that covers the work, for this worker."""
    side = "us" if certificate.covered_by == US else "foreign"
    work = certificate.work
    kind = _KINDS.get(work.occupation, "employee")
    if work.activity == "self_employment":
        kind = "self_employed"
    offices = [
        item for item in load_offices(partner_of(certificate)).offices if item.issues == side
    ]
    return tuple([item for item in offices if kind in item.kinds] or offices)


def ask_paper(certificate: Certificate, files: Sequence[str], language: str) -> Paper:
    """Return the first page: what lies here, how to check it, whom to ask."""
    words = catalogue(language)
    names = _names(certificate, words)
    kind = "certificate" if certificate.kind is Kind.CERTIFICATE else "request"
    blocks: list[Block] = [
        Paragraph(words.say(f"inspection_{kind}", **names), strong=True),
        Heading(words.say("inspection_files")),
        Bullets(tuple(files)),
        Heading(words.say("check_heading")),
        Bullets(_ways_to_check(certificate, words)),
        Heading(words.say("inspection_ask")),
        Answers(_columns(words), tuple(_contacts(certificate, words))),
        Paragraph(words.say("inspection_spelling")),
    ]
    return Paper(
        name="read-me-first",
        title=words.say("inspection_title", **names),
        language=words.language,
        blocks=tuple(blocks),
    )


def _names(certificate: Certificate, words: Catalogue) -> dict[str, str]:
    return {
        "name": certificate.worker.full_name,
        # The sentences end with their own full stop.
        "employer": certificate.employer.name.removesuffix("."),
        "covered": words.country(certificate.covered_by),
        "exempt": words.country(certificate.exempt_in),
        "partner": words.country(partner_of(certificate)),
        "span": words.span(certificate.first, certificate.last),
    }


def _columns(words: Catalogue) -> tuple[str, str]:
    return words.say("column_fact"), words.say("column_entry")


def _rows(
    certificate: Certificate, agreement: Agreement, block: Version | None, words: Catalogue
) -> list[tuple[str, str]]:
    ground = certificate.ground
    rows = [
        (words.say("extract_rule"), words.say(f"rule_{ground.rule}")),
        (words.say("extract_provision"), "; ".join(places_of(ground.citations)) or "-"),
        (words.say("row_period"), words.span(certificate.first, certificate.last)),
    ]
    if isinstance(block, Transfer):
        months = block.max_months
        text = words.say("extract_no_limit")
        if months is not None:
            text = words.say("extract_months", months=str(months))
        rows.append((words.say("extract_limit"), text))
    rows.append((words.say("extract_lifts"), words.insurances(certificate.lifts)))
    stays = _not_lifted(certificate, agreement)
    if stays:
        rows.append((words.say("extract_stays"), words.insurances(stays)))
    if agreement.signed is not None:
        rows.append((words.say("extract_signed"), words.day(agreement.signed)))
    if agreement.in_force is not None:
        rows.append((words.say("extract_in_force"), words.day(agreement.in_force)))
    rows.append(
        (
            words.say("extract_version"),
            words.say("extract_as_of", day=words.day(ground.as_of), law=ground.law[:16]),
        )
    )
    return rows


def _not_lifted(certificate: Certificate, agreement: Agreement) -> list[str] | None:
    if certificate.covered_by != US:
        return None
    found = held_on(agreement.scope, certificate.first)
    return None if found is None else found.foreign_not_covered


def _conditions(block: Version | None, words: Catalogue) -> tuple[str, ...]:
    if not isinstance(block, Transfer):
        return ()
    return tuple(words.say(f"condition_{name}") for name in block.conditions)


def _sources(
    certificate: Certificate, agreement: Agreement, block: Version | None, words: Catalogue
) -> tuple[str, ...]:
    cites: list[Citation] = [*(block.cite if block is not None else ()), *agreement.cite]
    exception = agreement.special_exception
    if exception is not None and certificate.ground.rule == SPECIAL_EXCEPTION:
        cites = [*exception.cite, *cites]
    scope = held_on(agreement.scope, certificate.first)
    if scope is not None:
        cites += scope.cite
    lines = [agreement.text_url] if agreement.text_url else []
    lines += [_cited(item, item.checked_on, words) for item in cites]
    return tuple(dict.fromkeys(lines))


def _cited(item: Citation, read_on: date, words: Catalogue) -> str:
    read = words.say("extract_read_on", day=words.day(read_on))
    return f"{item.ref}: {item.url or '-'} ({read})"


def _ways_to_check(certificate: Certificate, words: Catalogue) -> tuple[str, ...]:
    address = certificate.authority.check_address
    own = certificate.kind is Kind.CERTIFICATE
    lines = [words.say("inspection_online", address=address)] if address and own else []
    if own:
        lines.append(words.say("inspection_offline"))
        lines.append(words.say("check_certificate"))
    else:
        lines.append(words.say("inspection_ask_office"))
    return tuple(lines)


def _contacts(certificate: Certificate, words: Catalogue) -> list[tuple[str, str]]:
    rows = []
    own = certificate.authority
    if certificate.kind is Kind.CERTIFICATE:
        line = ", ".join(filter(None, [own.name, own.address]))
        rows.append((words.say("inspection_issuer"), line))
        rows.append((words.say("row_reference"), certificate.reference))
    for office in offices_to_ask(certificate):
        parts = [office.name, office.address, office.website]
        line = ", ".join(filter(None, parts))
        where = words.country(certificate.covered_by)
        rows.append((words.say("inspection_office", country=where), line))
    return rows
