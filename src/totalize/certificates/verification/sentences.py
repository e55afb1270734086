"""Findings put into words."""

from __future__ import annotations

from totalize.certificates.model import Kind
from totalize.certificates.verification.report import Covers, Note, Report
from totalize.certificates.wording import ENGLISH, Catalogue, catalogue


def reason(code: str, language: str = ENGLISH) -> Note:
    """Return a finding with its sentence."""
    return Note(code, catalogue(language).say(f"found_{code}"))


def reason_text(code: str, words: Catalogue) -> str:
    """Return the sentence of a finding in a language."""
    return words.say(f"found_{code}")


def token_limits(kind: Kind, covers: Covers) -> tuple[str, ...]:
    """Return what a code or credential does not prove."""
    return _limits(kind, covers, catalogue(ENGLISH))


def limits_of(report: Report, words: Catalogue) -> tuple[str, ...]:
    """Return what a checked document does not prove, in a language."""
    if report.kind is None or report.covers is None:
        return report.does_not_prove
    return _limits(report.kind, report.covers, words)


def _limits(kind: Kind, covers: Covers, words: Catalogue) -> tuple[str, ...]:
    keys = [] if kind is Kind.CERTIFICATE else [f"limit_{kind}"]
    keys += ["limit_work", "limit_permit", "limit_tax", "limit_change"]
    return tuple(words.say(key, employer=covers.employer) for key in keys)


def in_words(report: Report, language: str = ENGLISH) -> list[tuple[str, str]]:
    """Return a report as lines of title and text, the answer first and without a title.

    A sentence that the language lacks is given in English.
    """
    words = catalogue(language)
    lines = [("", words.say(f"verdict_{report.verdict}"))]
    lines += [("", reason_text(note.code, words)) for note in report.reasons]
    lines += findings(report, words)
    lines += [(words.say("row_not_proven"), text) for text in limits_of(report, words)]
    return lines


def findings(report: Report, words: Catalogue) -> list[tuple[str, str]]:
    """Return what was found as titles and texts: whom and what it covers, who signed, and when."""
    lines = []
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
        until = words.moment(report.status.good_until)
        lines.append((words.say("row_status_list"), words.say("status_until", until=until)))
    if report.reference:
        lines.append((words.say("row_reference"), report.reference))
    return lines
