"""The forms of the desk. Each carries the version of the case that was looked at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.widgets import DateInput

from totalize.kernel.countries import country_name
from totalize.web.accounts.fields import choice_field
from totalize.web.applications.states import Kind, State
from totalize.web.desk.models import OtherAnswer
from totalize.web.desk.selectors import WAITING, partners


class Day(DateInput):
    """A day, with the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"class": "short"})


class Versioned(forms.Form):
    """A form that says which version of the case it is about."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class QueueForm(forms.Form):
    """What the queue is narrowed to."""

    state = forms.ChoiceField(label="State", required=False)
    country = forms.ChoiceField(label="Agreement with", required=False)
    kind = forms.ChoiceField(label="Kind", required=False)
    mine = forms.BooleanField(label="Only what I have taken", required=False)
    plain = forms.BooleanField(label="Only what one look decides", required=False)

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        # "Optional" beside every field of a filter would be noise.
        choice_field(self, "state").choices = [
            ("", "Waits for us"),
            ("open", "Everything undecided"),
            *((state.value, state.label.capitalize()) for state in WAITING),
            *((state.value, state.label.capitalize()) for state in (State.ISSUED, State.REFUSED)),
        ]
        choice_field(self, "country").choices = [
            ("", "All"),
            *sorted(((code, country_name(code)) for code in partners()), key=lambda pair: pair[1]),
        ]
        choice_field(self, "kind").choices = [
            ("", "All"),
            *((kind.value, kind.label.capitalize()) for kind in Kind),
        ]


class AskForm(Versioned):
    """A question to the applicant."""

    words = forms.CharField(
        label="What do you need to know?",
        help_text="Plain words; the applicant gets them by mail.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=4000,
    )
    field = forms.ChoiceField(label="Which fact is it about?", required=False)
    due_on = forms.DateField(label="Answer by", widget=Day())

    def __init__(self, *given: Any, paths: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*given, **options)
        choice_field(self, "field").choices = [("", "Something else"), *paths]


class RefuseForm(Versioned):
    """Why a request is refused."""

    reason = forms.CharField(
        label="Why is it refused?",
        help_text="The applicant reads this in the letter. Say which fact and which rule.",
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=8000,
    )


class ExceptionForm(Versioned):
    """Why an exception is to be made."""

    reason = forms.CharField(
        label="Why should the exception be made?",
        help_text="For the second person and for the file.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=8000,
    )


class ConsultForm(Versioned):
    """What the other authority is asked."""

    authority = forms.CharField(label="Which authority do you ask?", max_length=200)
    words = forms.CharField(
        label="What do you ask it?",
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=8000,
    )


class HearForm(Versioned):
    """What the other authority answered."""

    answer = forms.ChoiceField(
        label="What did it answer?", choices=OtherAnswer.choices, widget=forms.RadioSelect
    )
    answered_on = forms.DateField(label="Day of its answer", widget=Day())
    file_number = forms.CharField(label="Number of its answer", max_length=80, required=False)
    first_day = forms.DateField(label="First day it agrees to", widget=Day(), required=False)
    last_day = forms.DateField(label="Last day it agrees to", widget=Day(), required=False)
    words = forms.CharField(
        label="In its words", widget=forms.Textarea(attrs={"rows": 5}), max_length=8000
    )


class SendBackForm(Versioned):
    """Why a proposal goes back."""

    note = forms.CharField(
        label="What should be looked at again?",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=4000,
    )


class RevealForm(forms.Form):
    """Why a number has to be seen."""

    reason = forms.CharField(
        label="Why do you need to see the whole number?",
        help_text="Your reason is written into the log.",
        max_length=400,
    )
