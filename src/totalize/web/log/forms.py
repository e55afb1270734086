"""What an auditor looks for."""

from __future__ import annotations

from django import forms

_DAY = {"type": "date"}


class FilterForm(forms.Form):
    """Narrow the log down."""

    act = forms.CharField(required=False, max_length=60, help_text="For example: application.")
    subject = forms.CharField(required=False, max_length=80, label="About")
    actor = forms.CharField(required=False, max_length=80, label="By")
    first = forms.DateField(required=False, label="From", widget=forms.DateInput(_DAY))
    last = forms.DateField(required=False, label="To", widget=forms.DateInput(_DAY))

    def filters(self) -> dict[str, object]:
        """Return what was asked for; nothing where the form can't be read."""
        if not self.is_valid():
            return {}
        asked = self.cleaned_data
        return {**asked, "from": asked["first"], "to": asked["last"]}
