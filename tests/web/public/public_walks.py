"""People who go through the check: answers by question, as a browser sends them."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

Answers = dict[str, dict[str, str]]


def one(answer: str) -> dict[str, str]:
    """An answer with one field."""
    return {"answer": answer}


NO = one("none")
ENGINEER: Answers = {
    "worker.citizenships": {"country_0": "US"},
    "work.occupation": one("general"),
    "work.country": one("DE"),
    "work.start": one("2028-03-01"),
    "work.sent_from": one("US"),
    "work.employer.country": one("US"),
    "work.expected_end": {"answer": "day", "day": "2031-02-28"},
    "work.employed_before_transfer": one("yes"),
    "earlier": NO,
}
DESIGNER: Answers = {
    "worker.citizenships": {"country_0": "US"},
    "work.occupation": one("self_employment"),
    "work.country": one("FR"),
    "work.start": one("2024-04-01"),
    "work.sent_from": NO,
    "work.also_in": NO,
}
REMOTE: Answers = {
    "worker.citizenships": {"country_0": "US"},
    "work.occupation": one("general"),
    "work.country": one("ES"),
    "work.start": one("2028-01-15"),
    "work.sent_from": NO,
    "work.employer.country": one("US"),
}
FROM_GERMANY: Answers = ENGINEER | {
    "worker.citizenships": {"country_0": "DE"},
    "work.country": one("US"),
    "work.sent_from": one("DE"),
    "work.employer.country": one("DE"),
}


def walk(client: Client, answers: Answers) -> list[str]:
    """Answer every question that is asked; return them in order."""
    response = client.post("/check/", {"new": ""}, follow=True)
    asked: list[str] = []
    while "/question/" in (address := response.request["PATH_INFO"]):
        key = address.split("/question/")[1].strip("/")
        assert key not in asked, f"{key} is asked twice"
        asked.append(key)
        response = client.post(address, answers[key], follow=True)
    assert response.request["PATH_INFO"] == "/check/answers/"
    return asked


def text_of(response: Any) -> str:
    """Return what the main part of a page says."""
    body = response.content.decode()
    main = body[body.index("<main") : body.index("</main>")]
    main = re.sub(r"<(script|style|svg|select).*?</\1>", " ", main, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())
