"""What still has to be filed with the United States, asked and shown on the result page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from totalize import api
from totalize.coverage.determination import Determination
from totalize.filing.facts import Status
from totalize.filing.result import Filing
from totalize.filing.wording import status_name
from totalize.kernel.countries import US
from totalize.law.filing import filing_years, load_filing
from totalize.web.accounts.fields import choice_field
from totalize.web.pages.questions import capital

_AMOUNTS = (
    ("income", "Gross income of the year from everywhere, in US dollars", True),
    ("self_employment", "Net profit of all self-employment, in US dollars", False),
    ("foreign_accounts", "Highest total of all foreign accounts on any day, in US dollars", False),
)


FIELDS = {name: label for name, label, _ in _AMOUNTS} | {"tax_year": "Tax year"}
_RESIDENT = "us_resident"
_NOT_SURE = [("", "Not sure"), ("yes", "Yes"), ("no", "No")]


class FilingForm(forms.Form):
    """The year, and the money of the year."""

    tax_year = forms.TypedChoiceField(label="Tax year", coerce=int)
    status = forms.ChoiceField(label="Filing status")

    def __init__(self, document: Mapping[str, Any], *given: Any, **options: Any) -> None:
        """Build the form for a case.

        Args:
            document: the case.
            *given: as for a form.
            **options: as for a form.
        """
        super().__init__(*given, **options)
        years = sorted(filing_years(), reverse=True)
        law = load_filing(years[0])
        choice_field(self, "tax_year").choices = [(year, str(year)) for year in years]
        choice_field(self, "status").choices = [
            (status.value, capital(status_name(law, status.value))) for status in Status
        ]
        own = document["work"][-1].get("activity") == "self_employment"
        for name, label, needed in _AMOUNTS:
            if name == "self_employment" and not own:
                continue
            self.fields[name] = forms.DecimalField(
                label=label,
                min_value=Decimal(0),
                max_digits=14,
                decimal_places=2,
                required=needed,
                error_messages={"required": "Enter the amount, digits only."},
            )
        worker = document["worker"]
        if US not in worker["citizenships"] and worker.get(_RESIDENT) is None:
            self.fields[_RESIDENT] = forms.ChoiceField(
                label="Are you a resident alien of the United States for tax?",
                help_text="With a green card, or after enough days there.",
                choices=_NOT_SURE,
                required=False,
            )

    def request(self) -> dict[str, Any]:
        """Return what was given, as a session keeps it."""
        return {
            name: value if name == "tax_year" else str(value)
            for name, value in self.cleaned_data.items()
            if value not in (None, "")
        }


def filing_of(
    document: Mapping[str, Any],
    asked: Mapping[str, Any],
    determination: Determination,
    as_of: date,
) -> Filing:
    """Assess the year.

    Raises:
        InputError: something given cannot be used.
    """
    if _RESIDENT in asked:
        # The coverage does not turn on it, or the check would have asked; the return does.
        worker = {**document["worker"], _RESIDENT: asked[_RESIDENT] == "yes"}
        document = {**document, "worker": worker}
        asked = {name: value for name, value in asked.items() if name != _RESIDENT}
    return api.filing(document, as_of=as_of, determination=determination, **asked)
