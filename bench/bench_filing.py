"""How long one person's filing answer takes in process, coverage decided before."""

from __future__ import annotations

import json
from dataclasses import replace
from statistics import median
from time import perf_counter

from totalize.api import check, filing_facts
from totalize.filing.assess import assess_filing
from totalize.filing.pages import as_text, pages_of
from totalize.filing.typeset import as_pdf
from totalize.kernel.dates import parse_date

CASE = {
    "worker": {"citizenships": ["US"], "residence": "FR", "birth_date": "1990-05-01"},
    "work": [
        {
            "activity": "self_employment",
            "country": "FR",
            "also_in": [],
            "start": "2024-01-01",
            "expected_end": None,
            "sent_from": None,
            "certificate": {"issued_by": "FR", "from": "2024-01-01", "to": "2026-12-31"},
        }
    ],
}
GIVEN = {"tax_year": 2025, "status": "married_separate", "income": 62000, "self_employment": 62000}
ROUNDS = 200


def milliseconds(work, rounds: int = ROUNDS) -> tuple[float, float]:
    taken = []
    for _ in range(rounds):
        start = perf_counter()
        work()
        taken.append((perf_counter() - start) * 1000)
    return median(taken), sorted(taken)[int(len(taken) * 0.95)]


def main() -> None:
    determination = check(CASE, parse_date("2026-11-22", "")).to_dict()

    def facts():
        return filing_facts(CASE, determination=determination, **GIVEN)

    known, law = facts()
    page = pages_of(known, law)[0]
    rows = (
        ("read the facts", facts, ROUNDS),
        ("assess the year", lambda: assess_filing(replace(known), law), ROUNDS),
        ("the answer as JSON", lambda: json.dumps(assess_filing(known, law).to_dict()), ROUNDS),
        ("pages as text", lambda: [as_text(item) for item in pages_of(known, law)], ROUNDS),
        ("one page as PDF/UA-1", lambda: as_pdf(page), 10),
    )
    print(f"{'what':<24}{'median ms':>12}{'95th ms':>12}")
    for name, work, rounds in rows:
        middle, slow = milliseconds(work, rounds)
        print(f"{name:<24}{middle:>12.3f}{slow:>12.3f}")


if __name__ == "__main__":
    main()
