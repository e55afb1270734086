"""Forms of the change wizard, of links, and of contributions paid twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from totalize.certificates.wording import languages
from totalize.kernel.countries import in_sentence
from totalize.web.accounts.fields import choice_field
from totalize.web.follow.changes import Change
from totalize.web.follow.wording import words
from totalize.web.pages.questions import DayField, country_choices

YES_NO = (("yes", "Yes"), ("no", "No"), ("", "Not known"))
LAST = frozenset({Change.EARLY_RETURN})
GOES_ON = frozenset(set(Change) - {Change.EARLY_RETURN, Change.STATUS})
EMPLOYED_ONLY = frozenset({Change.NEW_EMPLOYER, Change.NEW_AFFILIATE, Change.NEW_JOB})


class ChooseForm(forms.Form):
    """Which work, and what happens to it."""

    work = forms.ChoiceField(label="Which work?", widget=forms.RadioSelect)
    kind = forms.ChoiceField(
        label="What changes?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what changes."},
    )

    def __init__(self, works: list[tuple[str, str]], *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        field = choice_field(self, "work")
        field.choices = works
        if len(works) == 1:
            field.initial = works[0][0]
            field.widget = forms.HiddenInput()
        choice_field(self, "kind").choices = [
            (change.value, f"{words().changes[change]}. {words().change_hints[change]}")
            for change in Change
        ]


class ChangeForm(forms.Form):
    """What a change has to say, by its kind."""

    day = DayField(
        label="From which day?",
        help_text="The first day on which it is different.",
        error_messages={"required": "Enter the day, like 2027-03-01."},
    )

    def __init__(
        self,
        change: Change,
        work: Mapping[str, Any],
        citizenships: list[str],
        *given: Any,
        **options: Any,
    ) -> None:
        """Build the form.

        Args:
            change: what happens.
            work: to which work.
            citizenships: those known.
            *given: as for a form.
            **options: as for a form.
        """
        super().__init__(*given, **options)
        self.change, self.work, self.citizenships = change, work, citizenships
        if change is Change.EXTENSION:
            del self.fields["day"]
        if change is Change.EARLY_RETURN:
            self.fields["day"].label = "Last day of this work"
            self.fields["day"].help_text = "It may lie in the past."
        for name, field in _FIELDS[change](work).items():
            self.fields[name] = field
        if change in GOES_ON:
            until = DayField(
                label="Until when is the work planned?",
                required=change is Change.EXTENSION,
                help_text=""
                if change is Change.EXTENSION
                else "Leave it empty if no end is planned.",
                error_messages={"required": "Enter the new last day, like 2030-02-28."},
            )
            self.fields["until"] = until

    @property
    def first_day(self) -> date:
        """The day of the change: of an extension the day after the old end, or today."""
        if self.change is Change.EXTENSION:
            end = self.work.get("end") or self.work.get("expected_end")
            begun = date.fromisoformat(str(self.work["start"]))
            if end:
                return date.fromisoformat(str(end)) + timedelta(days=1)
            return max(begun, timezone.localdate())
        return date.fromisoformat(self.cleaned_data["day"])

    def clean(self) -> dict[str, Any]:
        """Hold the days to the work."""
        given: dict[str, Any] = super().clean() or {}
        begun = str(self.work["start"])
        day, until = given.get("day"), given.get("until")
        earliest = day or begun
        if day and day < begun:
            self.add_error("day", f"The work began on {begun}. Choose that day or a later one.")
        elif day and day == begun and self.change not in {Change.EARLY_RETURN, Change.STATUS}:
            self.add_error("day", f"The work began on {begun}. Choose a later day.")
        planned = str(self.work.get("end") or self.work.get("expected_end") or "")
        if self.change is Change.EXTENSION and until and planned and until <= planned:
            self.add_error(
                "until",
                f"The work is planned to {planned} already. Choose a later day; "
                "if it ends early, tell that change instead.",
            )
        elif until and until < earliest:
            self.add_error("until", f"This is before {earliest}. Choose a later day.")
        return given

    def facts(self) -> dict[str, Any]:
        """Return what is different, as `changes.apply` takes it."""
        given = self.cleaned_data
        facts: dict[str, Any] = _FACTS[self.change](self, given)
        if self.change is Change.EXTENSION:
            # What was foreseen when the work began stays what it was: the law asks for it.
            facts["end"] = given["until"]
        elif self.change in GOES_ON:
            facts["expected_end"] = given["until"] or None
        return facts


def _country(label: str, *, needed: bool = True, hint: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=hint,
        choices=country_choices("Choose a country"),
        required=needed,
        error_messages={"required": "Choose a country."},
    )


def _yes_no(label: str, hint: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, help_text=hint, choices=YES_NO, widget=forms.RadioSelect, required=False
    )


def _nothing(work: Mapping[str, Any]) -> dict[str, forms.Field]:
    return {}


def _employer(work: Mapping[str, Any]) -> dict[str, forms.Field]:
    return {
        "seat": _country("In which country is the new employer based?"),
        "sent": forms.ChoiceField(
            label="Does the new employer send the worker from another country?",
            widget=forms.RadioSelect,
            choices=(
                ("no", "No: hired where the work is, or moved on their own"),
                ("yes", "Yes, from this country:"),
                ("", "Not known"),
            ),
            required=False,
        ),
        "sent_from": _country("Sent from", needed=False),
    }


def _affiliate(work: Mapping[str, Any]) -> dict[str, forms.Field]:
    return {
        "seat": _country("In which country is the company that employs the worker from now on?"),
        "group": _country("From which country did the group send the worker?"),
        "agreement": _yes_no(
            "Has the American employer a section 3121(l) agreement for that company?",
            "By this agreement with the IRS (Form 2032) it pays US Social Security for it.",
        ),
    }


def _elsewhere(work: Mapping[str, Any]) -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {"country": _country("In which country does it go on?")}
    if work.get("activity") == "employment":
        fields["direct"] = forms.ChoiceField(
            label=f"Does the worker come straight from {in_sentence(str(work['country']))}?",
            widget=forms.RadioSelect,
            choices=(
                ("yes", "Yes"),
                ("no", "No, home in between and sent from there anew"),
                ("", "Not known"),
            ),
            required=False,
        )
    return fields


def _status(work: Mapping[str, Any]) -> dict[str, forms.Field]:
    return {
        "gained": _country("Citizenship gained", needed=False),
        "lost": _country("Citizenship lost", needed=False),
        "resident": _yes_no(
            "Is the worker a resident of the United States for its income tax?",
            "A green card makes one. Leave it at “Not known” if nothing changes.",
        ),
    }


def _no_facts(form: ChangeForm, given: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _employer_facts(form: ChangeForm, given: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {"employer": {"country": given["seat"]}}
    if given["sent"] == "no":
        facts["sent_from"] = None
    elif given["sent"] == "yes" and given["sent_from"]:
        facts["sent_from"] = given["sent_from"]
        facts["via"] = None
    return facts


def _affiliate_facts(form: ChangeForm, given: Mapping[str, Any]) -> dict[str, Any]:
    employer: dict[str, Any] = {
        "country": given["seat"],
        "affiliate_of": given["group"],
    }
    if given["agreement"]:
        employer["section_3121l"] = given["agreement"] == "yes"
    return {"employer": employer}


def _elsewhere_facts(form: ChangeForm, given: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {"country": given["country"]}
    if given.get("direct") == "yes":
        facts["via"] = form.work["country"]
    elif given.get("direct") == "no":
        facts["via"] = None
    return facts


def _status_facts(form: ChangeForm, given: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    citizenships = [code for code in form.citizenships if code != given["lost"]]
    if given["gained"]:
        citizenships = list(dict.fromkeys([*citizenships, given["gained"]]))
    if citizenships != form.citizenships:
        facts["citizenships"] = citizenships
    if given["resident"]:
        facts["us_resident"] = given["resident"] == "yes"
    return facts


_FIELDS = {
    Change.NEW_JOB: _nothing,
    Change.NEW_EMPLOYER: _employer,
    Change.EXTENSION: _nothing,
    Change.EARLY_RETURN: _nothing,
    Change.OTHER_COUNTRY: _elsewhere,
    Change.NEW_AFFILIATE: _affiliate,
    Change.STATUS: _status,
}
_FACTS = {
    Change.NEW_JOB: _no_facts,
    Change.NEW_EMPLOYER: _employer_facts,
    Change.EXTENSION: _no_facts,
    Change.EARLY_RETURN: _no_facts,
    Change.OTHER_COUNTRY: _elsewhere_facts,
    Change.NEW_AFFILIATE: _affiliate_facts,
    Change.STATUS: _status_facts,
}


class CopyForm(forms.Form):
    """Somebody has a copy."""

    prefix = "copy"
    holder = forms.CharField(
        label="Who has a copy?",
        max_length=200,
        error_messages={"required": "Enter a name, a company or an office."},
    )
    role = forms.ChoiceField(label="As whom?")
    how = forms.ChoiceField(label="How did they get it?")

    def __init__(self, roles: list[tuple[str, str]], *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        choice_field(self, "role").choices = roles
        ways = ("post", "email", "shown", "attached")
        choice_field(self, "how").choices = [(key, words().how[key]) for key in ways]


class ShareForm(forms.Form):
    """A link for somebody without an account."""

    prefix = "share"
    for_whom = forms.CharField(
        label="Who gets the link?",
        max_length=200,
        error_messages={"required": "Enter who gets it."},
    )
    role = forms.ChoiceField(label="As whom?")
    days = forms.TypedChoiceField(
        label="For how long?",
        coerce=int,
        choices=((1, "1 day"), (7, "7 days"), (30, "30 days"), (90, "90 days")),
        initial=7,
    )

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        choice_field(self, "role").choices = list(words().roles.items())


class PackForm(forms.Form):
    """The inspector's language."""

    prefix = "pack"
    language = forms.ChoiceField(label="Language of the inspector")

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        spoken = [(code, LANGUAGES.get(code, code)) for code in languages()]
        choice_field(self, "language").choices = spoken


LANGUAGES = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pt": "Portuguese",
}


class RefundForm(forms.Form):
    """What was paid, and until when to both countries."""

    work = forms.ChoiceField(label="Which work?")
    earnings = forms.DecimalField(
        label="Yearly pay before tax",
        help_text="Of the self-employed the yearly net profit.",
        min_value=Decimal(1),
        max_digits=14,
        decimal_places=2,
        error_messages={"required": "Enter the pay, digits only."},
    )
    currency = forms.ChoiceField(label="Currency")
    until = DayField(
        label="Last day for which both countries were paid",
        help_text="Often the day before the certificate came. Whole months that ended by then "
        "are counted.",
        error_messages={"required": "Enter the day, like 2027-03-01."},
    )

    def __init__(
        self, works: list[tuple[str, str]], currencies: list[str], *given: Any, **options: Any
    ) -> None:
        super().__init__(*given, **options)
        choice_field(self, "work").choices = works
        choice_field(self, "currency").choices = [(code, code) for code in currencies]

    def clean_until(self) -> date:
        """Return the day; nobody has paid for a month that is not over."""
        day = date.fromisoformat(self.cleaned_data["until"])
        if day > timezone.localdate():
            raise forms.ValidationError("Choose today or an earlier day.")
        return day
