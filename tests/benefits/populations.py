"""Generated records that the single path and the columns both answer."""

import random
from datetime import date, timedelta
from typing import Any

COUNTRIES = ("DE", "FR", "CA", "JP", "KR", "PT", "ES", "GB", "PL", "BE")


def generate(count: int, seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [_record(chance) for _ in range(count)]


def _month(day: date, months: int) -> str:
    index = day.year * 12 + day.month - 1 + months
    return f"{index // 12}-{index % 12 + 1:02d}"


def _record(chance: random.Random) -> dict[str, Any]:
    birth = date(
        chance.randint(1925, 1963), chance.randint(1, 12), chance.choice([1, 2, 3, 15, 28])
    )
    if chance.random() < 0.05:
        birth = date(birth.year, 1, 1)
    kind = chance.choice(["retirement", "retirement", "disability", "survivor"])
    record: dict[str, Any] = {"birth_date": birth.isoformat(), "benefit": kind}
    if kind == "retirement":
        first = 62 * 12 + (0 if birth.day <= 2 else 1)
        record["entitlement"] = _month(birth, min(first + chance.randint(0, 110), _last(birth)))
    elif kind == "disability":
        onset = birth + timedelta(days=chance.randint(22 * 365, 61 * 365))
        onset = min(max(onset, date(1979, 1, 1)), date(2024, 12, 20))
        if chance.random() < 0.4:
            onset = date(onset.year, 12, chance.randint(1, 30))
        record["onset"] = onset.isoformat()
        record["entitlement"] = _month(onset, 6)
        if onset.year - birth.year >= 62:
            return _record(chance)
    else:
        death = birth + timedelta(days=chance.randint(30 * 365, 72 * 365))
        death = min(max(death, date(1979, 3, 3)), date(2024, 11, 30))
        widow = birth + timedelta(days=chance.randint(-2000, 4000))
        start = max(widow + timedelta(days=chance.randint(61, 68) * 366), death)
        if start.year > 2026:
            return _record(chance)
        record["death_date"] = death.isoformat()
        record["survivor"] = {"relation": "widow", "birth_date": widow.isoformat()}
        record["entitlement"] = _month(start, 0)
    entitled = record["entitlement"]
    if entitled > "2026-09":
        return _record(chance)
    record["benefit_month"] = max(entitled, chance.choice([entitled, "2026-11", "2000-03"]))
    _add_work(record, birth, chance)
    return record


def _last(birth: date) -> int:
    return (2026 - birth.year) * 12 + 9 - birth.month


def _add_work(record: dict[str, Any], birth: date, chance: random.Random) -> None:
    stop = min(int(record["benefit_month"][:4]), 2026)
    if "death_date" in record:
        stop = int(record["death_date"][:4])
    if "onset" in record:
        stop = int(record["onset"][:4])
    start = max(birth.year + chance.randint(18, 45), 1946)
    share = chance.choice([0.15, 0.4, 0.9])
    level = chance.choice([60, 400, 3000, 30000, 90000, 400000])
    earnings = {
        year: f"{level * chance.random():.2f}"
        for year in range(start, stop + 1)
        if chance.random() < share
    }
    record["earnings"] = earnings
    record["us_quarters"] = {year: chance.randint(0, 4) for year in earnings if year < 1978}
    if chance.random() < 0.7:
        begin = date(max(birth.year + 18, 1940), chance.randint(1, 12), chance.choice([1, 17]))
        periods = []
        for _ in range(chance.randint(1, 3)):
            end = begin + timedelta(days=chance.randint(20, 4000))
            periods.append({"from": begin.isoformat(), "to": end.isoformat()})
            begin = end + timedelta(days=chance.randint(1, 1500))
            if begin.year > 2025:
                break
        record["foreign"] = [{"country": chance.choice(COUNTRIES), "periods": periods}]
