"""The app's name and label."""

from django.apps import AppConfig


class CheckConfig(AppConfig):
    """The public check: which system, why, what proves it; nothing is stored."""

    name = "totalize.web.check"
    label = "check"
