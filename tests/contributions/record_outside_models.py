"""Record what three open models say, for the differential tests. No test runs this.

Each model wants an environment of its own:

    python -m venv uk && uk/bin/pip install policyengine-uk==2.162.10
    uk/bin/python tests/contributions/record_outside_models.py policyengine_uk

and likewise `openfisca_france` (openfisca-france 176.1.8) and `gettsim` (gettsim 1.3.1). The
result is written beside the other data of these tests, with the version it came from. Only results
are kept; nothing of a model's code or parameters is.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

DATA = Path(__file__).parent / "data"
BRITISH_PAY = (0, 10000, 12570, 20000, 36000, 50270, 60000, 120000, 250000)
FRENCH_PAY = (4500, 5600, 7000, 12000, 20000, 40000)
GERMAN_PAY = (2500.0, 4000.0, 5512.5, 6000.0, 8000.0, 8450.0, 12000.0)
FRENCH_VARIABLES = (
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
    "allegement_cotisation_allocations_familiales",
    "allegement_cotisation_maladie",
    "allegement_general",
)
GERMAN_BRANCHES = {
    "rente": "pension",
    "arbeitslosen": "unemployment",
    "kranken": "health",
    "pflege": "long_term_care",
}


def policyengine_uk():
    from policyengine_uk import Simulation

    years = (2024, 2025, 2026)
    people, units, homes = {}, {}, {}
    for position, pay in enumerate(BRITISH_PAY):
        for kind in ("employment_income", "self_employment_income"):
            name = f"{kind[0]}{position}"
            people[name] = {"age": dict.fromkeys(years, 40), kind: dict.fromkeys(years, pay)}
            units[f"b{name}"] = {"members": [name]}
            homes[f"h{name}"] = {"members": [name]}
    simulation = Simulation(situation={"people": people, "benunits": units, "households": homes})
    cases = []
    for year in years:
        employee = simulation.calculate("ni_class_1_employee", year)
        employer = simulation.calculate("ni_class_1_employer", year)
        own = simulation.calculate("ni_class_4", year)
        cases += [
            {
                "year": year,
                "earnings": pay,
                "employee": round(float(employee[2 * position]), 2),
                "employer": round(float(employer[2 * position]), 2),
                "self_employed": round(float(own[2 * position + 1]), 2),
            }
            for position, pay in enumerate(BRITISH_PAY)
        ]
    return cases


def openfisca_france():
    from openfisca_core.simulation_builder import SimulationBuilder
    from openfisca_france import FranceTaxBenefitSystem

    system = FranceTaxBenefitSystem()
    cases = []
    for period in ("2024-03", "2025-03", "2026-03"):
        for pay in FRENCH_PAY:
            person = {
                "salaire_de_base": {period: pay},
                "categorie_salarie": {period: "prive_non_cadre"},
                "effectif_entreprise": {period: 60},
                "contrat_de_travail": {period: "temps_plein"},
                "date_naissance": {"ETERNITY": "1980-01-01"},
            }
            situation = {
                "individus": {"p": person},
                "familles": {"f": {"parents": ["p"]}},
                "foyers_fiscaux": {"x": {"declarants": ["p"]}},
                "menages": {"m": {"personne_de_reference": ["p"]}},
            }
            simulation = SimulationBuilder().build_from_entities(system, situation)
            amounts = {
                name: round(float(simulation.calculate(name, period)[0]), 2)
                for name in FRENCH_VARIABLES
            }
            cases.append({"period": period, "earnings": pay, **amounts})
    return cases


def gettsim():
    import numpy as np
    from gettsim import InputData, MainTarget, TTTargets, main

    both = {"betrag_versicherter_m": None, "betrag_arbeitgeber_m": None}
    targets = TTTargets(
        tree={"sozialversicherung": {name: {"beitrag": both} for name in GERMAN_BRANCHES}}
    )
    size = len(GERMAN_PAY)
    known = {
        "p_id": np.arange(size),
        "bruttolohn_m": np.array(GERMAN_PAY),
        "alter": np.full(size, 40),
        "geburtsjahr": np.full(size, 1985),
        "geburtsmonat": np.full(size, 1),
    }

    def fill(tree, children):
        filled = {}
        for name, kind in tree.items():
            if isinstance(kind, dict):
                filled[name] = fill(kind, children)
            elif name in known:
                filled[name] = known[name]
            elif name == "hat_kinder":
                filled[name] = np.full(size, children)
            elif name.startswith("p_id_"):
                filled[name] = np.full(size, -1)
            else:
                zero = {"B": False, "I": 0}.get(kind[0], 0.0)
                filled[name] = np.full(size, zero)
        return filled

    cases = []
    for day in ("2024-06-01", "2025-06-01", "2026-06-01"):
        for children in (True, False):
            wanted = main(
                main_target=MainTarget.templates.input_data_dtypes.tree,
                policy_date_str=day,
                tt_targets=targets,
            )
            data = fill(wanted, children)
            # No pension is drawn, so its whole reckoning is left out.
            data["sozialversicherung"]["rente"] = {
                "altersrente": {"betrag_m": np.zeros(size)},
                "erwerbsminderung": {"betrag_m": np.zeros(size)},
                "bezieht_rente": np.full(size, False),
            }
            result = main(
                main_target=MainTarget.results.tree,
                policy_date_str=day,
                input_data=InputData.tree(data),
                tt_targets=targets,
            )["sozialversicherung"]
            for position, pay in enumerate(GERMAN_PAY):
                case = {"date": day, "children": "yes" if children else "no", "earnings": pay}
                for payer, field in (("employee", "versicherter"), ("employer", "arbeitgeber")):
                    case[payer] = {
                        ours: round(
                            float(result[name]["beitrag"][f"betrag_{field}_m"][position]), 4
                        )
                        for name, ours in GERMAN_BRANCHES.items()
                    }
                cases.append(case)
    return cases


MODELS = {
    "policyengine_uk": ("policyengine-uk", policyengine_uk),
    "openfisca_france": ("openfisca-france", openfisca_france),
    "gettsim": ("gettsim", gettsim),
}


def record(name):
    model, run = MODELS[name]
    found = {"model": model, "version": version(model), "cases": run()}
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    (DATA / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    record(sys.argv[1])
