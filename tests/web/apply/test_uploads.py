"""Uploads: looked at, sealed, outside of what a server shows."""

from __future__ import annotations

import io
import zlib
from functools import partial

import pikepdf
import pytest
from django.conf import settings as installed
from django.core.files.uploadedfile import SimpleUploadedFile
from factories import make_user
from PIL import Image

from totalize.kernel.errors import InputError
from totalize.web.applications.models import Upload
from totalize.web.applications.services import add_upload, read_upload, remove_upload


def a_pdf(pages=1, **options):
    document, output = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        document.add_blank_page()
    document.save(output, **options)
    return output.getvalue()


def a_bomb():
    """A PDF whose list of objects unpacks to hundreds of megabytes."""
    packed = zlib.compress(b" " * 250_000_000, 9)
    head = b"%PDF-1.7\n1 0 obj\n<</Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length "
    return head + str(len(packed)).encode() + b">>\nstream\n" + packed + b"\nendstream\nendobj\n"


def a_picture(kind="PNG", size=(40, 30)):
    output = io.BytesIO()
    Image.new("1" if kind == "PNG" else "RGB", size).save(output, kind)
    return output.getvalue()


def sealed_files():
    return [path for path in installed.INSTALLATION.uploads.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("data", "media_type", "pages"),
    [
        (partial(a_pdf, 3), "application/pdf", 3),
        (a_picture, "image/png", 1),
        (partial(a_picture, "JPEG"), "image/jpeg", 1),
    ],
    ids=["pdf", "png", "jpeg"],
)
def test_what_a_file_is_follows_from_its_content(draft, boss, data, media_type, pages):
    data = data()
    kept = add_upload(draft, "letter.exe", data, boss)
    assert (kept.media_type, kept.pages, kept.size) == (media_type, pages, len(data))
    assert kept.name.startswith("letter.")
    assert not kept.name.endswith(".exe")
    assert read_upload(kept, boss) == data


# Made by the test that wants it: some are large.
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (lambda: b"", "empty_file"),
        (lambda: b"MZ\x90\x00" + b"\0" * 500, "bad_type"),
        (lambda: b"<svg onload='x()'></svg>", "bad_type"),
        (lambda: b"<html><script>x()</script>", "bad_type"),
        (lambda: a_pdf(encryption=pikepdf.Encryption(owner="a", user="b")), "encrypted"),
        (lambda: a_pdf(encryption=pikepdf.Encryption(owner="a", user="")), "encrypted"),
        (lambda: a_pdf(201), "too_many_pages"),
        (lambda: a_pdf() + b"\0" * 10_000_000, "too_large"),
        (lambda: b"%PDF-1.7\nno pdf at all", "damaged"),
        (lambda: a_picture()[:60], "damaged"),
        (lambda: a_picture(size=(20_000, 10_000)), "too_large"),
        (a_bomb, "too_large"),
    ],
    ids=[
        "empty",
        "program",
        "svg",
        "html",
        "password",
        "encrypted",
        "many pages",
        "large",
        "no pdf",
        "half a picture",
        "many pixels",
        "bomb",
    ],
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(draft, boss, data, code):
    before = sealed_files()
    with pytest.raises(InputError) as refusal:
        add_upload(draft, "x.pdf", data(), boss)
    assert refusal.value.code == code
    assert Upload.objects.count() == 0
    assert sealed_files() == before


def refuse_everything(data, media_type):
    """A scanner that finds something in every file."""
    raise InputError("file", "holds something bad", code="scanned")


def test_a_scanner_may_refuse(draft, boss, settings):
    settings.UPLOAD_SCANNERS = [f"{__name__}.refuse_everything"]
    with pytest.raises(InputError, match="something bad"):
        add_upload(draft, "x.pdf", a_pdf(), boss)


def test_a_file_is_sealed_on_the_disk_for_its_person(draft, boss):
    data = a_pdf(2)
    before = set(sealed_files())
    kept = add_upload(draft, "letter.pdf", data, boss)
    (path,) = set(sealed_files()) - before
    content = path.read_bytes()
    assert b"%PDF" not in content
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(InputError, match="can't be opened"):
        read_upload(kept, boss)


def test_the_same_file_twice_is_kept_once(draft, boss):
    data = a_pdf()
    first = add_upload(draft, "a.pdf", data, boss)
    assert add_upload(draft, "b.pdf", data, boss) == first


def test_names_are_cleaned(draft, boss):
    name = add_upload(draft, "../../etc/pass\nwd\x00", a_picture(), boss).name
    assert name == "passwd.png"


def test_a_document_is_taken_back_from_a_draft_only(
    draft, boss, django_capture_on_commit_callbacks
):
    before = set(sealed_files())
    kept = add_upload(draft, "a.pdf", a_pdf(), boss)
    draft.state = "submitted"
    draft.save()
    with pytest.raises(InputError, match="keeps its documents"):
        remove_upload(kept, boss)
    draft.state = "draft"
    draft.save()
    with django_capture_on_commit_callbacks(execute=True):
        remove_upload(kept, boss)
    assert set(sealed_files()) == before


def test_a_document_is_sent_to_be_saved_and_never_shown(client, draft, boss):
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/applications/{draft.id}/documents/"
    given = SimpleUploadedFile("létter.png", a_picture(), "text/html")
    assert client.post(address, {"file": given}).status_code == 302
    kept = Upload.objects.get()
    answer = client.get(f"{address}{kept.id}/")
    assert answer.content == a_picture()
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"{address}{kept.id}/").status_code == 404
    wrong = SimpleUploadedFile("x.pdf", b"MZ no", "application/pdf")
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(address, {"file": wrong})
    assert answer.status_code == 422
    assert "of a kind we can&#x27;t take" in answer.content.decode()
