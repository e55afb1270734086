"""The app's name and label."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Work done in the background and by the clock."""

    name = "totalize.web.jobs"
    label = "jobs"
