"""One installation for the tests: a folder of its own, and the database that is named.

Without `DATABASE_URL` the embedded database is used, with it PostgreSQL: the same tests.
"""

from __future__ import annotations

import os
import tempfile

import django
import pytest

os.environ["TOTALIZE_DATA_DIR"] = tempfile.mkdtemp(prefix="totalize-tests-")
os.environ["DJANGO_SETTINGS_MODULE"] = "totalize.web.config.settings"
os.environ["TOTALIZE_ADDRESS"] = "http://testserver"
os.environ["TOTALIZE_HOSTS"] = "testserver,localhost,127.0.0.1"
django.setup()


@pytest.fixture(autouse=True)
def _tests_of_the_web(settings) -> None:
    """Answer at once: passwords that are quick to check, tasks that run where they are queued."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
