"""The app's name and label."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """Work done in the background and by the clock."""

    name = "totalize.web.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Find the regular jobs of all apps."""
        autodiscover_modules("regular")
