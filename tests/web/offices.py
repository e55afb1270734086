"""An issuing office for the tests: keys that follow from constants, described in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from django.conf import settings
from tests.certificates import authority

from totalize.certificates.keys import to_pem

STATUS_URI = "https://coverage.example.org/certificates/status"
CONTEST = {
    "words": "Write to the Test Office of Coverage and say why the decision is wrong.",
    "within_days": 60,
    "ground": "Rule 1 of the test office",
}


def set_up_office(folder: Path | None = None, **changes: Any) -> Path:
    """Describe the test authority in a data folder, with other parts where they are given."""
    folder = folder or settings.INSTALLATION.data_dir
    signer, above = authority.signer(), authority.intermediate().certificate
    (folder / "signer.p12").write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"signer", signer.key, signer.certificate, [above], NoEncryption()
        )
    )
    roots = (authority.root().certificate, above, signer.certificate)
    (folder / "anchors.pem").write_bytes(to_pem(roots))
    described = {
        "office": {
            "name": "Test Office of Coverage",
            "country": "US",
            "address": "1 Coverage Street, Baltimore",
            "check_address": "https://coverage.example.org/verify/",
        },
        "key": {"file": "signer.p12"},
        "anchors": "anchors.pem",
        "status_uri": STATUS_URI,
        "contest": CONTEST,
        **changes,
    }
    path = folder / "authority.yaml"
    path.write_text(json.dumps({name: part for name, part in described.items() if part}))
    return path
