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
    two: a third of the time of a page with a dozen fields. What has no words of its own is put
    together here, to the same text.
    """

    form_template_name = "pages/form.html"
    field_template_name = "pages/field.html"

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> str:
        """Return a form, a field or a part of one as HTML."""
        draw = _DRAWN.get(template_name)
        if draw is None:
            return super().render(template_name, context, request)
        return mark_safe("".join(draw(context["widget"])))  # noqa: S308 - each part is escaped


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
}


def may_wait(field: forms.Field, *, may: bool = True) -> None:
    """Mark a field that may be left empty for now: needed in the end, it isn't called optional.

    The mark stands on Django's own field, where the template that draws it finds it.
    """
    vars(field)["can_wait"] = may
