"""The app's name and label."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The caseworkers' desk."""

    name = "totalize.web.desk"
    label = "desk"

    def ready(self) -> None:
        """Let plain cases be decided by themselves; say what is forgotten with a person."""
        from totalize.web.applications.hooks import on_submitted  # noqa: PLC0415 - apps first
        from totalize.web.desk.automatic import queue_decision  # noqa: PLC0415 - apps first
        from totalize.web.desk.erasing import forget  # noqa: PLC0415 - apps first
        from totalize.web.people.services import on_erasing  # noqa: PLC0415 - apps first

        on_submitted.append(queue_decision)
        on_erasing.append(forget)
