"""The app's name and label."""

from django.apps import AppConfig


class EmployersConfig(AppConfig):
    """Employers with many people."""

    name = "totalize.web.employers"
    label = "employers"

    def ready(self) -> None:
        """Let dossiers be completed from the register of affiliates."""
        from totalize.web.employers.register import complete  # noqa: PLC0415 - apps first
        from totalize.web.follow.services import completing  # noqa: PLC0415 - apps first

        if complete not in completing:
            completing.append(complete)
