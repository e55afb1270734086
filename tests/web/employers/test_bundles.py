"""Requests and audit files for many people, made in the background; applications begun once."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from copy import deepcopy
from datetime import timedelta

import pytest
import time_machine
from cryptography import x509
from django.utils import timezone
from factories import MUNICH, make_organisation, make_person, make_user

from totalize.certificates.jose import public_jwk, read_token
from totalize.certificates.x5c import read_chain
from totalize.kernel.errors import InputError
from totalize.web.applications.models import Application
from totalize.web.applications.requestkey import request_anchors
from totalize.web.employers.asking import begin, works_lacking
from totalize.web.employers.bundles import KEPT_FOR, fetch, forget_old, make, order
from totalize.web.employers.models import Part
from totalize.web.follow.services import open_dossier

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2027-06-01T09:00:00Z", tick=False):
        yield


@pytest.fixture
def team():
    manager = make_user()
    return manager, make_organisation(manager)


def follow(team, key="A1", **changes):
    case = deepcopy(MUNICH)
    case["work"][0].update(changes)
    return open_dossier(
        by=team[0],
        person=make_person(full_name=f"Person {key}"),
        case=case,
        organisation=team[1],
        key=key,
    )


def opened(bundle, by):
    """Return the files of a bundle, person by person."""
    with fetch(bundle, by=by) as file, zipfile.ZipFile(file) as whole:
        return {
            name: zipfile.ZipFile(io.BytesIO(whole.read(name)))
            for name in whole.namelist()
            if name.endswith(".zip")
        }


def test_requests_are_made_for_those_who_lack_a_paper_and_for_nobody_else(team):
    follow(team)
    held = {"issued_by": "US", "from": "2027-03-01", "to": "2030-02-28"}
    follow(team, "A2", certificate=held)
    people = opened(order(organisation=team[1], by=team[0], kind="packs"), team[0])
    assert list(people) == ["00001-A1.zip"]
    (pack,) = people.values()
    assert any(name.endswith(".pdf") for name in pack.namelist())
    assert all(name.startswith("munich/") for name in pack.namelist())


def test_the_audit_file_has_a_signed_list_of_what_is_in_it(team):
    follow(team)
    (file,) = opened(order(organisation=team[1], by=team[0], kind="audit"), team[0]).values()
    token = read_token(file.read("contents.jws").decode())
    signer, _ = read_chain(token.header)
    assert token.signed_by(public_jwk(signer))
    assert signer in x509.load_pem_x509_certificates(request_anchors())
    assert set(file.namelist()) == {*token.payload["files"], "contents.json", "contents.jws"}
    assert token.payload == json.loads(file.read("contents.json"))
    for name, digest in token.payload["files"].items():
        assert hashlib.sha256(file.read(name)).hexdigest() == digest
    assert {"case.yaml", "determination.json", "copies.csv"} <= set(token.payload["files"])


def test_files_lie_sealed_and_nobody_else_makes_them_again(team):
    follow(team)
    bundle = order(organisation=team[1], by=team[0], kind="audit")
    data = bytes(Part.objects.get().data)
    assert not data.startswith(b"PK")
    make.func(str(bundle.id))
    assert bytes(Part.objects.get().data) == data


def test_where_nobody_lacks_a_paper_none_is_made(team):
    with pytest.raises(InputError, match="people"):
        order(organisation=team[1], by=team[0], kind="packs")


def test_each_work_that_lacks_a_paper_gets_one_application_however_often_it_is_asked(team):
    dossiers = [follow(team), follow(team, "A2")]
    assert works_lacking(team[1]) == 2
    bundle = order(organisation=team[1], by=team[0], kind="applications")
    assert [part.made for part in bundle.parts.all()] == [1, 1]
    assert works_lacking(team[1]) == 0
    assert begin(dossiers[0], by=team[0]) == 0
    with pytest.raises(InputError, match="people"):
        order(organisation=team[1], by=team[0], kind="applications")
    assert Application.objects.filter(employer=team[1]).count() == 2


def test_a_bundle_of_no_known_kind_is_refused(team):
    follow(team)
    with pytest.raises(InputError, match="kind"):
        order(organisation=team[1], by=team[0], kind="everything")


def test_files_are_forgotten_after_a_month(team):
    follow(team)
    order(organisation=team[1], by=team[0], kind="audit")
    assert forget_old() == 0
    assert forget_old(timezone.now() + KEPT_FOR + timedelta(seconds=1)) == 1
    assert not Part.objects.exists()


def test_a_person_for_whom_nothing_can_be_made_is_listed_as_text(team):
    dossier = follow(team, "=1+1")
    Part.objects.all().delete()
    bundle = order(organisation=team[1], by=team[0], kind="audit")
    Part.objects.filter(dossier=dossier).update(data=None, problem='no "way"')
    with fetch(bundle, by=team[0]) as file, zipfile.ZipFile(file) as whole:
        assert whole.read("not-made.csv").decode().splitlines()[1] == '\'=1+1,"no ""way"""'
