"""The application as the server runs it: loaded once, before its processes are forked."""

from __future__ import annotations

import gc
from pathlib import Path

from django.apps import apps
from django.template.loader import get_template
from django.urls import get_resolver

from totalize import api
from totalize.coverage.words import english
from totalize.law.agreements import countries
from totalize.law.contributions import countries as countries_with_figures
from totalize.law.contributions import load_country
from totalize.law.exchange import known_currencies
from totalize.law.filing import filing_years, load_filing
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
    for country in countries_with_figures():
        load_country(country)
    known_currencies()
    for year in filing_years():
        load_filing(year)
    for self_employment in (False, True):
        english(self_employment=self_employment)
    _ = get_resolver().url_patterns
    for name in _own_templates():
        get_template(name)
    gc.collect()
    gc.freeze()


def _own_templates() -> list[str]:
    """Return the names of this program's templates; each is read from its file once."""
    own = [app for app in apps.get_app_configs() if app.name.startswith("totalize.")]
    folders = [Path(app.path) / "templates" for app in own]
    return [str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*.html")]


_load()
application = Turns(django_application)
