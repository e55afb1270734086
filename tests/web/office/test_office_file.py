"""The file that makes an installation an office, and where its key may be."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from django.conf import settings
from offices import set_up_office
from tests.certificates import authority

from totalize.certificates.keys import to_pem
from totalize.web.applications.hooks import issues_here
from totalize.web.certificates import services
from totalize.web.certificates.office import issuing_country, office

LIBRARY = next(
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


@pytest.fixture(autouse=True)
def _no_office_afterwards() -> Iterator[None]:
    yield
    settings.INSTALLATION.authority_file.unlink(missing_ok=True)


def test_without_the_file_nothing_is_issued():
    assert services.setting() is None
    assert services.problems() == ("no authority.yaml is in the data folder",)
    assert not issues_here("US")


def test_an_office_issues_its_own_country_s_certificates():
    set_up_office()
    assert services.problems() == ()
    assert issuing_country() == "US"
    assert issues_here("US")
    assert not issues_here("DE")


def test_a_key_file_is_opened_with_a_password_from_a_file():
    path = set_up_office(key={"file": "locked.p12", "password_file": "password"})
    signer = authority.signer()
    (path.parent / "locked.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"signer",
            signer.key,
            signer.certificate,
            [authority.intermediate().certificate],
            BestAvailableEncryption(b"secret"),
        )
    )
    (path.parent / "password").write_text("wrong\n")
    assert any("password is wrong" in problem for problem in services.problems())
    (path.parent / "password").write_text("secret\n\n")
    assert services.problems() == ()
    assert "secret" not in repr(office())


def test_a_password_and_a_chain_that_cannot_be_read_are_said_in_words():
    path = set_up_office(key={"file": "signer.p12", "password_file": "password"})
    (path.parent / "password").write_bytes(b"\xff\xfe")
    assert any("password is no text" in problem for problem in services.problems())
    set_up_office(key={"module": "none.so", "token": "t", "label": "signer", "chain": "chain.pem"})
    (path.parent / "chain.pem").write_text("no certificates", encoding="utf-8")
    assert any("chain.pem holds no certificates" in problem for problem in services.problems())


def test_the_file_is_read_again_when_a_file_it_names_changes():
    path = set_up_office()
    first = office()
    assert office() is first
    anchors = path.parent / "anchors.pem"
    anchors.write_bytes(to_pem([authority.signer().certificate]))
    assert office() is not first
    assert any("name no root" in problem for problem in services.problems())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"office": None}, "no issuing office is named"),
        ({"office": {"name": "Office", "country": "ZZ"}}, "country 'ZZ' is none"),
        ({"office": {"name": "Office", "country": "DE"}}, "names another country"),
        ({"key": None}, "there is no signing key"),
        ({"key": {"label": "signer"}}, "names neither a file nor a token"),
        ({"anchors": None}, "no root certificate"),
        ({"anchors": "none.pem"}, "cannot read none.pem"),
        ({"status_uri": "http://coverage.example.org"}, "no https address"),
        ({"automatic": {"sample": "all"}}, "is no share"),
        ({"colour": "green"}, "colour"),
        ({"answer_within_days": "soon"}, "answer_within_days"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_every_fault_is_said_in_words(changes, words):
    set_up_office(**changes)
    assert any(words in problem for problem in services.problems())
    assert issuing_country() is None


@pytest.fixture
def token(tmp_path, monkeypatch) -> Iterator[Any]:
    """A software token with a key that was made on it, and never leaves it."""
    if LIBRARY is None or shutil.which("softhsm2-util") is None:
        pytest.skip("softhsm2 is not installed: a key on a token was not tried")
    pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 is missing: not tried")
    (tmp_path / "tokens").mkdir()
    config = tmp_path / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nobjectstore.backend = file\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(config))
    words = "softhsm2-util --init-token --free --label office --pin 1234 --so-pin 5678"
    subprocess.run(words.split(), check=True, capture_output=True)
    library = pkcs11.lib(str(LIBRARY))
    library.reinitialize()
    yield library.get_token(token_label="office")
    library.reinitialize()


def _made_on(session: Any) -> x509.Certificate:
    from pkcs11 import Attribute, KeyType
    from pkcs11.util.ec import encode_named_curve_parameters

    parameters = session.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}, local=True
    )
    public, _ = parameters.generate_keypair(store=True, label="signer")
    point = bytes(public[Attribute.EC_POINT])[2:]
    found = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    return authority.certify_public(found, 700, "Coverage signer on a token")


def test_a_key_may_stay_on_a_token(token):
    with token.open(user_pin="1234", rw=True) as session:
        signer = _made_on(session)
    key = {
        "module": str(LIBRARY),
        "token": "office",
        "label": "signer",
        "pin_file": "pin",
        "chain": "chain.pem",
    }
    path = set_up_office(key=key)
    (path.parent / "pin").write_text("0000\n")
    chain = [signer, authority.intermediate().certificate]
    (path.parent / "chain.pem").write_bytes(to_pem(chain))
    assert any("cannot be opened" in problem for problem in services.problems())
    (path.parent / "pin").write_text("1234\n\n")
    assert services.problems() == ()
    assert services.setting().key.certificate == signer
    set_up_office(key=key, answer_within_days=20)
    assert services.problems() == ()
