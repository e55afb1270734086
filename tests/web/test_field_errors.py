"""No form says Django's own sentences: what is left empty or can't be read says what is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django import forms
from django.urls import get_resolver
from django.utils.translation import gettext

# How Django's own sentences begin; none of them says what would be right.
DJANGO = re.compile(
    r"This field is required|Enter a valid|Enter a whole number\.|Enter a number\.|Select a valid|"
    r"Enter a list|Ensure |No file was submitted|The submitted file|Null characters"
)


def all_forms() -> list[type[forms.BaseForm]]:
    get_resolver().url_patterns  # noqa: B018 - reads every view, and with it every form

    def below(kind: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    return [kind for kind in below(forms.BaseForm) if kind.__module__.startswith("totalize.")]


def test_no_form_says_a_sentence_of_django_s():
    found = [
        f"{kind.__name__}.{name} ({code}): {said}"
        for kind in all_forms()
        for name, field in kind.base_fields.items()
        for code, said in field.error_messages.items()
        if DJANGO.match(gettext(str(said)))
    ]
    assert len(all_forms()) > 40
    assert not found


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        (forms.CharField(), "", "Fill this in."),
        (forms.CharField(max_length=3), "abcd", "It may have 3 characters at most; this has 4."),
        (forms.CharField(), "a\0", "It holds a sign that can't be read."),
        (forms.EmailField(), "nobody", "Enter an e-mail address, like name@example.org."),
        (forms.URLField(assume_scheme="https"), "a b", "Enter an address of the web, like"),
        (forms.DateField(), "soon", "Enter a real date, like 2027-03-01"),
        (forms.IntegerField(), "two", "Enter a whole number, digits only."),
        (forms.DecimalField(), "12,000.x", "Enter a number, digits only, like 62000"),
        (forms.DecimalField(min_value=Decimal(1)), "0", "It must be 1 or more."),
        (forms.DecimalField(max_digits=3), "12345", "It may have 3 digits at most."),
        (forms.ChoiceField(choices=[("a", "A")]), "", "Choose one of these answers."),
        (forms.ChoiceField(choices=[("a", "A")]), "b", "Choose one of these answers: the one"),
        (forms.MultipleChoiceField(choices=[("a", "A")]), [], "Choose at least one."),
        (forms.BooleanField(), False, "Tick this to go on."),
        (forms.FileField(), None, "Choose a file."),
    ],
)
def test_each_kind_of_field_says_what_is_wanted(field, given, said):
    with pytest.raises(forms.ValidationError) as caught:
        field.clean(given)
    (message,) = caught.value.messages
    assert message.startswith(said)
