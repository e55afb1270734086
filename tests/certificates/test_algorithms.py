"""What a signature may be made with: what is listed, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from asn1crypto import algos, keys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.certificates import authority
from totalize.certificates.trust import ALGORITHMS, Anchors

MOMENT = datetime(2027, 1, 15, tzinfo=UTC)


def public(private: Any) -> keys.PublicKeyInfo:
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return keys.PublicKeyInfo.load(der)


def on_curve(curve: ec.EllipticCurve) -> Any:
    return lambda: ec.generate_private_key(curve)


def of_bits(bits: int) -> Any:
    return lambda: rsa.generate_private_key(65537, bits)


@pytest.mark.parametrize(
    ("scheme", "make_key", "allowed"),
    [
        ("sha256_ecdsa", on_curve(ec.SECP256R1()), True),
        ("sha512_ecdsa", on_curve(ec.SECP521R1()), True),
        ("sha1_ecdsa", on_curve(ec.SECP256R1()), False),
        ("sha256_ecdsa", on_curve(ec.SECP256K1()), False),
        ("sha256_ecdsa", on_curve(ec.SECP224R1()), False),
        ("sha256_ecdsa", of_bits(3072), False),
        ("sha256_rsa", of_bits(3072), True),
        ("sha256_rsa", of_bits(2048), False),
        ("sha1_rsa", of_bits(3072), False),
        ("md5_rsa", of_bits(3072), False),
        ("sha256_dsa", lambda: dsa.generate_private_key(1024), False),
        ("ed25519", ed25519.Ed25519PrivateKey.generate, False),
    ],
)
def test_a_scheme_is_allowed_with_a_listed_digest_and_a_strong_key(scheme, make_key, allowed):
    algorithm = algos.SignedDigestAlgorithm({"algorithm": scheme})
    found = ALGORITHMS.signature_algorithm_allowed(algorithm, MOMENT, public(make_key()))
    assert found.allowed is allowed


@pytest.mark.parametrize(("digest", "allowed"), [("sha256", True), ("sha1", False), ("md5", False)])
def test_a_digest_is_listed_or_refused(digest, allowed):
    algorithm = algos.DigestAlgorithm({"algorithm": digest})
    assert ALGORITHMS.digest_algorithm_allowed(algorithm, MOMENT).allowed is allowed


def test_a_chain_is_held_to_the_list():
    trusted = Anchors((authority.root().certificate,))
    above = [authority.intermediate().certificate]
    assert trusted.objection(authority.signer().certificate, above, MOMENT) is None
    weak = authority.certify(
        6, "Weak signer", issuer=authority.intermediate(), hash_algorithm=hashes.SHA224()
    )
    assert trusted.objection(weak.certificate, above, MOMENT) == "no_path"
