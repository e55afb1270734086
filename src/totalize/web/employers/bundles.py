"""What is made for many people at once: requests to send, audit files, applications.

It is made in the background, a person at a time; files are kept sealed with that person's key for
a month. A worker that dies loses the person it was at, no more.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task

from totalize import api
from totalize.certificates.jose import sign_token
from totalize.certificates.pack.assembly import write_pack
from totalize.certificates.x5c import chain_header
from totalize.coverage.case_file import write_case
from totalize.kernel.errors import InputError
from totalize.rosters.formulas import guard
from totalize.web.accounts.models import Organisation, User
from totalize.web.applications.models import Application
from totalize.web.applications.requestkey import request_key
from totalize.web.applications.services.submission import proof_of
from totalize.web.audit.services import record
from totalize.web.certificates.models import Copy, Issued
from totalize.web.certificates.selectors import pdf_of
from totalize.web.employers.asking import begin, lacking
from totalize.web.employers.board import Standing, spells_of
from totalize.web.employers.models import Bundle, Part
from totalize.web.follow.models import Dossier
from totalize.web.follow.services import completed
from totalize.web.people.vault import seal, unseal

LACKING = [Standing.LAPSED.value, Standing.UNPROVEN.value, Standing.BREAKS.value]
CONTENTS, SIGNED = "contents.json", "contents.jws"
LIST_TYPE = "totalize-contents+jws"
KEPT_FOR = timedelta(days=30)
Kind = Bundle.Kind
Files = Iterable[tuple[str, bytes]]


@transaction.atomic
def order(*, organisation: Organisation, by: User, kind: str) -> Bundle:
    """Have a bundle made of everybody it is about; `dossiers_for` tells who that is.

    Raises:
        InputError: there is no such bundle, or nobody it could be about.
    """
    if kind not in Kind.values:
        raise InputError("kind", "is none", value=kind, expected=", ".join(Kind.values))
    dossiers = dossiers_for(organisation, kind)
    bundle = Bundle.objects.create(
        organisation=organisation, by=by, kind=kind, started_at=timezone.now()
    )
    parts = Part.objects.bulk_create(
        [Part(bundle=bundle, dossier=dossier) for dossier in dossiers.order_by("id")]
    )
    if not parts:
        raise InputError("people", "are none who need it", code="nobody")
    record(
        f"bundle.{kind}",
        actor=by,
        subject=f"bundle:{bundle.id}",
        facts={"people": len(parts)},
    )
    make.enqueue(str(bundle.id))
    return bundle


def dossiers_for(organisation: Organisation, kind: str) -> QuerySet[Dossier]:
    """Return the people a bundle is about: who lacks a paper, or for audit files everybody."""
    dossiers = Dossier.objects.filter(organisation=organisation)
    if kind == Kind.AUDIT:
        return dossiers
    if kind == Kind.APPLICATIONS:
        spells = lacking(organisation)
    else:
        spells = spells_of(organisation, timezone.localdate()).filter(standing__in=LACKING)
    return dossiers.filter(id__in=spells.order_by().values("dossier_id"))


@task()
def make(bundle_id: str) -> None:
    """Make what is not made yet of a bundle."""
    bundle = Bundle.objects.select_related("by", "organisation").get(id=bundle_id)
    parts = Part.objects.filter(bundle=bundle, done=False)
    for part in parts.select_related("dossier__person", "dossier__organisation").iterator(20):
        try:
            if bundle.kind == Kind.APPLICATIONS:
                _begin(part, bundle.by)
            else:
                _write(part, bundle)
        except InputError as error:
            part.problem = str(error)
            part.done = True
            part.save(update_fields=["problem", "done"])
    Bundle.objects.filter(id=bundle.id).update(made_at=timezone.now())


@transaction.atomic
def _begin(part: Part, by: User) -> None:
    part.made = begin(part.dossier, by=by)
    part.done = True
    part.save(update_fields=["made", "done"])


def _write(part: Part, bundle: Bundle) -> None:
    moment = timezone.now()
    files_of = {Kind.PACKS.value: request_files, Kind.AUDIT.value: audit_files}[bundle.kind]
    files = list(files_of(part.dossier, moment, bundle.by))
    part.data = seal(part.dossier.person, _purpose(part), as_zip(files, moment))
    part.made = 1
    part.done = True
    part.save(update_fields=["data", "made", "done"])


def forget_old(at: datetime | None = None) -> int:
    """Remove bundles that are older than a month; return how many there were."""
    old = Bundle.objects.filter(started_at__lt=(at or timezone.now()) - KEPT_FOR)
    return int(old.delete()[1].get("employers.Bundle", 0))


def fetch(bundle: Bundle, *, by: User) -> IO[bytes]:
    """Return a bundle as one file: a zip a person, and a list of those for whom there is none."""
    whole = TemporaryFile()  # noqa: SIM115 - the answer that sends it closes it
    unmade = [("worker_id", "problem")]
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as target:
        parts = bundle.parts.select_related("dossier__person")
        for number, part in enumerate(parts.iterator(chunk_size=20), 1):
            dossier = part.dossier
            if part.data is None:
                unmade.append((guard(dossier.key), guard(part.problem)))
                continue
            name = _safe(dossier.key or dossier.person.full_name)
            data = unseal(dossier.person, _purpose(part), bytes(part.data))
            target.writestr(f"{number:05d}-{name}.zip", data)
        if len(unmade) > 1:
            target.writestr("not-made.csv", _table(unmade))
    with transaction.atomic():
        record("bundle.fetched", actor=by, subject=f"bundle:{bundle.id}")
    whole.seek(0)
    return whole


def request_files(dossier: Dossier, moment: datetime, _by: User) -> Iterator[tuple[str, bytes]]:
    """Yield the papers to send for each work of a person that lacks its certificate.

    Raises:
        InputError: none of the works has a request that could be written.
    """
    details = {"full_name": dossier.person.full_name}
    day = moment.date()
    works = dict.fromkeys(
        dossier.spells.filter(proof__in=["needed", "held"]).values_list("work", flat=True)
    )
    problem = InputError("work", "needs no certificate", code="not_needed")
    made = False
    for work in works:
        try:
            pack = api.request(completed(dossier), work, details=details, as_of=day)
        except InputError as error:
            problem = error
            continue
        made = True
        for name, data in write_pack(pack, moment):
            yield f"{_safe(work)}/{name}", data
    if not made:
        raise problem


def audit_files(dossier: Dossier, moment: datetime, by: User) -> Iterator[tuple[str, bytes]]:
    """Yield everything kept of a person, and a signed list of it with the digest of each file."""
    files = list(_kept(dossier, moment, by))
    contents = {
        "person": str(dossier.person_id),
        "worker_id": dossier.key,
        "made_on": moment.isoformat(),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files},
    }
    key = request_key()
    token = sign_token(contents, key, {"typ": LIST_TYPE, **chain_header(key)})
    yield from files
    yield CONTENTS, _as_json(contents)
    yield SIGNED, token.encode()


def as_zip(files: Files, moment: datetime) -> bytes:
    """Return files as a zip, all of them dated with one moment."""
    data = io.BytesIO()
    stamp = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files:
            target.writestr(zipfile.ZipInfo(name, stamp), content, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def _kept(dossier: Dossier, moment: datetime, by: User) -> Iterator[tuple[str, bytes]]:
    case = completed(dossier)
    yield "case.yaml", write_case(case, as_json=False).encode()
    if dossier.problem is None:
        yield "determination.json", _as_json(api.check(case, moment.date()).to_dict())
    applications = Application.objects.filter(person=dossier.person, employer=dossier.organisation)
    in_order = applications.order_by("created_at", "id").prefetch_related("steps__by")
    for number, application in enumerate(in_order, 1):
        rows = [("at", "move", "state", "by", "note")]
        rows += [
            (step.at.isoformat(), step.move, step.state, str(step.by or "system"), step.note)
            for step in application.steps.all()
        ]
        yield f"applications/{number:02d}-history.csv", _table(rows)
        if application.determination is not None:
            yield f"applications/{number:02d}-decided.json", _as_json(application.determination)
        if application.proof is not None:
            proof = proof_of(application, by)
            yield f"applications/{number:02d}-proof-of-request.pdf", proof
    certificates = Issued.objects.filter(application__in=applications).select_related("person")
    for number, issued in enumerate(certificates.order_by("issued_at", "id"), 1):
        yield f"certificates/{number:02d}-{issued.state}.pdf", pdf_of(issued)
    copies = Copy.objects.filter(issued__in=certificates).order_by("at", "id").select_related("by")
    rows = [("at", "certificate", "role", "holder", "how")]
    rows += [
        (copy.at.isoformat(), str(copy.issued_id), copy.role, copy.holder, copy.how)
        for copy in copies
    ]
    yield "copies.csv", _table(rows)


def _table(rows: Iterable[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _as_json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _purpose(part: Part) -> str:
    return f"bundle:{part.bundle_id}:{part.id}"


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60] or "work"
