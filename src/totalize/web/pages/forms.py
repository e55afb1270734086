"""Forms as the pages draw them: label, hint, error and field, tied together for every reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString, mark_safe


class Renderer(TemplatesSetting):
    """Draw forms and fields with this app's templates.

    Django draws a field by three templates that include one another, and each choice of a list by
    two: a third of the time of a page with a dozen fields. What is the same on every page is put
    together here, to the same text.
    """

    form_template_name = "pages/form.html"
    field_template_name = "pages/field"

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        """Return a form, a field or a part of one as HTML."""
        if template_name == self.field_template_name:
            return mark_safe("".join(_draw_field(context["field"])))  # noqa: S308 - parts are escaped
        draw = _DRAWN.get(template_name)
        if draw is None:
            return super().render(template_name, context, request)
        return mark_safe("".join(draw(context["widget"])))  # noqa: S308 - each part is escaped


def _draw_field(field: forms.BoundField) -> Iterator[str]:
    """Draw a field with all that belongs to it; a box to tick stands before its label."""
    yield f'<div class="field{" wrong" if field.errors else ""}">\n'
    if field.widget_type == "checkbox":
        yield from _draw_errors(field)
        yield f'<label class="choice" for="{escape(field.id_for_label)}">'
        yield f"{field}{escape(field.label)}</label>\n"
        yield from _draw_hint(field)
    else:
        named = escape(field.label)
        if not field.field.required and not getattr(field.field, "can_wait", False):
            named += mark_safe(' <span class="quiet">(optional)</span>')
        if field.use_fieldset:
            described = field.aria_describedby
            tied = f' aria-describedby="{escape(described)}"' if described else ""
            yield f"<fieldset{tied}><legend>{named}</legend>\n"
        else:
            yield f'<label for="{escape(field.id_for_label)}">{named}</label>\n'
        yield from _draw_hint(field)
        yield from _draw_errors(field)
        yield f"{field}\n"
        if field.use_fieldset:
            yield "</fieldset>\n"
    yield "</div>"


def _draw_hint(field: forms.BoundField) -> Iterator[str]:
    if field.help_text:
        # The program's own words, which may hold marks.
        yield f'<div class="hint" id="{escape(field.auto_id)}_helptext">{field.help_text}</div>\n'


def _draw_errors(field: forms.BoundField) -> Iterator[str]:
    if field.errors:
        yield f'<div class="error" id="{escape(field.auto_id)}_error">'
        for error in field.errors:
            yield f'<p><span class="unseen">Error: </span>{escape(str(error))}</p>'
        yield "</div>\n"


def _draw_input(widget: Mapping[str, Any]) -> Iterator[str]:
    yield f'<input type="{escape(widget["type"])}" name="{escape(widget["name"])}"'
    if widget["value"] is not None:
        yield f' value="{_text(widget["value"])}"'
    yield from _attributes(widget["attrs"])
    yield ">"


def _draw_list(widget: Mapping[str, Any]) -> Iterator[str]:
    yield f'<select name="{escape(widget["name"])}"'
    yield from _attributes(widget["attrs"])
    yield ">"
    for group, options, _ in widget["optgroups"]:
        if group:
            yield f'<optgroup label="{escape(group)}">'
        for option in options:
            yield f'<option value="{_text(option["value"])}"'
            yield from _attributes(option["attrs"])
            yield f">{escape(option['label'])}</option>\n"
        if group:
            yield "</optgroup>"
    yield "</select>"


def _draw_choices(widget: Mapping[str, Any]) -> Iterator[str]:
    """Draw buttons or boxes to choose from, each with its label around it."""
    tied = "".join(
        f' {name}="{_text(widget["attrs"][name])}"'
        for name in ("id", "class")
        if widget["attrs"].get(name)
    )
    yield f"<div{tied}>"
    for group, options, _ in widget["optgroups"]:
        if group:
            yield f"<div><label>{escape(group)}</label>"
        for option in options:
            marked = f' for="{escape(option["attrs"]["id"])}"' if option["attrs"].get("id") else ""
            yield f"<div>\n<label{marked}>"
            yield from _draw_input(option)
            yield f"\n {escape(option['label'])}</label>\n</div>"
        if group:
            yield "</div>"
    yield "</div>"


def _attributes(given: Mapping[str, Any]) -> Iterator[str]:
    for name, value in given.items():
        if value is True:
            yield f" {escape(name)}"
        elif value is not False:
            yield f' {escape(name)}="{_text(value)}"'


def _text(value: Any) -> str:
    """Return a value as text; what is safe already stays as it is."""
    return escape(value if isinstance(value, SafeString) else str(value))


_INPUTS = ("date", "email", "hidden", "input", "number", "password", "text", "url")
_DRAWN = {
    **dict.fromkeys((f"django/forms/widgets/{name}.html" for name in _INPUTS), _draw_input),
    "django/forms/widgets/select.html": _draw_list,
    "django/forms/widgets/radio.html": _draw_choices,
    "django/forms/widgets/checkbox_select.html": _draw_choices,
}


def may_wait(field: forms.Field, *, may: bool = True) -> None:
    """Mark a field that may be left empty for now: needed in the end, it isn't called optional.

    The mark stands on Django's own field, where the template that draws it finds it.
    """
    vars(field)["can_wait"] = may
