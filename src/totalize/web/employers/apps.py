"""The app's name and label."""

from django.apps import AppConfig


class EmployersConfig(AppConfig):
    """Employers with many people."""

    name = "totalize.web.employers"
    label = "employers"
