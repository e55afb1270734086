"""The forms about a certificate."""

from __future__ import annotations

from typing import Any

from django import forms

from totalize.certificates.register import CORRECTABLE

LABELS = {
    "worker.full_name": "Name of the worker",
    "worker.birth_date": "Birth date of the worker",
    "employer.name": "Name of the employer",
    "employer.address": "Address of the employer",
    "host.name": "Name of the place of work",
    "host.address": "Address of the place of work",
    "work.place": "Town of the work",
    "from": "First day",
    "to": "Last day",
}
DAYS = ("worker.birth_date", "from", "to")


class WithdrawForm(forms.Form):
    """Why a certificate is to be withdrawn."""

    reason = forms.CharField(
        label="Why should it be withdrawn?",
        help_text="For the second person and for the file. Whoever checks it is not shown this.",
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
    )


class KeepForm(forms.Form):
    """Why a certificate is not withdrawn."""

    note = forms.CharField(
        label="Why not?", widget=forms.Textarea(attrs={"rows": 4}), max_length=2000
    )


class AmendForm(forms.Form):
    """What is corrected: each field holds what the certificate says now."""

    def __init__(self, *given: Any, now: dict[str, Any], **options: Any) -> None:
        super().__init__(*given, **options)
        self.now = now
        for path in (path for path in CORRECTABLE if path in LABELS):
            day = path in DAYS
            self.fields[path.replace(".", "-")] = (
                forms.DateField(
                    label=LABELS[path],
                    required=False,
                    initial=now.get(path),
                    widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
                )
                if day
                else forms.CharField(
                    label=LABELS[path], required=False, max_length=400, initial=now.get(path)
                )
            )
        self.fields["reason"] = forms.CharField(
            label="Why is it corrected?",
            widget=forms.Textarea(attrs={"rows": 4}),
            max_length=2000,
        )

    def changes(self) -> dict[str, Any]:
        """Return what differs from the certificate, by path."""
        found = {}
        for name, value in self.cleaned_data.items():
            path = name.replace("-", ".")
            if name == "reason":
                continue
            given = value.isoformat() if hasattr(value, "isoformat") else (value or None)
            if given != self.now.get(path) and given is not None:
                found[path] = given
        return found
