"""PostgreSQL plans what is asked again and again once a connection, unless the address says no."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

READ = """
import json
from totalize.web.config import settings
print(json.dumps(settings.DATABASES["default"].get("OPTIONS")))
"""


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL alone prepares them")
@pytest.mark.django_db
def test_what_is_asked_again_is_prepared():
    for key in ("a", "b", "c"):
        assert not Session.objects.filter(session_key=key).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        prepared = [statement for (statement,) in cursor.fetchall()]
    assert len([each for each in prepared if '"django_session"' in each]) == 1


def options(address, tmp_path):
    environment = {**os.environ, "TOTALIZE_DATA_DIR": str(tmp_path), "DATABASE_URL": address}
    told = subprocess.run(
        [sys.executable, "-c", READ], env=environment, check=True, capture_output=True, text=True
    )
    return json.loads(told.stdout)


def test_the_address_of_a_pool_that_keeps_no_statements_says_so(tmp_path):
    address = "postgresql://totalize@pool.example/totalize"
    assert options(address, tmp_path)["server_side_binding"] is True
    given = options(f"{address}?server_side_binding=false&sslmode=require", tmp_path)
    assert given["server_side_binding"] is False
    assert given["sslmode"] == "require"
