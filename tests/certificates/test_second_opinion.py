"""What programs that nobody here wrote say of the documents."""

import json
import shutil
import subprocess
from io import BytesIO

import pikepdf
import pytest
import zxingcpp
from PIL import Image

from tests.certificates import authority as office
from totalize.certificates.inspection.pack import inspection_pack
from totalize.certificates.issuing import make
from totalize.certificates.model import Kind, Party
from totalize.certificates.pack.assembly import write_pack
from totalize.certificates.specimen import make_specimen
from totalize.certificates.verification.record import record_of_check


def program(name):
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed: not run")
    return path


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """One of each kind, written to files."""
    folder = tmp_path_factory.mktemp("documents")
    long = office.certificate(
        worker=Party(full_name="María-José Übermäßig de la Fuente y Sørensen-Łukasiewicz")
    )
    lasting = make(
        office.certificate(),
        office.key(),
        time_service=office.TestTime(office.SIGNED),
        evidence=office.evidence(office.SIGNED),
    )
    made = {
        "certificate": office.issued().pdf,
        "stamped": office.stamped().pdf,
        "lasting": lasting.pdf,
        "long": make(long, office.key()).pdf,
        "specimen": make_specimen(office.certificate(kind=Kind.SPECIMEN, status=None)).made.pdf,
        "check": record_of_check(
            office.verifier().check(office.issued().pdf, office.IN_FORCE),
            office.key(),
            office.IN_FORCE,
            document=office.issued().pdf,
            language="fr",
        ),
    }
    for name, content in made.items():
        (folder / f"{name}.pdf").write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    from tests.certificates.test_exceptions import GIVEN, ask, too_long
    from tests.certificates.test_request import DETAILS, case, pack_of

    folder = tmp_path_factory.mktemp("papers")
    pack = pack_of(case("DE", "US", end="2033-02-28"), DETAILS)
    for name, content in write_pack(pack, office.SIGNED):
        (folder / name).write_bytes(content)
    for name, content in write_pack(ask(too_long(), GIVEN), office.SIGNED):
        if "exception" in name:
            (folder / f"wish-{name}").write_bytes(content)
    made = office.issued()
    for name, content in inspection_pack(made.certificate, made.pdf, "es", office.SIGNED):
        (folder / f"inspection-{name}").write_bytes(content)
    return folder


def picture(path, resolution, tmp_path):
    subprocess.run(
        [
            program("pdftoppm"),
            "-r",
            str(resolution),
            "-gray",
            "-png",
            str(path),
            str(tmp_path / "page"),
        ],
        check=True,
        capture_output=True,
    )
    return Image.open(next(tmp_path.glob("page*.png")))


