"""The commands as somebody types them."""

import json
from datetime import timedelta

import pytest

from tests.certificates import authority as office
from totalize.certificates.keys import to_pem
from totalize.certificates.model import State
from totalize.certificates.statuslist import status_list_token
from totalize.cli.main import main

CASE = """
contract: 1
worker: {citizenships: [US], residence: US, birth_date: 1985-04-02}
work:
  - id: munich
    activity: employment
    country: DE
    start: 2027-03-01
    expected_end: 2030-02-28
    employer: {name: Example Corp., country: US, affiliate_of: null}
    sent_from: US
    employed_before_transfer: true
    insured_before: US
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "case.yaml").write_text(CASE)
    (tmp_path / "details.yaml").write_text("full_name: Anna Example\nbirth_place: Columbus\n")
    (tmp_path / "issued.pdf").write_bytes(office.issued().pdf)
    (tmp_path / "code.txt").write_text(f"{office.CHECK_ADDRESS}#{office.issued().token}\n")
    anchors = (office.root(), office.intermediate(), office.signer())
    (tmp_path / "anchors.pem").write_bytes(to_pem([item.certificate for item in anchors]))
    listed = status_list_token(
        {4711: State.WITHDRAWN}, office.STATUS_URI, office.key(), office.IN_FORCE
    )
    (tmp_path / "list.jwt").write_text(listed)
    return tmp_path


def run(capsys, *words):
    status = main(list(words))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_a_specimen_is_made_and_checked(place, capsys):
    status, out, _ = run(
        capsys, "specimen", "case.yaml", "--work", "munich", "--out", "s.pdf", "--anchors", "s.pem"
    )
    assert (status, out) == (0, "")
    status, out, _ = run(capsys, "verify", "s.pdf", "--trust", "s.pem", "--json")
    report = json.loads(out)
    assert status == 1
    assert report["verdict"] == "specimen"
    assert report["intact"] is True
    assert report["trusted"] is True
    assert report["covers"]["from"] == "2027-03-01"
    assert report["does_not_prove"]


def test_another_specimens_anchors_do_not_do(place, capsys):
    for name in ("a", "b"):
        run(capsys, "specimen", "case.yaml", "--out", f"{name}.pdf", "--anchors", f"{name}.pem")
    status, out, _ = run(capsys, "verify", "a.pdf", "--trust", "b.pem", "--json")
    assert status == 1
    assert json.loads(out)["verdict"] == "untrusted"


@pytest.mark.parametrize("document", ["issued.pdf", "code.txt"])
def test_a_certificate_is_checked_offline(place, capsys, document):
    words = ("verify", document, "--trust", "anchors.pem", "--at", "2028-06-01")
    status, out, _ = run(capsys, *words)
    assert status == 0
    assert out.startswith("VALID\n")
    assert max(len(line) for line in out.splitlines()) <= 80
    status, out, _ = run(capsys, *words, "--status", "list.jwt")
    assert status == 1
    assert out.startswith("NOT VALID: withdrawn")


def test_an_inspector_reads_it_in_french(place, capsys):
    status, out, _ = run(
        capsys,
        "verify",
        "issued.pdf",
        "--trust",
        "anchors.pem",
        "--at",
        "2028-06-01",
        "--language",
        "fr",
    )
    assert status == 0
    assert out.startswith("VALABLE\n")
    assert "Législation applicable: États-Unis" in out


def test_a_moment_can_be_given_to_the_minute(place, capsys):
    listed = office.IN_FORCE + timedelta(hours=13)
    status, out, _ = run(
        capsys,
        "verify",
        "issued.pdf",
        "--trust",
        "anchors.pem",
        "--status",
        "list.jwt",
        "--at",
        listed.isoformat(),
        "--json",
    )
    assert status == 1
    assert json.loads(out)["verdict"] == "withdrawn"


def test_a_code_or_reference_can_be_typed(place, capsys):
    words = ("--trust", "anchors.pem", "--at", "2028-06-01")
    assert run(capsys, "verify", office.issued().token, *words)[0] == 0
    from totalize.certificates.reference import new_reference

    status, out, _ = run(capsys, "verify", new_reference(), *words, "--json")
    assert status == 1
    assert json.loads(out)["verdict"] == "unknown"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("verify", "none.pdf", "--trust", "anchors.pem"), "none.pdf is no file here"),
        (("verify", "case.yaml", "--trust", "anchors.pem"), "cannot be read"),
        (("verify", "issued.pdf", "--trust", "case.yaml"), "case.yaml cannot be read"),
        (("verify", "issued.pdf", "--trust", "none.pem"), "cannot read none.pem"),
        (("verify", ".", "--trust", "anchors.pem"), "cannot read"),
        (
            ("verify", "issued.pdf", "--trust", "anchors.pem", "--status", "issued.pdf"),
            "no status list",
        ),
        (("verify", "issued.pdf", "--trust", "anchors.pem", "--at", "soon"), "--at"),
        (
            ("specimen", "case.yaml", "--work", "x", "--out", "s.pdf", "--anchors", "s.pem"),
            "munich",
        ),
        (
            ("specimen", "case.yaml", "--out", "no/s.pdf", "--anchors", "s.pem"),
            "cannot write",
        ),
        (("request", "none.yaml", "--out", "d"), "cannot read none.yaml"),
        (("request", "case.yaml", "--details", "case.yaml", "--out", "d"), "details.contract"),
        (("request", "case.yaml", "--out", "case.yaml"), "--out"),
        (("request", "case.yaml", "--out", "d", "--time-service", "http://x"), "--time-service"),
        (("request", "case.yaml", "--out", "d", "--key-password", "case.yaml"), "--key beside it"),
        (
            ("specimen", "case.yaml", "--out", "s.pdf", "--anchors", "./s.pdf"),
            "the file of the specimen itself",
        ),
        (("verify", "issued.pdf", "--trust", "anchors.pem", "--language", "xx"), "--language"),
    ],
)
def test_what_can_not_be_used_ends_with_status_2_and_one_line(place, capsys, words, said):
    status, out, err = run(capsys, *words)
    assert status == 2
    assert out == ""
    assert said in err
    assert "Traceback" not in err
    assert len(err.splitlines()) == 1


def test_a_request_is_written_and_its_gaps_are_listed(place, capsys):
    status, out, err = run(
        capsys,
        "request",
        "case.yaml",
        "--work",
        "munich",
        "--details",
        "details.yaml",
        "--out",
        "pack",
        "--as-of",
        "2026-11-22",
    )
    assert (status, out) == (0, "")
    assert "details.hire_date" in err
    assert max(len(line) for line in err.splitlines()) <= 80
    names = sorted(path.name for path in (place / "pack").iterdir())
    assert names[:2] == ["00-cover.pdf", "00-cover.txt"]
    status, out, _ = run(capsys, "request", "case.yaml", "--out", "again", "--json")
    plain = json.loads(out)
    assert plain["draft"] is True
    assert "details.full_name" in [item["path"] for item in plain["missing"]]


def test_a_number_in_the_details_does_not_reach_the_specimen(place, capsys):
    details = place / "details.yaml"
    details.write_text("full_name: Anna Example\nsocial_security_number: 987-65-4320\n")
    run(
        capsys,
        "specimen",
        "case.yaml",
        "--details",
        "details.yaml",
        "--out",
        "s.pdf",
        "--anchors",
        "s.pem",
    )
    _, out, _ = run(capsys, "verify", "s.pdf", "--trust", "s.pem", "--json")
    assert json.loads(out)["covers"]["person"] == "Anna Example"
    assert b"987-65" not in (place / "s.pdf").read_bytes()


def test_whoever_has_a_key_can_prove_to_have_asked(place, capsys):
    from tests.certificates.test_keys import bundle

    (place / "key.p12").write_bytes(bundle())
    (place / "password").write_text("secret\n")
    words = ("request", "case.yaml", "--details", "details.yaml", "--out", "pack")
    more = ("--key", "key.p12", "--key-password", "password")
    assert run(capsys, *words, *more)[0] == 0
    status, out, _ = run(
        capsys,
        "verify",
        "pack/proof-of-request.pdf",
        "--trust",
        "anchors.pem",
        "--json",
        "--at",
        "2028-06-01",
    )
    assert status == 1
    assert json.loads(out)["verdict"] == "proof_of_request"
    assert run(capsys, *words, "--key", "key.p12")[0] == 2


def test_no_proof_is_signed_where_only_an_exception_is_asked_for(place, capsys):
    from tests.certificates.test_keys import bundle

    (place / "key.p12").write_bytes(bundle())
    (place / "password").write_text("secret\n")
    case = CASE.replace("country: DE", "country: IE").replace("employment\n", "self_employment\n")
    case = case.replace("residence: US", "residence: CH").replace(
        "sent_from: US", "sent_from: null"
    )
    lines = [line for line in case.splitlines() if "employ" not in line or "activity" in line]
    kept = [line for line in lines if "insured_before" not in line]
    (place / "case.yaml").write_text("\n".join(kept) + "\n    residence: CH\n")
    words = ("request", "case.yaml", "--out", "pack")
    assert run(capsys, *words, "--key", "key.p12", "--key-password", "password")[0] == 2
    assert not (place / "pack").exists()
    assert run(capsys, *words)[0] == 0
    assert (place / "pack" / "01-exception-letter-us.en.pdf").exists()


def test_a_day_outside_of_the_work_is_named(place, capsys):
    status, out, err = run(capsys, "request", "case.yaml", "--on", "2040-01-01", "--out", "pack")
    assert (status, out) == (2, "")
    assert "found '2040-01-01'" in err
    assert "from 2027-03-01 to 2030-02-28" in err
