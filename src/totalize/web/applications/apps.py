"""The app's name and label."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """Applications for a certificate, from draft to decision."""

    name = "totalize.web.applications"
    label = "applications"
