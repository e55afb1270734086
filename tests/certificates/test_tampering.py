"""Whoever changes a document, or makes one up, is found out; each way has its verdict."""

import zlib
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.certificates import authority as office
from totalize.certificates.face import face
from totalize.certificates.issuing import make
from totalize.certificates.model import Kind, Party
from totalize.certificates.qr import qr_svg
from totalize.certificates.rendering import render
from totalize.certificates.signing import sign_pdf
from totalize.certificates.trust import Anchors
from totalize.certificates.verification.pdf import MAX_BYTES
from totalize.certificates.verification.report import Verdict
from totalize.certificates.verification.verifier import Verifier
from totalize.kernel.errors import InputError


def verdict(document, at=office.IN_FORCE, verifier=None):
    return (verifier or office.verifier()).check(document, at).verdict


def refused(document):
    """Not valid: a verdict says so, or it can't even be read."""
    try:
        return verdict(document) is not Verdict.VALID
    except InputError as error:
        return error.code == "unreadable"


def flipped(data, position, bits=1):
    changed = bytearray(data)
    changed[position] ^= bits
    return bytes(changed)


def test_the_untouched_document_is_valid():
    assert verdict(office.issued().pdf) is Verdict.VALID


def test_a_flipped_bit_is_found_wherever_it_is():
    pdf = office.issued().pdf
    for position in range(0, len(pdf), len(pdf) // 250):
        assert refused(flipped(pdf, position)), position


@pytest.mark.parametrize("part", [b"/Contents <", b"/ByteRange", b"startxref", b"%PDF", b"/Filter"])
@pytest.mark.parametrize("bits", [1, 32])
def test_a_flipped_bit_is_found_around_the_signature(part, bits):
    pdf = office.issued().pdf
    start = pdf.rindex(part)
    for position in range(start, min(start + 40, len(pdf))):
        assert refused(flipped(pdf, position, bits)), (part, position)


def test_the_empty_space_behind_the_signature_is_looked_at():
    pdf = office.issued().pdf
    start = pdf.rindex(b"/Contents <")
    position = pdf.index(b">", start) - 4
    assert pdf[position : position + 1] == b"0"
    assert verdict(flipped(pdf, position)) is Verdict.ALTERED


def test_the_case_of_its_digits_is_looked_at():
    pdf = office.issued().pdf
    start = pdf.rindex(b"/Contents <") + 11
    letter = next(place for place in range(start, start + 200) if pdf[place] in b"ABCDEF")
    assert verdict(flipped(pdf, letter, 32)) is Verdict.ALTERED


def test_an_incremental_update_is_found():
    writer = IncrementalPdfFileWriter(BytesIO(office.issued().pdf))
    writer.root["/Lang"] = generic.pdf_string("xx")
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    assert verdict(out.getvalue()) is Verdict.ALTERED


def test_an_update_that_swaps_the_attachment_is_found():
    other = office.certificate(worker=Party(full_name="Mallory"))
    writer = IncrementalPdfFileWriter(BytesIO(office.issued().pdf))
    stream = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"].raw_get("/F")
    replaced = generic.StreamObject(stream_data=other.twin())
    writer.mark_update(stream)
    writer.objects[(stream.generation, stream.idnum)] = replaced
    out = BytesIO()
    writer.write(out)
    assert refused(out.getvalue())


def test_text_behind_the_end_is_found():
    assert refused(office.issued().pdf + b"\n% harmless\n")


def test_a_document_written_anew_with_another_attachment_is_found():
    with pikepdf.open(BytesIO(office.issued().pdf)) as pdf:
        pdf.attachments["certificate.json"].get_file()
        names = pdf.Root.Names.EmbeddedFiles.Names
        names[1].EF.F.write(office.certificate(worker=Party(full_name="Mallory")).twin())
        out = BytesIO()
        pdf.save(out)
    assert refused(out.getvalue())


def test_a_page_from_another_certificate_is_found():
    other = make(office.certificate(worker=Party(full_name="Grace Example")), office.key())
    with (
        pikepdf.open(BytesIO(office.issued().pdf)) as pdf,
        pikepdf.open(BytesIO(other.pdf)) as donor,
    ):
        pdf.pages[0].Contents = pdf.copy_foreign(donor.pages[0].Contents)
        out = BytesIO()
        pdf.save(out)
    assert refused(out.getvalue())


def test_a_page_added_is_found():
    with pikepdf.open(BytesIO(office.issued().pdf)) as pdf:
        pdf.add_blank_page()
        out = BytesIO()
        pdf.save(out)
    assert refused(out.getvalue())


@pytest.mark.filterwarnings("ignore:This document has 1 form widget")
def test_without_its_signature_anybody_can_have_made_it():
    with pikepdf.open(BytesIO(office.issued().pdf)) as pdf:
        del pdf.Root.AcroForm
        out = BytesIO()
        pdf.save(out)
    report = office.verifier().check(out.getvalue(), office.IN_FORCE)
    assert report.verdict is Verdict.UNTRUSTED
    assert report.reasons[0].code == "unsigned"
    assert not report.intact
    assert report.covers is None


def test_another_pdf_is_no_certificate():
    out = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out)
    report = office.verifier().check(out.getvalue(), office.IN_FORCE)
    assert report.verdict is Verdict.UNKNOWN
    assert report.reasons[-1].code == "not_ours"


