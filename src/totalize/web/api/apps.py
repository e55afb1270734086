"""The app's name and label."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The same as JSON over HTTP."""

    name = "totalize.web.api"
    label = "api"
