"""Forms of a draft: details as the agreement asks for them, numbers, family, the other side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from msgspec import UNSET

from totalize.certificates.pack.facts import Asked
from totalize.kernel.countries import country_name, in_sentence
from totalize.kernel.errors import InputError
from totalize.web.accounts.fields import choice_field
from totalize.web.applications.sections import FACT_OF
from totalize.web.pages.forms import may_wait
from totalize.web.pages.questions import DayField, LongSelect, country_choices

YES_NO = (("", "Not answered"), ("yes", "Yes"), ("no", "No"))
PLACES = ("employer_home", "employer_host", "business_home", "business_host")
DAYS = ("birth_date", "hire_date")
FLAGS = ("remains_employee", "stays_with_employer")
MOST_FAMILY = 8
HINTS = {
    "full_name": "As in the passport.",
    "birth_place": "Town and country.",
    "hire_place": "Town and country.",
    "nature_of_activity": "In a few words, like “software development”.",
}


class DetailsForm(forms.Form):
    """Details of one page of a draft. Everything may be left empty and given later."""

    def __init__(
        self, items: Sequence[Asked], known: Mapping[str, Any], *given: Any, **options: Any
    ) -> None:
        """Build the fields.

        Args:
            items: what the page asks for.
            known: what was given before, by key.
            *given: as for a form.
            **options: as for a form.
        """
        super().__init__(*given, **options)
        self.items = items
        for item in items:
            for name, field in self._fields(item, known.get(item.key)):
                field.required = False
                may_wait(field, may=not item.optional)
                self.fields[name] = field

    def changes(self) -> dict[str, dict[str, Any]]:
        """Return what was given, as `fill` takes it."""
        details: dict[str, Any] = {}
        facts: dict[str, Any] = {}
        for item in self.items:
            value = self._value(item.key)
            if item.key in FACT_OF:
                facts[FACT_OF[item.key]] = UNSET if value is None else value
            else:
                details[item.key] = value
        return {"details": details, "facts": facts}

    def take_refusal(self, error: InputError) -> None:
        """Show a refusal beside the field it is about."""
        name = error.path.removeprefix("details.").replace(".", "__")
        words = problem_in_words(error)
        fields = [field for field in self.fields if field == name or field.startswith(f"{name}__")]
        self.add_error(fields[0] if fields else None, words)

    def _fields(self, item: Asked, known: Any) -> list[tuple[str, forms.Field]]:
        label, key = label_of(item), item.key
        hint = HINTS.get(key, "")
        if key in PLACES:
            place = {"name": known} if isinstance(known, str) else dict(known or {})
            return [
                (
                    f"{key}__name",
                    forms.CharField(
                        label=f"{called(item)}: name", help_text=label, initial=place.get("name")
                    ),
                ),
                (
                    f"{key}__address",
                    forms.CharField(
                        label=f"{called(item)}: address",
                        initial=place.get("address"),
                        widget=forms.Textarea(attrs={"rows": 3}),
                    ),
                ),
            ]
        if key in DAYS:
            return [(key, DayField(label=label, help_text=hint, initial=known))]
        if key in FLAGS:
            initial = _yes_or_no(known)
            return [(key, _yes_no(label, initial))]
        if key == "affiliate_3121l":
            given = {"covered": known} if isinstance(known, bool) else dict(known or {})
            initial = _yes_or_no(given.get("covered"))
            return [
                (f"{key}__covered", _yes_no(label, initial)),
                (f"{key}__since", DayField(label="If yes, since when", initial=given.get("since"))),
            ]
        if key in FACT_OF:
            choices = country_choices("Choose a country")
            return [
                (
                    key,
                    forms.ChoiceField(
                        label=label, choices=choices, initial=known, widget=LongSelect
                    ),
                )
            ]
        if key.startswith("address_") or key == "reasons":
            area = forms.Textarea(attrs={"rows": 4})
            return [(key, forms.CharField(label=label, initial=known, widget=area))]
        return [(key, forms.CharField(label=label, help_text=hint, initial=known))]

    def _value(self, key: str) -> Any:
        given = self.cleaned_data
        if key in PLACES:
            name, address = given[f"{key}__name"], given[f"{key}__address"]
            if not name and not address:
                return None
            return {"name": name or None, "address": address or None}
        if key == "affiliate_3121l":
            covered = given[f"{key}__covered"]
            since = given[f"{key}__since"] or None
            return {"covered": covered == "yes", "since": since} if covered else None
        if key in FLAGS:
            return given[key] == "yes" if given[key] else None
        return given[key] or None


class NumberInput(forms.TextInput):
    """A field for a personal number: a page that comes back never repeats what was typed."""

    def __init__(self) -> None:
        super().__init__({"autocomplete": "off", "spellcheck": "false"})

    def format_value(self, value: object) -> None:
        """Show nothing, whatever there is."""
        return


class NumbersForm(forms.Form):
    """Personal numbers. What is kept is shown masked; an empty field leaves it as it is."""

    def __init__(
        self, items: Sequence[Asked], kept: Mapping[str, str], *given: Any, **options: Any
    ) -> None:
        """Build the fields.

        Args:
            items: the numbers that are asked for.
            kept: those that are there, masked.
            *given: as for a form.
            **options: as for a form.
        """
        super().__init__(*given, **options)
        for item in items:
            there = kept.get(item.key)
            hint = f"We have it: {there}. Leave this empty to keep it." if there else ""
            self.fields[item.key] = field = forms.CharField(
                label=label_of(item),
                help_text=hint,
                required=False,
                max_length=80,
                widget=NumberInput(),
            )
            may_wait(field, may=not item.optional)

    def changes(self) -> dict[str, Any]:
        """Return the numbers that were given, by key."""
        return {key: value for key, value in self.cleaned_data.items() if value}


class MemberForm(forms.Form):
    """Somebody who comes along."""

    name = forms.CharField(label="Full name", required=False, max_length=200)
    relationship = forms.CharField(
        label="Relationship", required=False, max_length=80, help_text="Like spouse, son, daughter."
    )
    birth_date = DayField(label="Date of birth", required=False)
    birth_place = forms.CharField(label="Place of birth", required=False, max_length=200)
    number = forms.CharField(
        label="Insurance number in the other country, if known",
        required=False,
        max_length=80,
        widget=NumberInput(),
    )

    def member(self) -> dict[str, Any] | None:
        """Return the person, None when the form was left empty."""
        found = {key: value or None for key, value in self.cleaned_data.items()}
        return found if any(found.values()) else None


class ReasonsForm(forms.Form):
    """Whose system is wanted, and why, for what only both authorities together can agree to."""

    def __init__(self, countries: Sequence[str], *given: Any, **options: Any) -> None:
        """Offer the two countries of the agreement."""
        super().__init__(*given, **options)
        self.fields["wanted_coverage"] = forms.ChoiceField(
            label="Which country's system should cover the work?",
            choices=[(code, country_name(code)) for code in countries],
            widget=forms.RadioSelect,
            required=False,
        )
        self.fields["reasons"] = forms.CharField(
            label="Why",
            help_text="Say why the usual rule would be hard, and what speaks for the other system.",
            widget=forms.Textarea(attrs={"rows": 6}),
            max_length=1900,
            required=False,
        )


class OtherSideForm(forms.Form):
    """To whom the link goes."""

    email = forms.EmailField(
        label="E-mail address",
        help_text="They get a link. It works for 14 days and for one answer.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label="File",
        help_text="PDF, JPEG or PNG, at most 10 MB.",
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )


class ForeignForm(forms.Form):
    """What the certificate of another office says."""

    issuer = forms.ChoiceField(label="Country whose office issued it", widget=LongSelect)
    name = forms.CharField(label="Name of the worker, as it stands there", max_length=200)
    first = DayField(label="First day it covers")
    last = DayField(
        label="Last day it covers",
        required=False,
        help_text="Leave it empty if no end stands there.",
    )
    number = forms.CharField(label="Number of the certificate", required=False, max_length=80)

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        choice_field(self, "issuer").choices = country_choices("Choose a country")

    def facts(self) -> dict[str, Any]:
        """Return the facts as `keep_foreign` takes them."""
        given = self.cleaned_data
        return {
            "issuer": given["issuer"],
            "name": given["name"],
            "from": given["first"],
            "to": given["last"] or None,
            "number": given["number"],
        }


def called(item: Asked) -> str:
    """Return what a place is called for short."""
    name = "Business" if item.key.startswith("business") else "Employer"
    return name if item.country is None else f"{name} in {in_sentence(item.country)}"


def label_of(item: Asked) -> str:
    """Return the question as the agreement words it."""
    label = item.label[:1].upper() + item.label[1:]
    return label if item.country is None else f"{label} ({country_name(item.country)})"


def problem_in_words(error: InputError) -> str:
    """Return a refusal as a sentence beside a field."""
    words = error.problem[:1].upper() + error.problem[1:]
    for verb in ("Is ", "Has ", "Can't "):
        if words.startswith(verb):
            words = f"This {words[:1].lower()}{words[1:]}"
            break
    ending = f" Give {error.expected}." if error.expected else ""
    return f"{words}.{ending}"


def _yes_or_no(value: object) -> str:
    """Return the choice that a truth stands for; anything else is not answered."""
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""


def _yes_no(label: str, initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=YES_NO, initial=initial, widget=forms.RadioSelect)
