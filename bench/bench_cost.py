"""What a cost takes: one case in process, and a million rows in columns.

The million rows hold the United States and one foreign system each: wages drawn between 0 and
300,000, and stretches of months of the year. Where openfisca-france is installed, the same French
contributions are reckoned with it for one month, which is its unit.
"""

from __future__ import annotations

import random
from datetime import date
from importlib.util import find_spec
from statistics import median
from time import perf_counter

import polars as pl

from totalize.api import check, cost
from totalize.contributions.columns import ColumnRequest, foreign_columns, us_columns
from totalize.contributions.rows import Table
from totalize.contributions.united_states import figures_of
from totalize.law.contributions import Payer, load_country
from totalize.law.us_contributions import load_us

ROWS = 1_000_000
REPEATS = 5
DAY = date(2026, 11, 22)
EMPLOYMENT = (Payer.EMPLOYEE, Payer.EMPLOYER)
OPENFISCA_ROWS = 200_000


def case(country: str, activity: str) -> dict[str, object]:
    work: dict[str, object] = {
        "id": "w",
        "activity": activity,
        "country": country,
        "start": "2026-01-01",
        "expected_end": "2027-12-31",
        "sent_from": "US" if activity == "employment" else None,
    }
    if activity == "employment":
        work |= {
            "employer": {"country": "US"},
            "via": None,
            "employed_before_transfer": True,
            "insured_before": "US",
        }
    return {"contract": 1, "worker": {"citizenships": ["US"], "residence": country}, "work": [work]}


def in_process() -> None:
    for country, activity in (
        ("DE", "employment"),
        ("CA", "employment"),
        ("FR", "self_employment"),
    ):
        document = case(country, activity)
        decided = check(document, DAY)
        options = {"earnings": 120000, "currency": "USD", "as_of": DAY, "year": 2026}
        cost(document, determination=decided, **options)
        times = []
        for _ in range(200):
            start = perf_counter()
            cost(document, determination=decided, **options)
            times.append(perf_counter() - start)
        name = f"one case, {country} {activity}, coverage given"
        print(f"{name:<50}{median(times) * 1000:>12.2f} ms")


def in_columns() -> None:
    chance = random.Random(20261122)
    first = [chance.randint(1, 6) for _ in range(ROWS)]
    table = pl.DataFrame(
        {
            "earnings": [chance.uniform(0, 300_000) for _ in range(ROWS)],
            "first": first,
            "last": [chance.randint(month, 12) for month in first],
        }
    )
    figures = figures_of(load_us(), 2026, "single")
    for country in ("DE", "FR", "GB", "PL", "JP"):
        foreign = foreign_columns(
            Table(load_country(country), {}),
            ColumnRequest(2026),
            pl.col("earnings") / 12,
            pl.col("first"),
            pl.col("last"),
        )
        american = us_columns(figures, EMPLOYMENT, pl.col("earnings"))
        columns = {f"{country}.{name}": each for name, each in foreign.items()}
        columns |= {f"US.{name}": each for name, each in american.items()}
        times = []
        for _ in range(REPEATS):
            start = perf_counter()
            table.with_columns(**columns)
            times.append(perf_counter() - start)
        name = f"a million rows, US and {country}, twelve months"
        print(f"{name:<50}{ROWS / median(times):>12,.0f} rows/s")


def beside_openfisca() -> None:
    if find_spec("openfisca_france") is None:
        print(f"{'OpenFisca on the French formulas':<50}{'not installed':>12}")
        return
    import numpy as np
    from openfisca_core.simulation_builder import SimulationBuilder
    from openfisca_france import FranceTaxBenefitSystem

    system = FranceTaxBenefitSystem()
    names = (
        "vieillesse_plafonnee_employeur",
        "vieillesse_plafonnee_salarie",
        "vieillesse_deplafonnee_employeur",
        "vieillesse_deplafonnee_salarie",
        "agirc_arrco_salarie",
        "agirc_arrco_employeur",
        "contribution_equilibre_general_salarie",
        "contribution_equilibre_general_employeur",
        "contribution_equilibre_technique_salarie",
        "contribution_equilibre_technique_employeur",
        "chomage_employeur",
        "ags",
        "mmid_employeur",
        "famille",
        "csg_deductible_salaire",
        "csg_imposable_salaire",
        "crds_salaire",
        "contribution_solidarite_autonomie",
        "fnal",
    )
    pay = np.random.default_rng(20261122).uniform(6000, 25000, OPENFISCA_ROWS)
    times = []
    for _ in range(REPEATS):
        simulation = SimulationBuilder().build_default_simulation(system, OPENFISCA_ROWS)
        simulation.set_input("salaire_de_base", "2026-03", pay)
        start = perf_counter()
        for name in names:
            simulation.calculate(name, "2026-03")
        times.append(perf_counter() - start)
    label = "OpenFisca on the French formulas, one month"
    print(f"{label:<50}{OPENFISCA_ROWS / median(times):>12,.0f} rows/s")


def main() -> None:
    in_process()
    in_columns()
    beside_openfisca()


if __name__ == "__main__":
    main()
