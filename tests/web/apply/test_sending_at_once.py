"""Several people send the same application at once: it is sent once, with one proof."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from totalize.web.applications.models import Step
from totalize.web.applications.services import ConflictError, submit
from totalize.web.audit.models import Entry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("office")]


def test_of_four_who_send_at_once_all_find_it_sent_once(complete, boss):
    together, found = threading.Barrier(4), []

    def send() -> None:
        together.wait()
        try:
            found.append(submit(complete.id, boss, complete.version))
        except ConflictError as error:
            found.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = [item for item in found if not isinstance(item, ConflictError)]
    assert len(found) == 4
    assert len({bytes(item.proof) for item in sent}) == 1
    assert Step.objects.filter(move="submit").count() == 1
    assert Entry.objects.filter(act="application.submit").count() == 1
