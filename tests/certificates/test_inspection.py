"""What an inspector is handed, and the record of a check that somebody keeps."""

import json
import zipfile
from datetime import timedelta
from io import BytesIO

import msgspec
import pikepdf
import pytest

from tests.certificates import authority as office
from totalize.certificates.inspection.extract import law_extract, offices_to_ask
from totalize.certificates.inspection.pack import as_zip, inspection_pack
from totalize.certificates.issuing import make
from totalize.certificates.model import Employer, Ground, Kind, Work
from totalize.certificates.pack.assembly import as_text
from totalize.certificates.verification.record import check_paper, record_of_check
from totalize.certificates.verification.report import Verdict
from totalize.certificates.verification.sentences import in_words
from totalize.certificates.wording import catalogue, languages
from totalize.kernel.errors import InputError

NOW = office.IN_FORCE


def pack(language="fr", **options):
    made = office.issued()
    return inspection_pack(made.certificate, made.pdf, language, NOW, **options)


def flat(text):
    return " ".join(text.split())


def test_the_folder_holds_the_paper_untouched_the_law_and_whom_to_ask():
    files = dict(pack(proof=b"%PDF-proof", check=b"%PDF-check", anchors=b"PEM", status_list="ey"))
    assert list(files) == [
        "00-read-me-first.pdf",
        "00-read-me-first.txt",
        "01-certificate.pdf",
        "02-law.pdf",
        "02-law.txt",
        "03-proof-of-request.pdf",
        "04-record-of-check.pdf",
        "05-anchors.pem",
        "06-status-list.jwt",
    ]
    assert files["01-certificate.pdf"] == office.issued().pdf
    front = flat(files["00-read-me-first.txt"].decode())
    assert "Législation applicable : États-Unis" in front
    assert "P.O. Box 17741" in front
    assert office.CHECK_ADDRESS in front
    for name in files:
        if not name.startswith(("00", "02-law.pdf", "02-law.txt")):
            assert name in front
    law = flat(files["02-law.txt"].decode())
    assert "Art. 6(2)" in law
    assert "60 mois" in law
    assert "https://www.ssa.gov/international/Agreement_Texts/german.html" in law
    assert "https://secure.ssa.gov/apps10/poms.nsf/lnx/0302001115" in law


@pytest.mark.parametrize("language", sorted(languages()))
def test_it_speaks_the_inspectors_language_throughout(language):
    certificate = office.certificate()
    words, english = catalogue(language), catalogue("en")
    used = ("rule_", "insurance_", "condition_", "extract_", "inspection_", "limit_", "check_r")
    here = ("domestic", "no_agreement", "before_agreement", "record_twin")
    lacking = [
        key
        for key in english.sentences
        if key.startswith(used) and not words.has(key) and not key.endswith(here)
    ]
    assert not lacking
    text = as_text(law_extract(certificate, language))
    assert "Art. 6(2)" in text
    names = [name for name, _ in pack(language)]
    assert "02-law.txt" in names


def test_the_same_files_make_the_same_archive():
    files = pack()
    archive = as_zip(files, NOW)
    assert archive == as_zip(files, NOW)
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        assert opened.testzip() is None
        assert [(name, opened.read(name)) for name in opened.namelist()] == list(files)


def test_before_there_is_a_certificate_the_proof_of_request_stands_in():
    asked = office.certificate(kind=Kind.PROOF_OF_REQUEST, status=None)
    proof = make(asked, office.key()).pdf
    files = dict(inspection_pack(asked, None, "fr", NOW, proof=proof))
    assert "01-certificate.pdf" not in files
    assert files["01-proof-of-request.pdf"] == proof
    front = flat(files["00-read-me-first.txt"].decode())
    assert "a été demandé" in front
    assert "ci-dessous" in front


def test_a_foreign_paper_comes_with_the_foreign_office():
    theirs = office.certificate(
        kind=Kind.PROOF_OF_REQUEST, status=None, covered_by="DE", exempt_in="US", lifts=("oasdi",)
    )
    files = dict(inspection_pack(theirs, b"%PDF scanned", "en", NOW))
    assert files["01-certificate.pdf"] == b"%PDF scanned"
    assert "Krankenkasse" in files["00-read-me-first.txt"].decode()
    assert [office.issues for office in offices_to_ask(theirs)] == ["foreign"]


