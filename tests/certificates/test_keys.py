"""Keys in files and on tokens do the same; issuing needs all that belongs to it."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from tests.certificates import authority as office
from totalize.certificates.authority import (
    NotAnAuthorityError,
    Setting,
    issue,
    missing_for_issuing,
)
from totalize.certificates.issuing import make
from totalize.certificates.keys import FileKey, TokenKey, load_file_key
from totalize.certificates.model import Authority, Kind, read_twin
from totalize.certificates.sealing import seal, unseal
from totalize.certificates.specimen import throw_away_key
from totalize.certificates.verification.report import Verdict
from totalize.kernel.errors import InputError

OFFICE = Authority(name="Test Office", country="US", check_address=office.CHECK_ADDRESS)
SOFTHSM = next(
    (
        path
        for path in (
            Path("/usr/lib/softhsm/libsofthsm2.so"),
            Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
        )
        if path.exists()
    ),
    None,
)


def bundle(key=None, password=b"secret"):
    signer = office.signer()
    return pkcs12.serialize_key_and_certificates(
        b"signer",
        key or signer.key,
        signer.certificate if key is None else None,
        [office.intermediate().certificate, office.root().certificate],
        BestAvailableEncryption(password),
    )


def setting(**changes):
    base = {
        "office": OFFICE,
        "key": office.key(),
        "anchors": office.anchors(),
        "status_uri": office.STATUS_URI,
    }
    return Setting(**{**base, **changes})


def test_a_key_file_signs_what_verifies(tmp_path):
    path = tmp_path / "signer.p12"
    path.write_bytes(bundle())
    key = load_file_key(path, "secret")
    assert key.chain == (office.intermediate().certificate,)  # the root stays at home
    made = make(office.certificate(), key)
    for document in (made.pdf, made.token):
        assert office.verifier().check(document, office.IN_FORCE).verdict is Verdict.VALID


@pytest.mark.parametrize(
    ("content", "password"),
    [(None, "x"), (b"junk", "x"), (bundle(), "wrong"), (bundle(), None)],
)
def test_a_key_file_that_can_not_be_used_says_why(tmp_path, content, password):
    path = tmp_path / "signer.p12"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError):
        load_file_key(path, password)


def test_a_key_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "rsa.p12"
    path.write_bytes(bundle(rsa.generate_private_key(65537, 2048)))
    with pytest.raises(InputError):
        load_file_key(path, "secret")
    curve = office.certify(1, "x")
    with pytest.raises(InputError):
        FileKey(ec.generate_private_key(ec.SECP256K1()), _on(ec.SECP256K1()))
    assert curve.key.curve.name == "secp256r1"


def test_an_authority_lacks_nothing():
    assert missing_for_issuing(setting(), office.SIGNED) == ()


def test_everything_that_is_missing_is_listed_at_once():
    problems = missing_for_issuing(Setting(), office.SIGNED)
    assert len(problems) == 4
    with pytest.raises(NotAnAuthorityError, match=r"no issuing office.*no https.*no root.*no sign"):
        issue(_subject(), Setting(), office.SIGNED, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"office": Authority(name=" ", country="US")}, "no issuing office"),
        ({"office": Authority(name="Office", country="FR")}, "another country"),
        ({"status_uri": "http://coverage.example.org/status"}, "https"),
        ({"key": office.key(office.short_signer())}, "ends within a month"),
        ({"key": throw_away_key(office.SIGNED)[0]}, "made for specimens"),
        (
            {"key": FileKey(office.private(99), office.signer().certificate)},
            "does not belong to its certificate",
        ),
        ({"key": office.key(office.certify(98, "Stranger"))}, "does not hold under the root"),
    ],
)
def test_what_does_not_fit_together_is_refused(changes, words):
    at = datetime(2027, 12, 20, tzinfo=UTC)
    problems = missing_for_issuing(setting(**changes), at)
    assert any(words in problem for problem in problems), problems


def _subject(details=None):
    from tests.certificates.test_request import DETAILS, case, subject_of

    return subject_of(case(), DETAILS if details is None else details)[0]


def test_an_authority_issues_what_the_determination_says():
    made = issue(_subject(), setting(), office.SIGNED, 4711)
    assert made.certificate.kind is Kind.CERTIFICATE
    assert made.certificate.covered_by == "US"
    assert made.certificate.worker.number_ending == "4320"
    assert b"987-65" not in made.pdf
    report = office.verifier().check(made.pdf, office.IN_FORCE)
    assert report.verdict is Verdict.VALID
    assert report.reference == made.certificate.reference


def test_an_authority_issues_for_its_own_country_and_a_named_person_only():
    from tests.certificates.test_request import DETAILS, case, subject_of

    german, _ = subject_of(case("DE", "US"), DETAILS)
    with pytest.raises(InputError) as caught:
        issue(german, setting(), office.SIGNED, 1)
    assert caught.value.code == "other_authority"
    with pytest.raises(InputError) as caught:
        issue(_subject({}), setting(), office.SIGNED, 1)
    assert caught.value.path == "details.full_name"


def test_the_full_number_is_read_by_the_office_it_is_sealed_for_only():
    from joserfc.jwk import ECKey

    certificate = office.certificate()
    receiver = ECKey.import_key(office.private(300))
    sealed = seal("987-65-4320", certificate.reference, receiver)
    made = make(certificate, office.key(), sealed=sealed)
    assert b"987-65-4320" not in made.pdf
    assert office.verifier().check(made.pdf, office.IN_FORCE).verdict is Verdict.VALID
    assert unseal(sealed, certificate.reference, receiver) == "987-65-4320"
    with pytest.raises(InputError):
        unseal(sealed, certificate.reference, ECKey.import_key(office.private(301)))
    with pytest.raises(InputError) as caught:
        unseal(sealed, "another", receiver)
    assert caught.value.code == "swapped"
    assert read_twin(certificate.twin()).worker.number_ending == "1234"


@pytest.fixture
def token(tmp_path, monkeypatch):
    """A software token with one key, made for this test."""
    if SOFTHSM is None or shutil.which("softhsm2-util") is None:
        pytest.skip("softhsm2 is not installed: signing on a token was not run")
    pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 is missing: not run")
    (tmp_path / "tokens").mkdir()
    config = tmp_path / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(config))
    words = "softhsm2-util --init-token --free --label test --pin 1234 --so-pin 5678"
    subprocess.run(
        words.split(),
        check=True,
        capture_output=True,
    )
    library = pkcs11.lib(str(SOFTHSM))
    library.reinitialize()
    with library.get_token(token_label="test").open(user_pin="1234", rw=True) as session:
        yield session


def test_a_token_signs_and_the_key_never_leaves_it(token):
    from pkcs11 import Attribute, KeyType, ObjectClass
    from pkcs11.util.ec import decode_ec_private_key, encode_named_curve_parameters

    curve = token.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}, local=True
    )
    _, private = curve.generate_keypair(store=True, label="signer")
    assert private[Attribute.EXTRACTABLE] is False
    assert private[Attribute.SENSITIVE] is True
    assert decode_ec_private_key is not None
    signer = office.certify_public(_public(token), 400, "Token signer")
    token.create_object(
        {
            Attribute.CLASS: ObjectClass.CERTIFICATE,
            Attribute.CERTIFICATE_TYPE: 0,
            Attribute.LABEL: "signer",
            Attribute.TOKEN: True,
            Attribute.SUBJECT: signer.subject.public_bytes(),
            Attribute.VALUE: office.der(signer),
        }
    )
    key = TokenKey(token, "signer", chain=(office.intermediate().certificate,))
    assert key.certificate == signer
    made = make(office.certificate(), key)
    from totalize.certificates.trust import Anchors
    from totalize.certificates.verification.verifier import Verifier

    known = (office.intermediate().certificate, signer)
    anchors = Anchors((office.root().certificate,), known)
    for document in (made.pdf, made.token):
        assert Verifier(anchors).check(document, office.IN_FORCE).verdict is Verdict.VALID


def _public(session):
    from cryptography.hazmat.primitives.serialization import load_der_public_key
    from pkcs11 import KeyType, ObjectClass
    from pkcs11.util.ec import encode_ec_public_key

    public = session.get_key(
        object_class=ObjectClass.PUBLIC_KEY, key_type=KeyType.EC, label="signer"
    )
    return load_der_public_key(encode_ec_public_key(public))


def _on(curve):
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    key = ec.generate_private_key(curve)
    name = x509.Name([])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(5)
        .not_valid_before(office.SIGNED)
        .not_valid_after(office.SIGNED + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
