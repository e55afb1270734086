"""The credential: shows what is disclosed, bound to its holder; read by another implementation."""

import base64
import json
from datetime import timedelta

import msgspec
import pytest
from joserfc.jwk import ECKey
from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier

from tests.certificates import authority as office
from totalize.certificates.credential import issue_credential, present, read_disclosure
from totalize.certificates.model import Kind, State
from totalize.certificates.statuslist import status_list_token
from totalize.certificates.verification.credential import Challenge, examine_credential
from totalize.certificates.verification.report import Verdict
from totalize.kernel.errors import InputError

HOLDER = ECKey.import_key(office.private(200))
ASKED = Challenge("https://inspector.example", "n-0S6_WzA2Mj")
NOW = office.IN_FORCE


def issued(number=None, **changes):
    public = ECKey.import_key(HOLDER.as_dict(private=False))
    return issue_credential(office.certificate(**changes), office.key(), public, number=number)


def shown(credential, *names, at=NOW):
    return present(credential, names, HOLDER, audience=ASKED.audience, nonce=ASKED.nonce, at=at)


def examine(text, challenge=ASKED, at=NOW):
    return examine_credential(text, office.anchors(), at, challenge)


def test_the_verifier_learns_only_what_is_disclosed():
    found = examine(shown(issued(number="987-65-4320"), "name", "employer"))
    assert found.change is None
    assert found.bound
    assert set(found.disclosed) == {"name", "employer"}
    assert found.covers.person == "Ada Example"
    assert found.covers.born is None
    text = shown(issued(number="987-65-4320"), "name")
    decoded = "".join(
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("latin-1")
        for piece in text.split("~")
        for part in piece.split(".")
        if part
    )
    assert "987-65-4320" not in decoded
    assert "Example Software" not in decoded


def test_nothing_about_the_person_is_open():
    token = issued().split("~")[0].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    for value in ("Ada", "1985", "Example Software", "Munich", office.certificate().reference):
        assert value not in json.dumps(claims)
    assert claims["vct"] == "urn:totalize:certificate-of-coverage:1"
    assert claims["legislation_country"] == "US"
    assert claims["starting_date"] == "2027-03-01"


def test_salts_are_fresh_and_long():
    texts = [text for _ in range(20) for text in issued().split("~")[1:-1]]
    salts = {read_disclosure(text)[0] for text in texts}
    assert len(salts) == len(texts)
    assert all(len(salt) >= 22 for salt in salts)


def test_one_door_checks_credentials_too():
    report = office.verifier().check(shown(issued(), "name", "employer"), NOW)
    assert report.verdict is Verdict.VALID
    assert report.kind is Kind.CERTIFICATE
    unbound = office.verifier().check(issued(), NOW)
    assert unbound.verdict is Verdict.VALID
    assert "holder_not_proven" in [note.code for note in unbound.reasons]


def test_a_withdrawn_credential_is_withdrawn():
    listed = status_list_token(
        {4711: State.WITHDRAWN}, office.STATUS_URI, office.key(), NOW - timedelta(hours=1)
    )
    report = office.verifier(listed).check(shown(issued(), "name"), NOW)
    assert report.verdict is Verdict.WITHDRAWN


def test_a_specimen_has_its_own_type():
    report = office.verifier().check(issued(kind=Kind.SPECIMEN), NOW)
    assert report.verdict is Verdict.SPECIMEN
    assert "urn:totalize:specimen:1" in base64.urlsafe_b64decode(
        issued(kind=Kind.SPECIMEN).split("~")[0].split(".")[1] + "=="
    ).decode("latin-1")


def test_a_disclosure_of_another_credential_does_not_belong():
    foreign = issued(worker=msgspec.structs.replace(office.certificate().worker, full_name="M"))
    mine = issued().split("~")
    mine[1] = foreign.split("~")[1]
    assert examine("~".join(mine), None).change == "disclosure_wrong"
    report = office.verifier().check("~".join(mine), NOW)
    assert report.verdict is Verdict.ALTERED


def test_a_disclosure_shown_twice_is_refused():
    parts = issued().split("~")
    assert examine("~".join([*parts[:2], *parts[1:]]), None).change == "disclosure_wrong"


def test_another_holder_can_not_show_it():
    thief = ECKey.import_key(office.private(201))
    text = present(issued(), ["name"], thief, audience=ASKED.audience, nonce=ASKED.nonce, at=NOW)
    assert examine(text).change == "binding_wrong"
    assert office.verifier().check(text, NOW).verdict is Verdict.ALTERED


@pytest.mark.parametrize(
    "other",
    [
        Challenge("https://other.example", ASKED.nonce),
        Challenge(ASKED.audience, "another"),
    ],
)
def test_a_proof_for_somebody_else_does_not_do(other):
    assert examine(shown(issued(), "name"), other).change == "binding_wrong"


def test_an_old_proof_does_not_do():
    early = shown(issued(), "name", at=NOW - timedelta(hours=1))
    assert examine(early).change == "binding_wrong"
    assert examine(issued()).change == "binding_missing"


def test_a_disclosure_added_after_the_proof_is_noticed():
    credential = issued()
    text = shown(credential, "name")
    head, proof = text.rsplit("~", 1)
    extra = next(part for part in credential.split("~")[1:-1] if part not in head)
    assert examine(f"{head}~{extra}~{proof}").change == "binding_wrong"


def test_a_forged_token_is_noticed():
    credential = issued()
    header, payload, rest = credential.split(".", 2)
    claims = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    forged = base64.urlsafe_b64encode(claims.replace(b"2030-02-28", b"2039-02-28")).rstrip(b"=")
    assert examine(f"{header}.{forged.decode()}.{rest}", None).change == "signature_wrong"


def test_a_credential_ends_with_its_coverage():
    later = NOW.replace(year=2031)
    assert office.verifier().check(issued(), later).verdict is Verdict.EXPIRED
    open_ended = issued(last=None)
    assert office.verifier().check(open_ended, NOW).verdict is Verdict.EXPIRED  # after a year
    soon = office.SIGNED.replace(month=6)
    assert office.verifier().check(open_ended, soon).verdict is Verdict.VALID


def test_what_is_not_in_it_can_not_be_disclosed():
    with pytest.raises(InputError):
        shown(issued(), "salary")


def test_junk_is_unreadable():
    spoilt = issued().replace("~", "~!!!", 1)
    assert office.verifier().check(spoilt, NOW).verdict is Verdict.ALTERED
    for text in ("ey.a.b~", issued()[3:], issued().split("~")[0] + "~e30~"):
        with pytest.raises(InputError):
            office.verifier().check(text, NOW)


def test_the_reference_implementation_reads_it():
    """Second opinion: the sd-jwt package of the OpenWallet Foundation."""
    public = JWK.from_pyca(office.signer().certificate.public_key())
    holder = JWK.from_pyca(office.private(200).public_key())
    text = shown(issued(), "name", "employer", at=NOW)
    seen = []

    def issuer_key(issuer, header):
        seen.append(header)
        return public

    verified = SDJWTVerifier(text, issuer_key, ASKED.audience, ASKED.nonce).get_verified_payload()
    assert verified["name"] == "Ada Example"
    assert verified["employer"]["name"] == "Example Software Corp."
    assert "birthdate" not in verified
    assert verified["cnf"]["jwk"]["x"] == json.loads(holder.export_public())["x"]
    assert seen[0]["typ"] == "dc+sd-jwt"
