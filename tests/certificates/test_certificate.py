"""A certificate as it is made: what it says, how it is signed, and that it checks."""

import io
from datetime import date, datetime, timedelta

import msgspec
import pytest
from pypdf import PdfReader

from tests.certificates import authority as office
from totalize.certificates.face import face, limits
from totalize.certificates.issuing import make
from totalize.certificates.model import Kind, Party, read_twin
from totalize.certificates.reference import (
    new_fact,
    new_reference,
    parse_reference,
    same_fact,
)
from totalize.certificates.rendering import CannotSetError, render
from totalize.certificates.specimen import make_specimen, throw_away_key
from totalize.certificates.trust import read_anchors
from totalize.certificates.verification.report import Verdict
from totalize.certificates.verification.verifier import Verifier
from totalize.kernel.errors import InputError


def test_a_certificate_is_valid_in_its_period_and_not_around_it():
    verifier = office.verifier()
    days = {
        date(2027, 2, 28): Verdict.NOT_YET_VALID,
        date(2027, 3, 1): Verdict.VALID,
        date(2030, 2, 28): Verdict.VALID,
        date(2030, 3, 1): Verdict.EXPIRED,
    }
    for document in (office.issued().pdf, office.issued().token):
        for day, verdict in days.items():
            at = datetime(day.year, day.month, day.day, 12, tzinfo=office.SIGNED.tzinfo)
            assert verifier.check(document, at).verdict is verdict


def test_the_report_answers_who_where_and_until_when():
    report = office.verifier().check(office.issued().pdf, office.IN_FORCE)
    assert report.exit_status == 0
    assert report.signed_by == "Test Office of Coverage, Coverage signer"
    assert report.in_force
    plain = report.to_dict()
    assert plain["covers"] == {
        "person": "Ada Example",
        "born": "1985",
        "employer": "Example Software Corp.",
        "work_in": "DE",
        "covered_by": "US",
        "exempt_in": "DE",
        "from": "2027-03-01",
        "to": "2030-02-28",
    }
    assert plain["time"]["proven"] is None
    assert [note["code"] for note in plain["reasons"]] == [
        "verdict_valid",
        "time_not_proven",
        "status_no_list_given",
    ]
    assert any("income tax" in sentence for sentence in plain["does_not_prove"])


def test_the_twin_says_the_same_and_reads_back():
    certificate = office.certificate()
    assert read_twin(certificate.twin()) == certificate
    assert certificate.to_dict()["from"] == "2027-03-01"


def test_a_question_about_a_day_before_signing_is_about_coverage():
    late = msgspec.structs.replace(
        office.certificate(), made_on=office.SIGNED + timedelta(days=300)
    )
    report = office.verifier().check(make(late, office.key()).pdf, office.IN_FORCE)
    assert report.verdict is Verdict.VALID
    assert report.time.claimed > office.SIGNED


def test_no_number_but_its_last_four_digits_stands_anywhere_in_the_open():
    certificate = office.certificate()
    words = str(face(certificate))
    assert "1234" in words
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"full_name": "Ada", "number_ending": "000-12-1234"}, Party)


def test_an_open_end_is_said_and_never_expires():
    certificate = office.certificate(last=None)
    made = make(certificate, office.key())
    assert "no end date" in face(certificate)["answer"]
    far = datetime(2035, 6, 1, tzinfo=office.SIGNED.tzinfo)
    for document in (made.pdf, made.token):
        assert office.verifier().check(document, far).verdict is Verdict.VALID


def test_a_specimen_is_never_valid_and_says_so_everywhere():
    specimen = make_specimen(office.certificate(kind=Kind.SPECIMEN, status=None))
    verifier = Verifier(read_anchors(specimen.anchors))
    for document in (specimen.made.pdf, specimen.made.token):
        report = verifier.check(document, office.IN_FORCE)
        assert report.verdict is Verdict.SPECIMEN
        assert report.exit_status == 1
        assert report.intact
        assert report.in_force is None
        assert "proves nothing" in report.reasons[0].text
    page = face(specimen.made.certificate)
    for part in ("heading", "banner", "watermark", "title", "description"):
        assert "specimen" in page[part].lower()
    assert limits(specimen.made.certificate)[0].startswith("It is a specimen")


