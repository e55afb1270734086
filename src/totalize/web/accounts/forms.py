"""What people enter about themselves and their organisations."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone

from totalize.kernel.countries import NAMES
from totalize.web.accounts.fields import choice_field
from totalize.web.accounts.models import (
    MemberRole,
    OfficeRole,
    Organisation,
    OrganisationKind,
)

_COUNTRIES = [("US", NAMES["US"]), *sorted(NAMES.items(), key=lambda each: each[1])]
_DAY = forms.DateInput({"type": "date"})


class NameForm(forms.Form):
    """How somebody is called."""

    full_name = forms.CharField(
        label="Your full name",
        max_length=200,
        widget=forms.TextInput({"autocomplete": "name"}),
    )


class OrganisationForm(forms.Form):
    """An organisation, as the certificate will need it."""

    kind = forms.ChoiceField(
        label="What is it?",
        widget=forms.RadioSelect,
        choices=[
            (OrganisationKind.EMPLOYER, "An employer whose people work abroad"),
            (OrganisationKind.ADVISER, "An adviser who acts for workers or employers"),
        ],
    )
    name = forms.CharField(
        label="Its full name",
        max_length=200,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    country = forms.ChoiceField(label="Country of its seat", choices=_COUNTRIES)
    address = forms.CharField(label="Address", max_length=400, required=False)


class InvitationForm(forms.Form):
    """Somebody to invite."""

    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(
        label="What they may do",
        widget=forms.RadioSelect,
        initial=MemberRole.MANAGER,
        choices=[
            (MemberRole.VIEWER, "Look only"),
            (MemberRole.MANAGER, "Start and send applications"),
            (MemberRole.OWNER, "All that, and people, mandates and sign-in"),
        ],
    )


class MemberForm(forms.Form):
    """What to do about a member."""

    act = forms.ChoiceField(choices=[*MemberRole.choices, ("remove", "remove")])


class MandateForm(forms.Form):
    """A mandate to give."""

    giver = forms.ChoiceField(label="Whom may they act for?", widget=forms.RadioSelect)
    ends_on = forms.DateField(
        label="Last day", required=False, widget=_DAY, help_text="Empty: until you end it."
    )
    agreed = forms.BooleanField(label="I agree to this")

    def __init__(self, *args: Any, organisations: list[Organisation], **named: Any) -> None:
        super().__init__(*args, **named)
        self.organisations = {str(each.id): each for each in organisations}
        choice_field(self, "giver").choices = [
            ("me", "For me, as a worker"),
            *((key, f"For {each.name}") for key, each in self.organisations.items()),
        ]

    def clean_ends_on(self) -> date | None:
        """Take no day that is past."""
        day: date | None = self.cleaned_data["ends_on"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError("This day is past.")
        return day


class ProviderForm(forms.Form):
    """An identity provider."""

    issuer = forms.URLField(
        label="Issuer", help_text="For example https://login.example.com", assume_scheme="https"
    )
    client_id = forms.CharField(label="Client id", max_length=191)
    secret = forms.CharField(
        label="Client secret",
        required=False,
        max_length=500,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text="It is kept sealed and never shown again. Empty: the one we have stays.",
    )
    domains = forms.CharField(
        label="E-mail domains",
        help_text="One on a line, for example example.com",
        widget=forms.Textarea({"rows": 3}),
    )


class WorkAddressForm(forms.Form):
    """Where somebody works."""

    email = forms.EmailField(
        label="Your e-mail address at work", widget=forms.EmailInput({"autocomplete": "email"})
    )


class OfficeForm(forms.Form):
    """An office for somebody."""

    role = forms.ChoiceField(
        label="Role",
        required=False,
        choices=[("", "none"), *((v, n) for v, n in OfficeRole.choices if v)],
    )


class FactorsForm(forms.Form):
    """How an administrator saw who it is that lost a factor: a code, for the log."""

    how = forms.ChoiceField(
        label="How did you see that it is them?",
        widget=forms.RadioSelect,
        choices=[
            ("in_person", "They were here, and I know them or saw a passport or identity card"),
            ("video", "I saw them and a passport or identity card in a video call"),
            ("call_back", "I called them at a number that the office had before"),
            ("vouched", "Their superior was here, or was called, and vouched for them"),
        ],
    )


class ProofForm(forms.Form):
    """How a domain was seen to be an organisation's."""

    proof = forms.CharField(
        label="What did you see?",
        widget=forms.Textarea({"rows": 2}),
        help_text="For example: a TXT record of the domain with the text we sent them.",
    )


class FirstAdministrator(forms.Form):
    """Who it is, and a password."""

    full_name = forms.CharField(
        label="Your name",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label="Your e-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label="A new password",
        help_text="12 characters or more. Add a second factor once you are signed in.",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """Hold it to the rules for passwords."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password
