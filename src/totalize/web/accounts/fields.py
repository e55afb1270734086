"""Fields of forms by the kind that their code needs."""

from __future__ import annotations

from django import forms


def choice_field(form: forms.BaseForm, name: str) -> forms.ChoiceField:
    """Return the field of a form that offers a choice, to say what there is to choose from.

    Raises:
        TypeError: the field offers none.
    """
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} offers no choice")
    return field
