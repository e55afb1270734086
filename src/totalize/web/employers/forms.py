"""Forms of the employers' pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from totalize.kernel.countries import NAMES, country_name
from totalize.web.accounts.fields import choice_field
from totalize.web.accounts.models import Organisation, User
from totalize.web.accounts.selectors import members_of
from totalize.web.employers.board import LATER, ORDERS, WORDS, Standing
from totalize.web.employers.importing import ENDINGS
from totalize.web.employers.models import Affiliate
from totalize.web.employers.webhooks import EVENTS
from totalize.web.follow.models import Dossier

COUNTRIES = sorted(((code, country_name(code)) for code in NAMES), key=lambda each: each[1])
ORDER_WORDS = {
    "standing": "most pressing first",
    "until": "proof that ends first",
    "name": "name",
    "country": "country",
    "due": "due first",
}


class BoardForm(forms.Form):
    """What the board is narrowed to."""

    text = forms.CharField(label="Name or your number", required=False, max_length=100)
    standing = forms.ChoiceField(
        label="How it stands",
        required=False,
        choices=[("", "all"), *((each.value, WORDS[each]) for each in Standing)],
    )
    country = forms.ChoiceField(label="Country of work", required=False)
    owner = forms.ChoiceField(label="Who looks after it", required=False)
    when = forms.ChoiceField(
        label="When they go",
        required=False,
        choices=[("", "abroad today or within 90 days"), (LATER, "later")],
    )
    order = forms.ChoiceField(
        label="In which order",
        required=False,
        choices=[(each, ORDER_WORDS[each]) for each in ORDERS],
    )

    def __init__(self, *args: Any, countries: list[str], members: list[User], **named: Any) -> None:
        super().__init__(*args, **named)
        choice_field(self, "country").choices = [
            ("", "all"),
            *((code, country_name(code)) for code in countries),
        ]
        choice_field(self, "owner").choices = [
            ("", "anybody"),
            ("nobody", "nobody yet"),
            *((member.email, str(member)) for member in members),
        ]


class CareForm(forms.ModelForm[Dossier]):
    """Who looks after a person, until when, and what they are paid."""

    class Meta:
        """Of a dossier."""

        model = Dossier
        fields = ["owner", "due_on", "yearly_pay", "currency", "note"]
        labels = {
            "owner": "Who looks after it",
            "due_on": "Due on",
            "yearly_pay": "Pay in a year",
            "currency": "Currency of the pay",
            "note": "Note",
        }
        help_texts = {"currency": "Three letters, like USD."}
        widgets = {
            "due_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "note": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, organisation: Organisation, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["owner"] = forms.ModelChoiceField(
            members_of(organisation),
            label=self.fields["owner"].label,
            required=False,
            empty_label="nobody yet",
        )

    def clean_currency(self) -> str:
        """Want the three letters of ISO 4217."""
        currency = str(self.cleaned_data["currency"]).strip().upper()
        if currency and not (len(currency) == 3 and currency.isalpha()):
            raise forms.ValidationError("Write the three letters of the currency, like USD.")
        return currency


class UploadForm(forms.Form):
    """A roster."""

    file = forms.FileField(
        label="Your list of people",
        help_text="A CSV or XLSX file, one row a work.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(ENDINGS)}),
    )


class AffiliateForm(forms.ModelForm[Affiliate]):
    """A company of the group."""

    country = forms.ChoiceField(label="Country", choices=[("", "choose"), *COUNTRIES])

    class Meta:
        """Of the register."""

        model = Affiliate
        fields = ["name", "country", "share", "section_3121l_from"]
        labels = {
            "name": "Name of the company",
            "share": "Share held by the American employer, in percent",
            "section_3121l_from": "Covered by a section 3121(l) agreement since",
        }
        help_texts = {
            "name": "As it stands in your lists under employer.name.",
            "section_3121l_from": "Leave it empty when there is none. "
            "The agreement is Form 2032 with the IRS; once made it cannot be ended.",
        }
        widgets = {"section_3121l_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def clean_share(self) -> Decimal:
        """Want a percentage."""
        share: Decimal = self.cleaned_data["share"]
        if not 0 <= share <= 100:
            raise forms.ValidationError("Write a percentage between 0 and 100.")
        return share


class EndpointForm(forms.Form):
    """Where to send events."""

    url = forms.URLField(
        label="Address",
        max_length=500,
        assume_scheme="https",
        help_text="It begins with https:// and can be reached from the internet.",
    )
    events = forms.MultipleChoiceField(
        label="Which events",
        required=False,
        choices=list(EVENTS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose none to be told of all.",
    )
