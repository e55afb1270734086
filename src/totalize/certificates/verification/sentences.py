"""Findings put into words."""

from __future__ import annotations

from totalize.certificates.model import Kind
from totalize.certificates.verification.report import Covers, Note, Report
from totalize.certificates.wording import ENGLISH, catalogue
from totalize.kernel.countries import NAMES, in_sentence


def reason(code: str, language: str = ENGLISH) -> Note:
    """Return a finding with its sentence."""
    return Note(code, catalogue(language).say(f"found_{code}"))


def token_limits(kind: Kind, covers: Covers) -> tuple[str, ...]:
    """Return what a code or credential does not prove."""
    words = catalogue(ENGLISH)
    keys = [] if kind is Kind.CERTIFICATE else [f"limit_{kind}"]
    keys += ["limit_work", "limit_permit", "limit_tax", "limit_change"]
    exempt = in_sentence(covers.exempt_in) if covers.exempt_in in NAMES else covers.exempt_in
    return tuple(words.say(key, employer=covers.employer, exempt=exempt) for key in keys)


def in_words(report: Report, language: str = ENGLISH) -> list[tuple[str, str]]:
    """Return a report as lines of title and text, the answer first and without a title.

    A sentence that the language lacks is given in English.
    """
    words = catalogue(language)
    lines = [("", words.say(f"verdict_{report.verdict}"))]
    lines += [("", words.say(f"found_{note.code}")) for note in report.reasons]
    covers = report.covers
    if covers is not None:
        born = f" ({covers.born})" if covers.born else ""
        lines += [
            (words.say("row_worker"), f"{covers.person}{born}"),
            (words.say("row_employer_employment"), covers.employer),
            (words.say("row_covered"), words.country(covers.covered_by)),
            (words.say("row_exempt_in"), words.country(covers.exempt_in)),
            (words.say("row_period"), words.span(covers.first, covers.last)),
        ]
    if report.signed_by:
        lines.append((words.say("row_signed_by"), report.signed_by))
    if report.time.claimed:
        key = "time_proven" if report.time.proven else "time_claimed"
        moment = report.time.proven or report.time.claimed
        lines.append((words.say("row_signed_on"), words.say(key, day=words.day(moment.date()))))
    if report.status.good_until is not None:
        until = f"{report.status.good_until:%Y-%m-%d %H:%M} UTC"
        lines.append((words.say("row_status_list"), words.say("status_until", until=until)))
    if report.reference:
        lines.append((words.say("row_reference"), report.reference))
    lines += [(words.say("row_not_proven"), text) for text in report.does_not_prove]
    return lines
