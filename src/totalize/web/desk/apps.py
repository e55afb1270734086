"""The app's name and label."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The caseworkers' desk."""

    name = "totalize.web.desk"
    label = "desk"

    def ready(self) -> None:
        """Let plain cases be decided by themselves; say what waits and what is forgotten."""
        from totalize.web.applications.hooks import on_submitted  # noqa: PLC0415 - apps first
        from totalize.web.desk.automatic import queue_decision  # noqa: PLC0415 - apps first
        from totalize.web.desk.erasing import forget  # noqa: PLC0415 - apps first
        from totalize.web.desk.waiting import waiting_for  # noqa: PLC0415 - apps first
        from totalize.web.pages.waiting import sources  # noqa: PLC0415 - apps first
        from totalize.web.people.services import on_erasing  # noqa: PLC0415 - apps first

        on_submitted.append(queue_decision)
        on_erasing.append(forget)
        sources.append(waiting_for)