@pytest.mark.parametrize("name", ["certificate", "stamped", "long", "specimen", "check"])
def test_poppler_finds_the_signature_right_and_over_the_whole_file(documents, name):
    done = subprocess.run(
        [program("pdfsig"), "-nocert", str(documents / f"{name}.pdf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Signature Validation: Signature is Valid." in done.stdout
    assert "Total document signed" in done.stdout
    assert "ETSI.CAdES.detached" in done.stdout
    assert "SHA-256" in done.stdout


def test_poppler_finds_a_changed_page_too(documents, tmp_path):
    changed = bytearray((documents / "certificate.pdf").read_bytes())
    changed[len(changed) // 2] ^= 1
    (tmp_path / "changed.pdf").write_bytes(changed)
    done = subprocess.run(
        [program("pdfsig"), "-nocert", str(tmp_path / "changed.pdf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Signature is Valid" not in done.stdout


@pytest.mark.parametrize("name", ["certificate", "lasting", "specimen", "check"])
def test_qpdf_finds_the_file_in_order(documents, name):
    done = subprocess.run(
        [program("qpdf"), "--check", str(documents / f"{name}.pdf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("resolution", [100, 150])
def test_the_code_is_read_off_the_page(documents, tmp_path, resolution):
    page = picture(documents / "certificate.pdf", resolution, tmp_path)
    found = zxingcpp.read_barcodes(page)
    assert [item.text for item in found] == [f"{office.CHECK_ADDRESS}#{office.issued().token}"]
    report = office.verifier().check(found[0].text, office.IN_FORCE)
    assert report.verdict.value == "valid"


def test_the_code_is_read_in_bad_light(documents, tmp_path):
    """Grey on grey, turned a little, as a phone sees a worn copy."""
    page = picture(documents / "long.pdf", 150, tmp_path).convert("L")
    dim = page.point(lambda value: 70 + value * 90 // 255).rotate(4, expand=True, fillcolor=150)
    found = zxingcpp.read_barcodes(dim)
    assert len(found) == 1
    assert office.verifier().check(found[0].text, office.IN_FORCE).covers.person.startswith("Mar")


def test_a_certificate_is_one_page(documents):
    for path in documents.glob("*.pdf"):
        with pikepdf.open(path) as pdf:
            assert len(pdf.pages) == 1, path.name


def test_the_twin_comes_along_and_the_document_forbids_changes(documents):
    with pikepdf.open(documents / "certificate.pdf") as pdf:
        entry = pdf.Root.Names.EmbeddedFiles.Names[1]
        assert str(entry.Desc) == "The facts of this page for machines"
        attached = json.loads(pdf.attachments["certificate.json"].get_file().read_bytes())
        assert attached["reference"] == office.certificate().reference
        permissions = pdf.Root.Perms.DocMDP.Reference[0].TransformParams
        assert int(permissions.P) == 1


def test_a_specimen_says_so_in_title_keywords_and_twin(documents):
    with pikepdf.open(documents / "specimen.pdf") as pdf:
        assert "Specimen" in str(pdf.docinfo["/Title"])
        assert "specimen" in str(pdf.docinfo["/Keywords"])
        assert json.loads(pdf.attachments["certificate.json"].get_file().read_bytes())["kind"] == (
            "specimen"
        )


def test_the_structure_is_tagged_for_those_who_listen(documents, papers):
    for path in [*documents.glob("*.pdf"), *papers.glob("*.pdf")]:
        with pikepdf.open(path) as pdf:
            root = pdf.Root
            assert bool(root.MarkInfo.Marked), path.name
            assert str(root.Lang), path.name
            assert "/StructTreeRoot" in root, path.name
            assert bool(root.ViewerPreferences.DisplayDocTitle), path.name
            with pdf.open_metadata() as metadata:
                assert metadata["pdfuaid:part"] == "1", path.name
            for page in pdf.pages:
                if "/Annots" in page:
                    assert str(page.Tabs) == "/S", path.name


def test_one_checker_of_pdf_ua_finds_nothing_wrong(documents, papers):
    from pdfua import Severity, validate

    for path in [*documents.glob("*.pdf"), *papers.glob("*.pdf")]:
        report = validate(str(path))
        wrong = [item for item in report.findings if item.severity is Severity.ERROR]
        assert not wrong, (path.name, wrong)


def test_another_checker_of_pdf_ua_finds_nothing_wrong(documents, papers):
    found = subprocess.run(
        [_beside_python("outloud"), "--layer", "conformance", "--json", "-"]
        + [str(path) for path in sorted([*documents.glob("*.pdf"), *papers.glob("*.pdf")])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-1000:]


def _beside_python(name):
    import sys
    from pathlib import Path

    path = Path(sys.executable).with_name(name)
    if not path.exists():
        pytest.skip(f"{name} is not installed: not run")
    return str(path)


def test_the_bytes_of_a_page_are_the_same_every_time():
    from totalize.certificates.face import face
    from totalize.certificates.qr import qr_svg
    from totalize.certificates.rendering import render

    certificate = office.certificate()
    inputs = {"qr": qr_svg("x"), "twin": certificate.twin().decode()}
    pages = {render("certificate.typ", face(certificate), office.SIGNED, inputs) for _ in range(3)}
    assert len(pages) == 1
    assert pikepdf.open(BytesIO(pages.pop())).pages
