"""The form that makes a token."""

from __future__ import annotations

from django import forms

from totalize.web.api.tokens import SCOPES


class NewToken(forms.Form):
    """What a token is for, what it may do and how long it lasts."""

    name = forms.CharField(label="What is it for?", max_length=100)
    scopes = forms.MultipleChoiceField(
        label="What may it do?",
        help_text="It can never do more than you may do yourself.",
        choices=[(scope, words[:1].upper() + words[1:]) for scope, words in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label="How long does it last?",
        coerce=int,
        choices=[(7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "One year")],
        initial=30,
    )
