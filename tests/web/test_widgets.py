"""Fields and lists to choose from, as pages draw them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from totalize.web.pages.forms import Renderer

CHOICES = [("", "None"), (1, "One"), ("<&", [("x'y", mark_safe("<b>bold</b>")), (None, 'a "b"')])]
WIDGETS = (
    forms.TextInput({"class": "wide", "disabled": False, "autofocus": True, "data-x": 'a"<b>'}),
    forms.NumberInput({"step": Decimal("0.01"), "min": 0}),
    forms.EmailInput(),
    forms.URLInput(),
    forms.PasswordInput(render_value=True),
    forms.HiddenInput(),
    forms.DateInput({"title": mark_safe("&nbsp;")}, format="%Y-%m-%d"),
    forms.Select({"class": "wide"}, CHOICES),
    forms.SelectMultiple(choices=CHOICES),
    forms.RadioSelect({"class": "wide"}, CHOICES),
    forms.CheckboxSelectMultiple(choices=CHOICES),
)
VALUES = (
    None,
    "",
    0,
    1,
    [1, "x'y"],
    True,
    'a "quoted" <value>',
    mark_safe("&amp;"),
    date(2027, 3, 1),
)


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_field_is_drawn_as_by_its_own_template(widget, value):
    def drawn(renderer):
        text = widget.render("name<", value, {"id": "id_name", "required": True}, renderer)
        return "".join(line.strip() for line in text.splitlines())

    assert drawn(Renderer()) == drawn(DjangoTemplates())


class _Form(forms.Form):
    place = forms.ChoiceField(
        choices=[("", "None"), ("DE", "Germany"), ("Far", [("KR", "Korea & more")])],
        widget=forms.Select(attrs={"class": "wide", "disabled": False, "autofocus": True}),
    )
    places = forms.MultipleChoiceField(choices=[(1, "One"), (2, "Two")])


def test_a_list_is_drawn_with_groups_attributes_and_what_is_chosen():
    form = _Form(initial={"place": "KR", "places": [1, 2]}, auto_id=False)
    drawn = str(form["place"]).replace("\n", "")
    assert drawn == (
        '<select name="place" class="wide" autofocus required aria-describedby="">'
        '<option value="">None</option><option value="DE">Germany</option>'
        '<optgroup label="Far"><option value="KR" selected>Korea &amp; more</option></optgroup>'
        "</select>"
    ).replace(' aria-describedby=""', "")
    assert str(form["places"]).count(" selected>") == 2
    assert " multiple>" in str(form["places"])