@pytest.mark.parametrize(
    ("problem", "code"),
    [("language", "unknown_language"), ("nothing", "missing"), ("swapped", "swapped")],
)
def test_what_can_not_be_packed_is_refused(problem, code):
    made = office.issued()
    calls = {
        "language": lambda: pack("xx"),
        "nothing": lambda: inspection_pack(made.certificate, None, "fr", NOW),
        "swapped": lambda: inspection_pack(office.certificate(fact="AAA-AAA"), made.pdf, "fr", NOW),
    }
    with pytest.raises(InputError) as caught:
        calls[problem]()
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("rule", "work", "said"),
    [
        ("territorial", {}, "Art. 6(1)"),
        ("self_employed_activity", {"activity": "self_employment"}, "RS 02001.115"),
        ("government", {"occupation": "government"}, "Agreement_Texts"),
        ("special_exception", {}, "RS 02001.135"),
        ("domestic", {}, "Agreement_Texts"),
    ],
)
def test_each_rule_leads_to_its_own_sources(rule, work, said):
    base = office.certificate()
    ground = msgspec.structs.replace(base.ground, rule=rule, citations=())
    changed = office.certificate(ground=ground, work=msgspec.structs.replace(base.work, **work))
    assert said in as_text(law_extract(changed, "en"))


def test_a_rule_that_did_not_hold_yet_lends_no_limits():
    ground = Ground(
        rule="detached_worker", citations=("x",), law="y", as_of=office.certificate().decided_on
    )
    early = office.certificate(
        ground=ground,
        first=office.certificate().first.replace(year=1970),
        employer=Employer(name="E"),
        work=Work(id="w", activity="employment", country="DE"),
    )
    assert "months" not in as_text(law_extract(early, "en"))


def test_the_rule_of_the_right_direction_is_told():
    there = office.certificate(exempt_in="FR")
    back = office.certificate(covered_by="FR", exempt_in="US")
    assert "private health insurance" in flat(as_text(law_extract(there, "en")))
    assert "private health insurance" not in flat(as_text(law_extract(back, "en")))


def test_a_french_inspector_reads_the_first_of_a_month_as_it_is_written():
    words = catalogue("fr")
    base = office.certificate().first
    assert words.day(base) == "1er mars 2027"
    assert words.day(base.replace(day=21)) == "21 mars 2027"


def recorded(language="en", document=None, report=None, **options):
    made = office.issued()
    report = report or office.verifier().check(made.pdf, NOW)
    return record_of_check(
        report, office.key(), NOW, document=document or made.pdf, language=language, **options
    )


def test_a_record_of_a_check_is_signed_and_is_never_a_certificate():
    pdf = recorded()
    report = office.verifier().check(pdf, NOW)
    assert report.verdict is Verdict.UNKNOWN
    assert (report.intact, report.trusted, report.exit_status) == (True, True, 1)
    assert report.signed_by == "Test Office of Coverage, Coverage signer"
    assert [note.code for note in report.reasons] == ["check_record"]
    assert report.covers is None
    changed = bytearray(pdf)
    # A letter inside the stream of the page.
    changed[pdf.index(b"stream") + 100] ^= 1
    assert office.verifier().check(bytes(changed), NOW).verdict is Verdict.ALTERED


def test_it_keeps_the_report_and_the_digest_for_machines():
    import hashlib

    made = office.issued()
    with pikepdf.open(BytesIO(recorded())) as opened:
        plain = json.loads(opened.attachments["check.json"].get_file().read_bytes())
    assert plain["report"]["verdict"] == "valid"
    assert plain["report"]["covers"]["person"] == "Ada Example"
    assert plain["sha256"] == hashlib.sha256(made.pdf).hexdigest()
    assert plain["checked_by"].endswith("Coverage signer")


def test_its_time_can_be_proven():
    pdf = recorded(time_service=office.TestTime(NOW))
    report = office.verifier().check(pdf, NOW + timedelta(days=1))
    assert report.time.proven == NOW
    assert report.time.level == "B-T"


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_check_is_answered_and_recorded_in_every_language(language):
    report = office.verifier().check(office.issued().pdf, NOW)
    paper = check_paper(report, "Somebody", None, language)
    words = catalogue(language)
    text = as_text(paper)
    assert words.say("verdict_valid") in text
    assert paper.banner in text
    limit = words.say("limit_work", employer="Example Software Corp.")
    assert (words.say("row_not_proven"), limit) in in_words(report, language)
    assert recorded(language).startswith(b"%PDF")


def test_what_was_not_believed_is_not_repeated():
    made = office.issued()
    changed = bytearray(made.pdf)
    changed[made.pdf.index(b"stream") + 100] ^= 1
    report = office.verifier().check(bytes(changed), NOW)
    text = as_text(check_paper(report, "Somebody", None, "de"))
    assert "NICHT GÜLTIG: verändert" in text
    assert "Ada" not in text
