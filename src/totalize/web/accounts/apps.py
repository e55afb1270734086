"""The app's name and label."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who signs in, for which organisation, and what they may do."""

    name = "totalize.web.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Note from the first sign-in on where people are signed in."""
        from totalize.web.accounts import open_sessions  # noqa: PLC0415 - apps first

        open_sessions.listen()
