"""The app's name and label."""

from django.apps import AppConfig


class VerifyConfig(AppConfig):
    """Verification of a certificate by anybody."""

    name = "totalize.web.verify"
    label = "verify"
