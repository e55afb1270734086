"""The app's name and label."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The look of every page, and the answers to what went wrong."""

    name = "totalize.web.pages"
    label = "pages"