def test_signed_again_with_another_key_it_is_nobodys():
    certificate = office.certificate()
    stranger_root = office.certify(76, "Test root", years=(2020, 2060), ca=True)
    stranger = office.certify(77, "Coverage signer", issuer=stranger_root)
    page = render(
        "certificate.typ",
        face(certificate),
        office.SIGNED,
        {"qr": qr_svg("x"), "twin": certificate.twin().decode()},
    )
    from totalize.certificates.keys import FileKey

    pdf = sign_pdf(page, FileKey(stranger.key, stranger.certificate), office.SIGNED, "forged")
    report = office.verifier().check(pdf, office.IN_FORCE)
    assert report.verdict is Verdict.UNTRUSTED
    assert report.reasons[0].code == "no_path"
    assert report.covers is None


def test_a_second_signature_is_one_too_many():
    import asyncio

    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigFieldSpec

    from totalize.certificates.signing import LoadedSigner

    writer = IncrementalPdfFileWriter(BytesIO(office.issued().pdf))
    signer = signers.PdfSigner(
        signers.PdfSignatureMetadata(field_name="Second", md_algorithm="sha256"),
        LoadedSigner(office.key()),
        new_field_spec=SigFieldSpec("Second"),
    )
    signer._enforce_certification_constraints = lambda reader: None
    out = asyncio.run(signer.async_sign_pdf(writer))
    report = office.verifier().check(out.getvalue(), office.IN_FORCE)
    assert report.verdict is Verdict.ALTERED
    assert report.reasons[0].code == "second_signature"


def test_a_key_that_is_not_for_documents_signs_no_certificate():
    from cryptography.x509.oid import ExtendedKeyUsageOID

    web = office.certify(
        78, "Web server", issuer=office.intermediate(), usage=(ExtendedKeyUsageOID.SERVER_AUTH,)
    )
    made = make(office.certificate(), office.key(web))
    anchors = Anchors(
        (office.root().certificate,), (office.intermediate().certificate, web.certificate)
    )
    for document in (made.pdf, made.token):
        report = Verifier(anchors).check(document, office.IN_FORCE)
        assert report.verdict is Verdict.UNTRUSTED
        assert report.reasons[0].code == "not_for_documents"


def test_a_certificate_with_no_stated_purpose_does_not_do_either():
    plain = office.certify(79, "No purpose", issuer=office.intermediate(), usage=None)
    made = make(office.certificate(), office.key(plain))
    anchors = Anchors(
        (office.root().certificate,), (office.intermediate().certificate, plain.certificate)
    )
    for document in (made.pdf, made.token):
        assert verdict(document, verifier=Verifier(anchors)) is Verdict.UNTRUSTED


def test_an_office_certifies_its_own_country_only():
    abroad = office.certify(80, "Foreign signer", issuer=office.intermediate(), country="FR")
    made = make(office.certificate(), office.key(abroad))
    anchors = Anchors(
        (office.root().certificate,), (office.intermediate().certificate, abroad.certificate)
    )
    for document in (made.pdf, made.token):
        report = Verifier(anchors).check(document, office.IN_FORCE)
        assert report.verdict is Verdict.UNTRUSTED
        assert report.reasons[0].code == "signer_of_another_country"


def test_a_root_that_comes_with_the_document_is_not_trusted():
    stranger_root = office.certify(81, "Stranger root", years=(2020, 2060), ca=True)
    stranger = office.certify(82, "Coverage signer", issuer=stranger_root)
    from totalize.certificates.keys import FileKey

    key = FileKey(stranger.key, stranger.certificate)
    key.chain = (stranger_root.certificate,)
    made = make(office.certificate(), key)
    assert verdict(made.pdf) is Verdict.UNTRUSTED
    assert verdict(made.token) is Verdict.UNTRUSTED


