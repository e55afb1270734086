"""What a page shows of the law it reads no oftener than it must."""

from __future__ import annotations

import pytest
from public_walks import ENGINEER, walk

pytestmark = pytest.mark.django_db


def test_an_answer_reads_the_law_once_a_question_and_once_a_fact_that_is_tried(client, decided):
    walk(client, ENGINEER)
    decided.clear()
    assert client.get("/check/result/").status_code == 200
    # Seven questions and the last look whether one is left, the answer, and what would change it:
    # five facts turned round, and the length of stay found by halves.
    assert len(decided) <= 19
    once = len(decided)
    decided.clear()
    asked = {"try": "work.expected_end", "what_if-answer": "day", "what_if-day": "2034-02-28"}
    assert client.get("/check/result/", asked).status_code == 200
    assert len(decided) == once + 2, "the case as it is, and as it would be"
