"""Passwords that say where they are used: the first thing a guesser tries."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.exceptions import ValidationError

# Words of this place and its subject; the installation's own name and host are added.
WORDS = (
    "totalize", "totalization", "certificate", "coverage", "social", "security", "agreement",
    "password", "caseworker", "supervisor", "auditor", "administrator", "employer", "worker",
    "demonstration",
)  # fmt: skip
LEAST = 8  # characters that no word of the place accounts for
_ALIKE = str.maketrans("013457@$!", "oleastasi")


def words_of_the_place() -> list[str]:
    """Return the words, longest first; parts of the host that are too short say nothing."""
    parts = re.split(r"[^a-z]+", settings.INSTALLATION.address.partition("//")[2].lower())
    named = {*WORDS, settings.SITE_NAME.lower(), *(part for part in parts if len(part) > 3)}
    return sorted(named, key=len, reverse=True)


class WordsOfThePlace:
    """Refuse a password of which little is left without the words of this place."""

    def validate(self, password: str, user: object = None) -> None:
        """Refuse it.

        Raises:
            ValidationError: fewer than eight characters are left.
        """
        left = password.lower().translate(_ALIKE)
        plain = left
        for word in words_of_the_place():
            left = left.replace(word, "")
        if left != plain and len(left) < LEAST:
            raise ValidationError(
                "This password is mostly made of words of this site. Please choose others.",
                code="words_of_the_place",
            )

    def get_help_text(self) -> str:
        """Say it before."""
        return "Your password should not be made of words of this site."
