"""The words around a check, in every language in which certificates are explained."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from totalize.certificates.wording import ENGLISH, languages
from totalize.kernel.reading import parse_trusted

# The name of the buttons that choose a language.
SPEAK = "speak"
# Each in its own language, for whoever looks for theirs.
NAMES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "it": "Italiano",
    "es": "Español",
    "pt": "Português",
    "ja": "日本語",
    "ko": "한국어",
    "nl": "Nederlands",
}


@cache
def words(language: str) -> dict[str, str]:
    """Return the sentences of the pages in a language."""
    path = Path(__file__).parent / "messages" / f"{language}.yaml"
    found: dict[str, str] = parse_trusted(path.read_text(encoding="utf-8"))
    return found


def language_of(request: HttpRequest) -> str:
    """Return the language asked for: by a button, the form or the address, else by the browser."""
    known = languages()
    chosen = request.POST.get(SPEAK) or request.POST.get("lang")
    asked = chosen or request.GET.get("lang") or ""
    if asked in known:
        return asked
    for wanted, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if wanted.split("-")[0] in known:
            return wanted.split("-")[0]
    return ENGLISH
