"""Forms as the pages draw them: label, hint, error and field, tied together for every reader."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Draw forms and fields with this app's templates."""

    form_template_name = "pages/form.html"
    field_template_name = "pages/field.html"