def test_only_a_specimen_is_signed_with_a_throw_away_key():
    with pytest.raises(ValueError, match="only a specimen"):
        make_specimen(office.certificate())


def test_a_throw_away_key_makes_no_certificate_even_under_its_own_root():
    key, root = throw_away_key(office.SIGNED)
    forged = make(office.certificate(), key)
    verifier = Verifier(read_anchors(_pem(root, key.certificate)))
    for document in (forged.pdf, forged.token):
        assert verifier.check(document, office.IN_FORCE).verdict is Verdict.SPECIMEN


def test_a_proof_of_request_is_no_certificate():
    made = make(office.certificate(kind=Kind.PROOF_OF_REQUEST, status=None), office.key())
    for document in (made.pdf, made.token):
        report = office.verifier().check(document, office.IN_FORCE)
        assert report.verdict is Verdict.PROOF_OF_REQUEST
        assert report.exit_status == 1


def test_references_are_long_random_and_survive_typing():
    found = {new_reference() for _ in range(2000)}
    assert len(found) == 2000
    reference = new_reference(lambda size: bytes(range(size)))
    assert len(reference.replace("-", "")) == 28
    assert parse_reference(reference.lower().replace("-", " ")) == reference
    assert parse_reference(reference.replace("0", "O").replace("1", "I")) == reference


@pytest.mark.parametrize("position", range(26))
def test_one_mistyped_letter_of_a_reference_is_found(position):
    symbols = new_reference(lambda size: bytes(range(7, 7 + size))).replace("-", "")
    other = "X" if symbols[position] != "X" else "Y"
    with pytest.raises(InputError) as caught:
        parse_reference(symbols[:position] + other + symbols[position + 1 :])
    assert caught.value.code == "mistyped_reference"


def test_check_words_are_compared_as_they_are_read():
    fact = new_fact(bytes)
    assert fact == "000-000"
    assert same_fact("ooo ooo", fact)
    assert not same_fact("000-001", fact)


def test_a_reference_alone_is_not_shown_to_be_valid():
    report = office.verifier().check(new_reference(), office.IN_FORCE)
    assert report.verdict is Verdict.UNKNOWN
    assert report.reasons[0].code == "reference_alone"


def test_names_in_many_alphabets_can_be_printed():
    for name in ("Łukasz Dvořák", "Ελένη Παπαδοπούλου", "Sigríður Þórsdóttir", "Иван Петров"):
        worker = Party(full_name=name)
        assert make(office.certificate(worker=worker), office.key()).pdf.startswith(b"%PDF")


def test_a_name_without_a_place_to_break_stays_on_the_page():
    made = make(office.certificate(worker=Party(full_name="W" * 100)), office.key())
    text = PdfReader(io.BytesIO(made.pdf)).pages[0].extract_text()
    lengths = [line.count("W") for line in text.splitlines() if "WWW" in line.replace("\u200b", "")]
    assert sum(lengths) >= 200
    assert max(lengths) < 60


def test_an_article_that_two_sources_name_stands_once():
    twice = ("Art. 6(2)", "Art. 6(2); RS 02001.115 B-C")
    made = office.certificate()
    rows = face(office.certificate(ground=msgspec.structs.replace(made.ground, citations=twice)))
    assert str(rows).count("Art. 6(2)") == 1
    assert "RS 02001.115 B-C" in str(rows)


def test_a_letter_without_a_font_is_refused_not_printed_as_a_box():
    page = face(office.certificate(worker=Party(full_name="\U00010330\U000e0fff")))
    with pytest.raises(CannotSetError):
        render("certificate.typ", page, office.SIGNED, {"qr": "<svg/>", "twin": "{}"})


def _pem(*certificates):
    from totalize.certificates.keys import to_pem

    return to_pem(certificates)
