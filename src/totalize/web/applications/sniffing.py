"""What an uploaded file is, by its content; what can't be kept is refused."""

from __future__ import annotations

import io
import re
import warnings
import zlib
from importlib import import_module

import filetype
import pikepdf
from django.conf import settings
from PIL import Image, UnidentifiedImageError

from totalize.kernel.errors import InputError

TYPES = ("application/pdf", "image/jpeg", "image/png")
ALLOWED = "a PDF, JPEG or PNG file"
MOST_PIXELS = 100_000_000
# What is packed in a PDF, pictures aside, may unpack to so many bytes: more is a bomb.
MOST_UNPACKED = 200_000_000
_NESTED = 3
_STREAM = re.compile(rb"\bstream\r?\n")
_DICTIONARY = 4_000


def look_at(data: bytes) -> tuple[str, int]:
    """Return the media type and the number of pages of a file.

    Raises:
        InputError: it is too large, of another kind, encrypted, damaged or a bomb, or a scanner
            refused it.
    """
    if not data:
        raise InputError("file", "is empty", expected=ALLOWED, code="empty_file")
    if len(data) > settings.UPLOAD_LARGEST:
        most = settings.UPLOAD_LARGEST // 1_000_000
        raise InputError("file", "is too large", expected=f"at most {most} MB", code="too_large")
    kind = filetype.guess(data)
    media_type = "" if kind is None else str(kind.mime)
    if media_type not in TYPES:
        raise InputError("file", "is of a kind we can't take", expected=ALLOWED, code="bad_type")
    pages = _pages_of_pdf(data) if media_type == "application/pdf" else _check_picture(data)
    for name in settings.UPLOAD_SCANNERS:
        module, _, function = name.rpartition(".")
        getattr(import_module(module), function)(data, media_type)
    return media_type, pages


def _pages_of_pdf(data: bytes) -> int:
    _refuse_bombs(data)
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            if document.is_encrypted:
                raise InputError(
                    "file", "is encrypted", expected="a PDF without a password", code="encrypted"
                )
            pages = len(document.pages)
            if pages > settings.UPLOAD_MOST_PAGES:
                raise InputError(
                    "file",
                    f"has {pages} pages",
                    expected=f"at most {settings.UPLOAD_MOST_PAGES}",
                    code="too_many_pages",
                )
            return pages
    except pikepdf.PasswordError:
        raise InputError(
            "file", "is encrypted", expected="a PDF without a password", code="encrypted"
        ) from None
    except (pikepdf.PdfError, RuntimeError, ValueError):
        raise InputError("file", "is damaged", expected=ALLOWED, code="damaged") from None


def _refuse_bombs(data: bytes) -> None:
    """Unpack within a limit what a PDF holds, before anything reads it without one.

    Raises:
        InputError: it is a bomb.
    """
    left = MOST_UNPACKED
    for found in _STREAM.finditer(data):
        described = data[max(0, found.start() - _DICTIONARY) : found.start()]
        described = described[described.rfind(b" obj") :]
        if re.search(rb"/Subtype\s*/Image\b", described):
            continue
        packed = memoryview(data)[found.end() :]
        for _ in range(_NESTED):
            unpacked = _unpack(packed, left + 1)
            left -= len(unpacked)
            if left < 0:
                raise InputError(
                    "file", "unpacks to too much", expected="a simpler PDF", code="too_large"
                )
            if not unpacked:
                break
            packed = memoryview(unpacked)


def _unpack(packed: memoryview, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, most)
    except zlib.error:
        return b""


def _check_picture(data: bytes) -> int:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as picture:
                width, height = picture.size
                if width * height > MOST_PIXELS:
                    raise InputError(
                        "file",
                        "has too many pixels",
                        expected="a smaller picture",
                        code="too_large",
                    )
                picture.verify()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise InputError("file", "is damaged", expected=ALLOWED, code="damaged") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise InputError(
            "file", "has too many pixels", expected="a smaller picture", code="too_large"
        ) from None
    return 1