def test_a_signature_with_sha1_is_not_accepted(monkeypatch):
    """The chain is right and the digest old: the policy, not the library's default, says no."""
    from cryptography.hazmat.primitives import hashes

    from totalize.certificates import trust

    monkeypatch.setattr(trust, "DIGESTS", frozenset({"sha512"}))
    report = office.verifier().check(office.issued().pdf, office.IN_FORCE)
    assert report.verdict is not Verdict.VALID
    assert hashes.SHA256.digest_size == 32


def test_cut_short_it_can_not_be_read():
    pdf = office.issued().pdf
    for length in (0, 9, len(pdf) // 2, len(pdf) - 40):
        assert refused(pdf[:length])


def test_fifty_megabytes_are_not_looked_at():
    with pytest.raises(InputError, match="bytes"):
        verdict(office.issued().pdf + bytes(50_000_000))
    with pytest.raises(InputError, match="bytes"):
        verdict(b"%PDF-1.7" + bytes(MAX_BYTES))


def test_an_encrypted_file_is_not_read():
    with pikepdf.open(BytesIO(office.issued().pdf)) as pdf:
        out = BytesIO()
        pdf.save(out, encryption=pikepdf.Encryption(owner="x", user=""))
    with pytest.raises(InputError, match="encrypted"):
        verdict(out.getvalue())


def test_a_bomb_in_the_attachment_stays_folded():
    bomb = zlib.compress(bytes(300_000_000), 9)
    with pikepdf.open(BytesIO(office.issued().pdf)) as pdf:
        names = pdf.Root.Names.EmbeddedFiles.Names
        names[1].EF.F.write(bomb, filter=pikepdf.Name.FlateDecode)
        out = BytesIO()
        pdf.save(out, compress_streams=False)
    assert len(out.getvalue()) < MAX_BYTES
    assert refused(out.getvalue())


def test_a_bomb_in_the_table_of_contents_stays_folded():
    bomb = zlib.compress(bytes(400_000_000), 9)
    head = b"%PDF-1.7\n"
    table = (
        b"1 0 obj\n<</Type/XRef/Size 2/W[1 4 2]/Root 2 0 R/Filter/FlateDecode/Length "
        + str(len(bomb)).encode()
        + b">>\nstream\n"
        + bomb
        + b"\nendstream\nendobj\n"
    )
    with pytest.raises(InputError):
        verdict(head + table + b"startxref\n9\n%%EOF\n")


def test_a_hall_of_mirrors_ends():
    deep = b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000 + b"]" * 100_000 + b"\nendobj\n"
    loop = b"%PDF-1.7\ntrailer\n<</Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF\n"
    for document in (deep, loop, deep + loop[9:]):
        with pytest.raises(InputError):
            verdict(document)


@pytest.mark.parametrize("junk", [b"", b"\x00" * 100, b"%PDF-", b"hello", b"\xff\xfe", b"{}"])
def test_junk_is_unreadable(junk):
    with pytest.raises(InputError) as caught:
        verdict(junk)
    assert caught.value.code == "unreadable"


def test_an_expired_signer_is_not_believed_without_a_time_stamp():
    made = make(office.certificate(), office.key(office.short_signer()))
    assert verdict(made.pdf, datetime(2027, 6, 1, tzinfo=UTC)) is Verdict.VALID
    report = office.verifier().check(made.pdf, office.IN_FORCE)
    assert report.verdict is Verdict.UNTRUSTED
    assert report.reasons[0].code == "signer_expired"


def test_an_expired_signer_is_believed_with_a_time_stamp():
    report = office.verifier().check(office.stamped().pdf, office.IN_FORCE)
    assert report.verdict is Verdict.VALID
    assert report.time.level == "B-T"
    assert report.time.proven == office.SIGNED


def test_a_time_stamp_of_a_stranger_proves_nothing():
    stranger = office.certify(83, "Stranger clock", usage=office.stamp_usage(), years=(2020, 2060))
    made = make(
        office.certificate(),
        office.key(office.short_signer()),
        time_service=office.TestTime(office.SIGNED, stranger),
    )
    report = office.verifier().check(made.pdf, office.IN_FORCE)
    assert report.verdict is Verdict.UNTRUSTED
    assert report.time.proven is None


def test_a_time_stamp_after_the_end_of_the_signer_does_not_help():
    late = office.TestTime(datetime(2028, 3, 1, tzinfo=UTC))
    made = make(office.certificate(), office.key(office.short_signer()), time_service=late)
    assert verdict(made.pdf) is Verdict.UNTRUSTED


def test_a_flipped_bit_in_the_time_stamp_is_found():
    pdf = office.stamped().pdf
    start = pdf.rindex(b"/Contents <") + 11
    end = pdf.index(b">", start)
    for position in range(start, end, (end - start) // 60):
        assert refused(flipped(pdf, position)), position


def test_whoever_calls_a_specimen_a_certificate_breaks_it():
    specimen = make(office.certificate(kind=Kind.SPECIMEN, status=None), office.key())
    changed = specimen.pdf.replace(b'"kind":"specimen"', b'"kind":"certificate"')
    assert changed == specimen.pdf or refused(changed)
    header, payload, signature = specimen.token.split(".")
    import base64

    claims = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    forged = base64.urlsafe_b64encode(claims.replace(b'"k":"s"', b'"k":"c"')).rstrip(b"=")
    assert verdict(f"{header}.{forged.decode()}.{signature}") is Verdict.ALTERED


def test_a_code_says_nothing_under_another_key_or_algorithm():
    header, payload, signature = office.issued().token.split(".")
    for other in (
        '{"alg":"none","typ":"coc-qr+jwt"}',
        '{"alg":"HS256","typ":"coc-qr+jwt","kid":"AAAA"}',
    ):
        import base64

        forged = base64.urlsafe_b64encode(other.encode()).rstrip(b"=").decode()
        assert refused(f"{forged}.{payload}.{signature}")
        assert refused(f"{forged}.{payload}.")
    assert refused(f"{header}.{payload}.{signature[:-4]}AAAA")


def lasting(evidence, at=office.SIGNED):
    return make(
        office.certificate(),
        office.key(office.short_signer()),
        time_service=office.TestTime(at),
        evidence=evidence,
    )


def test_lasting_proof_is_looked_at_level_by_level():
    made = lasting(office.evidence(office.SIGNED))
    report = office.verifier().check(made.pdf, office.IN_FORCE)
    assert report.verdict is Verdict.VALID
    assert report.time.level == "B-LTA"
    assert report.time.proven == office.SIGNED


def test_a_signer_that_was_revoked_before_signing_is_not_believed():
    from dataclasses import replace

    good = office.evidence(office.SIGNED)
    revoked = office.revocations(
        office.intermediate(), office.SIGNED, (office.short_signer().certificate,)
    )
    made = lasting(replace(good, crls=(good.crls[0], revoked)))
    report = office.verifier().check(made.pdf, office.IN_FORCE)
    assert report.verdict is Verdict.UNTRUSTED
    assert report.reasons[0].code == "signer_revoked"


def test_proof_ends_with_the_time_stamp_unless_it_is_renewed():
    from cryptography.x509.oid import ExtendedKeyUsageOID

    from totalize.certificates.signing import prolong

    early = office.certify(
        84,
        "Early clock",
        issuer=office.root(),
        years=(2026, 2029),
        usage=(ExtendedKeyUsageOID.TIME_STAMPING,),
    )
    signed = make(
        office.certificate(),
        office.key(office.short_signer()),
        time_service=office.TestTime(office.SIGNED, early),
        evidence=office.evidence(office.SIGNED),
    ).pdf
    late = datetime(2029, 6, 1, tzinfo=UTC)
    assert verdict(signed, datetime(2028, 6, 1, tzinfo=UTC)) is Verdict.VALID
    assert verdict(signed, late) is Verdict.UNTRUSTED
    again = datetime(2028, 11, 1, tzinfo=UTC)
    renewed = prolong(signed, office.TestTime(again), office.evidence(again))
    report = office.verifier().check(renewed, late)
    assert report.verdict is Verdict.VALID
    assert report.time.proven == office.SIGNED
    too_late = prolong(signed, office.TestTime(late), office.evidence(late))
    assert verdict(too_late, datetime(2029, 7, 1, tzinfo=UTC)) is Verdict.UNTRUSTED


def test_the_check_works_inside_an_event_loop():
    import asyncio

    async def inside():
        return verdict(office.issued().pdf)

    assert asyncio.run(inside()) is Verdict.VALID
