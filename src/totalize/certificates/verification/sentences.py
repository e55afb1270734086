"""Findings put into words."""

from __future__ import annotations

from totalize.certificates.model import Kind
from totalize.certificates.verification.report import Covers, Note
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
