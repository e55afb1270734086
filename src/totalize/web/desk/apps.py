"""The app's name and label."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The caseworkers' desk."""

    name = "totalize.web.desk"
    label = "desk"
