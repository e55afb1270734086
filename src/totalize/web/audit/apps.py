"""The app's name and label."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The log of every act, which can be shown to be whole."""

    name = "totalize.web.audit"
    label = "audit"
