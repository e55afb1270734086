"""The app's name and label."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig

from totalize.web.pages.field_errors import say_what_is_wanted


class PagesConfig(AppConfig):
    """The look of every page, and the answers to what went wrong."""

    name = "totalize.web.pages"
    label = "pages"

    def __init__(self, app_name: str, app_module: Any) -> None:
        """Put our sentences in place before any app reads a form."""
        super().__init__(app_name, app_module)
        say_what_is_wanted()
