"""What an auditor looks for."""

from __future__ import annotations

from django import forms

from totalize.web.audit.selectors import Filters

_DAY = {"type": "date"}


class FilterForm(forms.Form):
    """Narrow the log down."""

    act = forms.CharField(required=False, max_length=60, help_text="For example: application.")
    subject = forms.CharField(required=False, max_length=80, label="About")
    actor = forms.CharField(required=False, max_length=80, label="By")
    first = forms.DateField(required=False, label="From", widget=forms.DateInput(_DAY))
    last = forms.DateField(required=False, label="To", widget=forms.DateInput(_DAY))

    def filters(self) -> Filters:
        """Return what was asked for; nothing where the form can't be read."""
        return Filters(**self.cleaned_data) if self.is_valid() else Filters()
