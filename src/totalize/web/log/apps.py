"""The app's name and label."""

from django.apps import AppConfig


class LogConfig(AppConfig):
    """The pages of the log. They know accounts, which the log itself must not."""

    name = "totalize.web.log"
    label = "log"
