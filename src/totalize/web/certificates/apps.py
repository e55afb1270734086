"""The app's name and label."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """Certificates issued, kept and withdrawn; certificates from other offices."""

    name = "totalize.web.certificates"
    label = "certificates"
