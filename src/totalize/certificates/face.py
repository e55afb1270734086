"""What stands on the page: the certificate's facts put into words, in reading order."""

from __future__ import annotations

from typing import Any

from totalize.certificates.model import (
    MEDIA_TYPE,
    SEALED_NAME,
    TWIN_NAME,
    Certificate,
    Kind,
    State,
)
from totalize.certificates.wording import ENGLISH, OFFICE_LANGUAGES, Catalogue, catalogue
from totalize.kernel.countries import NAMES, in_sentence
from totalize.law.sources import places_of


def face(certificate: Certificate) -> dict[str, Any]:
    """Return everything written on the page of a certificate, as plain values."""
    words = catalogue(ENGLISH)
    kind = certificate.kind
    title = words.say(f"title_{kind}")
    return {
        "language": ENGLISH,
        "paper": "us-letter" if certificate.authority.country == "US" else "a4",
        "title": f"{title}, {certificate.worker.full_name}, {certificate.reference}",
        "author": certificate.authority.name,
        "keywords": [kind.value, certificate.covered_by, certificate.exempt_in],
        "description": words.say(f"description_{kind}"),
        "banner": None if kind is Kind.CERTIFICATE else words.say(f"banner_{kind}"),
        "watermark": "" if kind is Kind.CERTIFICATE else words.say(f"watermark_{kind}"),
        "heading": title,
        "answer": _answer(certificate, words),
        "glosses": _glosses(certificate),
        "columns": [words.say("column_fact"), words.say("column_entry")],
        "rows": _rows(certificate, words),
        "limits-heading": words.say("limits_heading"),
        "limits": limits(certificate),
        "check-heading": words.say("check_heading"),
        "check": _check(certificate, words),
        "qr-alt": words.say("qr_alt"),
        "qr-caption": words.say("qr_caption"),
        "twin-name": TWIN_NAME,
        "twin-type": MEDIA_TYPE,
        "twin-description": words.say("twin_description"),
        "sealed-name": SEALED_NAME,
        "sealed-description": words.say("sealed_description"),
    }


def limits(certificate: Certificate) -> list[str]:
    """Return what the document does not prove, in sentences."""
    words = catalogue(ENGLISH)
    keys = [] if certificate.kind is Kind.CERTIFICATE else [f"limit_{certificate.kind}"]
    keys += ["limit_work", "limit_permit", "limit_tax", "limit_change"]
    return [
        words.say(
            key,
            employer=certificate.employer.name,
            exempt=in_sentence(certificate.exempt_in),
            covered=in_sentence(certificate.covered_by),
        )
        for key in keys
    ]


def _answer(certificate: Certificate, words: Catalogue) -> str:
    return words.say(
        f"answer_{certificate.kind}",
        name=certificate.worker.full_name,
        covered=in_sentence(certificate.covered_by),
        exempt=in_sentence(certificate.exempt_in),
        employer=certificate.employer.name,
        span=words.span(certificate.first, certificate.last),
    )


def _glosses(certificate: Certificate) -> list[dict[str, str]]:
    language = OFFICE_LANGUAGES.get(certificate.exempt_in)
    # Japanese and Korean need a font that does not come along: the page would differ by machine.
    if language in (None, "ja", "ko"):
        return []
    words = catalogue(str(language))
    return [
        {
            "language": words.language,
            "text": words.say(
                f"gloss_{certificate.kind}",
                name=certificate.worker.full_name,
                covered=words.country(certificate.covered_by),
                exempt=words.country(certificate.exempt_in),
                span=words.span(certificate.first, certificate.last),
            ),
        }
    ]


def _rows(certificate: Certificate, words: Catalogue) -> list[tuple[str, ...]]:
    worker, employer, work = certificate.worker, certificate.employer, certificate.work
    born = words.day(worker.birth_date) if worker.birth_date else None
    number = f"*** ** {worker.number_ending}" if worker.number_ending else None
    citizens = ", ".join(NAMES.get(code, code) for code in worker.citizenships)
    place = NAMES.get(work.country, work.country)
    rows: list[tuple[str | None, ...]] = [
        (words.say("row_worker"), worker.full_name, "bold"),
        (words.say("row_born"), " · ".join(filter(None, [born, citizens])) or None),
        (words.say("row_number"), number),
        (
            words.say(f"row_employer_{work.activity}"),
            ", ".join(filter(None, [employer.name, employer.address])),
            "bold",
        ),
        (words.say("row_work"), f"{place}, {work.place}" if work.place else place),
        (words.say("row_host"), _party(certificate)),
        (words.say("row_period"), words.span(certificate.first, certificate.last), "bold"),
        (words.say("row_covered"), NAMES[certificate.covered_by]),
        (
            words.say("row_exempt", country=in_sentence(certificate.exempt_in)),
            words.insurances(certificate.lifts),
        ),
        (words.say("row_ground"), _ground(certificate, words)),
        (words.say("row_decided"), words.day(certificate.decided_on)),
        (words.say("row_made"), words.day(certificate.made_on.date())),
        (words.say("row_state"), _state(certificate, words)),
        (
            words.say("row_office"),
            ", ".join(filter(None, [certificate.authority.name, certificate.authority.address])),
        ),
        (words.say("row_reference"), certificate.reference, "code"),
        (words.say("row_fact"), certificate.fact, "code"),
    ]
    return [tuple(str(cell) for cell in row) for row in rows if row[1] is not None]


def _party(certificate: Certificate) -> str | None:
    host = certificate.host
    return None if host is None else ", ".join(filter(None, [host.name, host.address]))


def _ground(certificate: Certificate, words: Catalogue) -> str:
    ground = certificate.ground
    cites = "; ".join(places_of(ground.citations))
    return (
        f"{words.say(f'rule_{ground.rule}')} ({cites})"
        if cites
        else words.say(f"rule_{ground.rule}")
    )


def _state(certificate: Certificate, words: Catalogue) -> str | None:
    if certificate.amends:
        return words.say("state_amends", reference=certificate.amends)
    if certificate.replaces:
        return words.say("state_replaces", reference=certificate.replaces)
    return None if certificate.state is State.VALID else words.say(f"state_{certificate.state}")


def _check(certificate: Certificate, words: Catalogue) -> list[str]:
    address = certificate.authority.check_address
    lines = []
    if address:
        lines.append(words.say("check_online", address=address))
    lines.append(words.say("check_file"))
    lines.append(words.say(f"check_{certificate.kind}"))
    return lines
