"""Published payslips and maxima, row by row; what cannot match says why."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from cost_support import held_rows, month_amounts

EXAMPLES = json.loads(
    (Path(__file__).parent / "data" / "payslips.json").read_text(encoding="utf-8")
)
MONTHS = {"year": 12, "quarter": 3, "month": 1, "week": Decimal(12) / 52}
# These payslips round each contribution to a whole unit of their currency.
WHOLE_UNITS = {"JP", "KR", "NL"}


def cases():
    for example in EXAMPLES:
        for payer, schemes in example["expected"].items():
            for schemes_text, amount in schemes.items():
                name = f"{example['country']}-{example['what']}-{payer}-{schemes_text}"
                yield pytest.param(example, payer, schemes_text, amount, id=name)


@pytest.mark.parametrize(("example", "payer", "schemes", "amount"), list(cases()))
def test_a_published_contribution_is_reproduced(example, payer, schemes, amount):
    born = example.get("birth_date")
    rows = held_rows(
        example["country"],
        date.fromisoformat(example["date"]),
        choices=example["choices"],
        birth_date=None if born is None else date.fromisoformat(born),
    )
    months = Decimal(MONTHS[example["per"]])
    found = month_amounts(rows, Decimal(example["gross"]) / months)
    ours = sum(found[payer, scheme] for scheme in schemes.split("+")) * months
    allowed = Decimal("0.96") if example["country"] in WHOLE_UNITS else Decimal("0.02")
    assert abs(ours - Decimal(amount)) < allowed


def test_every_example_either_matches_or_says_why_not():
    silent = [e["what"] for e in EXAMPLES if not e["expected"] and not e["cannot_match"]]
    assert silent == []
    assert sum(len(e["cannot_match"]) for e in EXAMPLES) == 18
