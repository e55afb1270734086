"""The application as the server runs it: loaded once, before its processes are forked."""

from __future__ import annotations

import gc

from django.urls import get_resolver

from totalize import api
from totalize.law.agreements import countries
from totalize.web.config.wsgi import application as django_application
from totalize.web.serving.turns import Turns


def _load() -> None:
    """Read what every page needs and nothing changes; the processes share it from then on.

    What is here by now stays for good: left out of every search for garbage, it costs none of
    them a tenth of a second, and none writes to the memory that they share.
    """
    law = api.law()
    for country in countries():
        law.agreement(country)
        law.offices(country)
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()


_load()
application = Turns(django_application)
