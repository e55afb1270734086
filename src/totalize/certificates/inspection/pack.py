"""The inspection pack: files in the order in which somebody at a site needs them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import NamedTuple

from totalize.certificates.inspection.extract import ask_paper, law_extract
from totalize.certificates.model import Certificate, Kind
from totalize.certificates.pack.assembly import NOTES, write_paper
from totalize.certificates.verification.pdf import read_facts
from totalize.certificates.wording import catalogue
from totalize.kernel.errors import InputError


class File(NamedTuple):
    """A file of a pack."""

    name: str
    content: bytes


def inspection_pack(
    certificate: Certificate,
    pdf: bytes | None,
    language: str,
    made_on: datetime,
    *,
    proof: bytes | None = None,
    check: bytes | None = None,
    anchors: bytes | None = None,
    status_list: str | None = None,
) -> tuple[File, ...]:
    """Return what an inspector is handed.

    Args:
        certificate: the facts: of the certificate; or of the proof of request, where a foreign
            office made the paper or none has been made yet.
        pdf: the certificate as it was issued, byte for byte; None while there is none.
        language: of the inspector; one of `wording.languages()`.
        made_on: the moment, with a time zone.
        proof: the signed proof of request.
        check: the signed record of a check.
        anchors: PEM of the roots, so that the file can be checked without a network.
        status_list: the signed status list, for the same.

    Raises:
        InputError: there is neither certificate nor proof, the file is another certificate's,
            or nobody speaks that language here.
    """
    if catalogue(language).language != language:
        raise InputError("language", "has no catalogue", value=language, code="unknown_language")
    if pdf is None and proof is None:
        raise InputError(
            "pdf", "is missing", expected="the certificate or the proof of request", code="missing"
        )
    if pdf is not None and certificate.kind is Kind.CERTIFICATE:
        _check_same(certificate, pdf)
    notes: list[str] = []
    words = catalogue(language)
    given = [
        ("certificate.pdf", "certificate", pdf),
        ("proof-of-request.pdf", "proof", proof),
        ("record-of-check.pdf", "check", check),
        ("anchors.pem", "anchors", anchors),
        ("status-list.jwt", "status", None if status_list is None else status_list.encode()),
    ]
    present = [item for item in given if item[2] is not None]
    listed = [(name, f"inspection_file_{key}") for name, key, _ in present]
    listed.insert(1, ("law", "inspection_file_law"))
    lines = [
        f"{position:02d}-{name}: {words.say(key)}"
        for position, (name, key) in enumerate(listed, start=1)
    ]
    files: list[File] = []
    front = ask_paper(certificate, lines, language)
    files += [File(*item) for item in write_paper(front, f"00-{front.name}", made_on, notes)]
    contents = {name: content for name, _, content in present}
    for position, (name, _) in enumerate(listed, start=1):
        number = f"{position:02d}-{name}"
        if name == "law":
            paper = law_extract(certificate, language)
            files += [File(*item) for item in write_paper(paper, number, made_on, notes)]
        else:
            files.append(File(number, contents[name] or b""))
    if notes:
        files.append(File(NOTES, "\n".join([*notes, ""]).encode()))
    return tuple(files)


def as_zip(files: Iterable[tuple[str, bytes]], made_on: datetime) -> bytes:
    """Return files as one ZIP archive: the same bytes for the same files and moment."""
    stamp = made_on.timetuple()[:6]
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, date_time=stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return output.getvalue()


def _check_same(certificate: Certificate, pdf: bytes) -> None:
    facts = read_facts(pdf)
    if facts is None or facts != certificate:
        raise InputError(
            "pdf",
            "is not this certificate's file",
            value=None if facts is None else facts.reference,
            expected=certificate.reference,
            code="swapped",
        )
