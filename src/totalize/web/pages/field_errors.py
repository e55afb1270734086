"""What every field says that is left empty or can't be read, in one place.

Django's own sentences say that something is invalid; these say what is wanted. A field that knows
more (what the pay is for, which file) says it with messages of its own, which go before.
"""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core import validators

DATE: Final = "Enter a real date, like 2027-03-01 (year, month, day)."
ONE_OF_THESE: Final = "Choose one of these answers."
NO_LONGER: Final = "Choose one of these answers: the one that was sent is not among them."
NUMBER: Final = "Enter a number, digits only, like 62000 or 62000.50."
ADDRESS: Final = "Enter an e-mail address, like name@example.org."
WEB: Final = "Enter an address of the web, like https://example.org/page."
FILE: Final = "Choose a file."

_FIELDS: Final[dict[type[forms.Field], dict[str, str]]] = {
    forms.Field: {"required": "Fill this in."},
    forms.IntegerField: {"invalid": "Enter a whole number, digits only."},
    forms.FloatField: {"invalid": NUMBER},
    forms.DecimalField: {"invalid": NUMBER},
    forms.DateField: {"invalid": DATE},
    forms.DateTimeField: {"invalid": DATE},
    forms.BooleanField: {"required": "Tick this to go on."},
    forms.FileField: {
        "required": FILE,
        "invalid": FILE,
        "missing": FILE,
        "empty": "The file is empty. Choose another.",
        "max_length": "The name of the file is too long: %(max)d characters at most.",
    },
    forms.ChoiceField: {"required": ONE_OF_THESE, "invalid_choice": NO_LONGER},
    forms.MultipleChoiceField: {
        "required": "Choose at least one.",
        "invalid_choice": NO_LONGER,
        "invalid_list": NO_LONGER,
    },
    forms.ModelChoiceField: {"required": ONE_OF_THESE, "invalid_choice": NO_LONGER},
    forms.UUIDField: {"invalid": NO_LONGER},
    forms.URLField: {"invalid": WEB},
    # No person types JSON: a script of the page fills it in.
    forms.JSONField: {"invalid": "That can't be read. Load the page again, and try once more."},
}
_CHECKS: Final[tuple[tuple[type[Any], str], ...]] = (
    (validators.EmailValidator, ADDRESS),
    (validators.URLValidator, WEB),
    (validators.MinValueValidator, "It must be %(limit_value)s or more."),
    (validators.MaxValueValidator, "It must be %(limit_value)s or less."),
    (validators.MinLengthValidator, "It must have %(limit_value)d characters or more."),
    (
        validators.MaxLengthValidator,
        "It may have %(limit_value)d characters at most; this has %(show_value)d.",
    ),
    (validators.ProhibitNullCharactersValidator, "It holds a sign that can't be read."),
)
_DIGITS: Final = {
    "invalid": NUMBER,
    "max_digits": "It may have %(max)s digits at most.",
    "max_decimal_places": "It may have %(max)s digits after the point at most.",
    "max_whole_digits": "It may have %(max)s digits before the point at most.",
}


def say_what_is_wanted() -> None:
    """Have Django's fields and checks say these sentences.

    A field takes its class's sentences when it is made, so this comes before any form is read.
    """
    for kind, said in _FIELDS.items():
        kind.default_error_messages = {**vars(kind).get("default_error_messages", {}), **said}
    for check, message in _CHECKS:
        check.message = message
    validators.DecimalValidator.messages = dict(_DIGITS)
