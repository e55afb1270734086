"""The app's name and label."""

from django.apps import AppConfig


class EmployersConfig(AppConfig):
    """Employers with many people."""

    name = "totalize.web.employers"
    label = "employers"

    def ready(self) -> None:
        """Complete dossiers from the register of affiliates; tell organisations of events."""
        from totalize.web.applications.hooks import on_moved  # noqa: PLC0415 - apps first
        from totalize.web.certificates.hooks import on_changed  # noqa: PLC0415 - apps first
        from totalize.web.employers import events  # noqa: PLC0415 - apps first
        from totalize.web.employers.register import complete  # noqa: PLC0415 - apps first
        from totalize.web.follow.services import completing  # noqa: PLC0415 - apps first
        from totalize.web.follow.watch import on_reminded  # noqa: PLC0415 - apps first

        completing.append(complete)
        on_moved.append(events.tell_of_move)
        on_changed.append(events.tell_of_certificate)
        on_reminded.append(events.tell_of_end)
