"""A demonstration office: its own root and key, made for one folder, and named what it is."""

from __future__ import annotations

import json
import os
import secrets
from datetime import datetime
from pathlib import Path

from totalize.certificates.chains import make_chain
from totalize.web.config.installation import DEMONSTRATION_KEY

NAME = "DEMONSTRATION office, no authority"


def set_up(folder: Path, now: datetime, *, automatic: bool = False) -> None:
    """Describe a demonstration office in a data folder that has none.

    Certificates of it are real in form and worth nothing: nobody trusts its root, and every one
    of them is signed by, and issued in the name of, a demonstration.

    Args:
        folder: of the installation.
        now: the keys are good from a day before.
        automatic: plain cases are decided by themselves.
    """
    if (folder / "authority.yaml").exists():
        return
    chain = make_chain(
        "DEMONSTRATION",
        "Root of a demonstration, trusted by nobody",
        "Signer of a demonstration",
        now,
        country="US",
    )
    password = secrets.token_hex(16)
    _write(folder / "demonstration.password", password.encode())
    _write(folder / DEMONSTRATION_KEY, chain.bundle("demonstration", password))
    _write(folder / "demonstration.pem", chain.anchors())
    described = {
        "office": {
            "name": NAME,
            "country": "US",
            "address": "Made up to try the service. Not an authority of any country.",
        },
        "key": {"file": DEMONSTRATION_KEY, "password_file": "demonstration.password"},
        "anchors": "demonstration.pem",
        "status_uri": "https://demonstration.invalid/certificates/status",
        "automatic": {"enabled": automatic, "sample": "0.1"},
        "contest": {
            "words": "This is a demonstration. There is nothing to contest, and nobody to write to."
        },
    }
    # YAML reads JSON; the file is written last, since it is what turns the office on.
    _write(folder / "authority.yaml", json.dumps(described, indent=2).encode())


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
