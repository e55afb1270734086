"""The app's name and label."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """Applications for a certificate, from draft to decision."""

    name = "totalize.web.applications"
    label = "applications"

    def ready(self) -> None:
        """Say on the first page what waits for somebody."""
        from totalize.web.applications.selectors import waiting_for  # noqa: PLC0415 - apps first
        from totalize.web.pages.waiting import sources  # noqa: PLC0415 - apps first

        sources.append(waiting_for)
