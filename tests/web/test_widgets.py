"""Lists to choose from, as pages draw them."""

from __future__ import annotations

from django import forms


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
