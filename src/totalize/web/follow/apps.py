"""The app's name and label."""

from django.apps import AppConfig


class FollowConfig(AppConfig):
    """After it is issued: time line, changes, expiry, copies, refunds."""

    name = "totalize.web.follow"
    label = "follow"

    def ready(self) -> None:
        """Hear of applications and certificates, and say on the first page what ends."""
        from totalize.web.applications import hooks  # noqa: PLC0415 - apps first
        from totalize.web.certificates.hooks import on_changed  # noqa: PLC0415 - apps first
        from totalize.web.follow import gathering, selectors  # noqa: PLC0415 - apps first
        from totalize.web.pages.waiting import sources  # noqa: PLC0415 - apps first
        from totalize.web.people.services import on_erasing  # noqa: PLC0415 - apps first

        hooks.on_moved.append(gathering.follow_application)
        hooks.acquaintances.append(gathering.knows)
        on_changed.append(gathering.follow_certificate)
        on_erasing.append(gathering.forget)
        sources.append(selectors.waiting_for)
