"""The app's name and label."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """Certificates issued, kept and withdrawn; certificates from other offices."""

    name = "totalize.web.certificates"
    label = "certificates"

    def ready(self) -> None:
        """Say what is issued here and what became of it, and what is forgotten with a person."""
        from totalize.web.applications import hooks  # noqa: PLC0415 - apps first
        from totalize.web.certificates import selectors  # noqa: PLC0415 - apps first
        from totalize.web.certificates.erasing import forget  # noqa: PLC0415 - apps first
        from totalize.web.certificates.office import issuing_country  # noqa: PLC0415 - apps first
        from totalize.web.people.services import on_erasing  # noqa: PLC0415 - apps first

        hooks.issuing_countries.append(issuing_country)
        hooks.fates.append(selectors.fates)
        on_erasing.append(forget)
