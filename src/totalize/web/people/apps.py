"""The app's name and label."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """People whose work is certified, and their sealed numbers."""

    name = "totalize.web.people"
    label = "people"
