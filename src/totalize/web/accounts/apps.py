"""The app's name and label."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who signs in, for which organisation, and what they may do."""

    name = "totalize.web.accounts"
    label = "accounts"
