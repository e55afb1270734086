"""A work as the named facts that provisions look at, and the path of each in the case."""

from __future__ import annotations

from datetime import date
from typing import Final

from msgspec import UNSET, UnsetType

from totalize.coverage.case import Case, Employer, HealthInsurance, Work, Worker
from totalize.coverage.codes import (
    COUNTRY_CODES,
    NEVER,
    NOWHERE,
    OCCUPATIONS,
    REGION_CODES,
    US,
)
from totalize.coverage.history import History
from totalize.logic.expressions import OPEN, Value, encode_day, encode_day_after

# Where each fact stands in a case, most decisive first: who could claim at all, then what the
# exceptions ask, then the rest. `missing` keeps this order.
PATHS: Final[dict[str, str]] = {
    "sent_from": "work[{}].sent_from",
    "employer_country": "work[{}].employer.country",
    "american": "work[{}].employer.american",
    "affiliate_of": "work[{}].employer.affiliate_of",
    "section_3121l": "work[{}].employer.section_3121l",
    "us_resident": "worker.us_resident",
    "government": "work[{}].government",
    "vessel_flag": "work[{}].vessel_flag",
    "headquarters": "work[{}].employer_headquarters",
    "us_contract_or_port": "work[{}].us_contract_or_port",
    "elects": "work[{}].elects",
    "residence": "work[{}].residence",
    "also_in_us": "work[{}].also_in",
    "also_in_1": "work[{}].also_in",
    "also_in_2": "work[{}].also_in",
    "principal_country": "work[{}].principal_country",
    "expected_stop": "work[{}].expected_end",
    "employed_before_transfer": "work[{}].employed_before_transfer",
    "business_before_transfer": "work[{}].business_before_transfer",
    "majority_owned": "work[{}].employer.majority_owned",
    "via": "work[{}].via",
    "insured_before": "work[{}].insured_before",
    "insured_since": "work[{}].insured_before_since",
    "health_worker": "work[{}].health_insurance.worker",
    "family_accompanies": "work[{}].family_accompanies",
    "health_family": "work[{}].health_insurance.family",
    "same_work": "work[{}].same_work_as_before",
    "region": "work[{}].region",
    "earlier_stay": "work[{}].sent_from",
    "ever_sent_before": "work[{}].sent_from",
    "earlier_start": "work[{}].start",
    "earlier_stop": "work[{}].end",
}

# Facts that a case always tells.
ALWAYS_KNOWN: Final = (
    "us_citizen",
    "citizenship_1",
    "citizenship_2",
    "citizenship_3",
    "employment",
    "employment_in_us",
    "employment_in_partner",
    "occupation",
    "country",
    "start",
    "second_job_start",
    "from_day",
    "partner",
)

# What a case says as facts have it: what is left out is unknown, null is nowhere.
_COUNTRY: Final[dict[str | UnsetType | None, int | None]] = dict(
    [(UNSET, None), (None, NOWHERE), *COUNTRY_CODES.items()]
)
_FLAG: Final[dict[bool | UnsetType, bool | None]] = {UNSET: None, False: False, True: True}

# Facts that earlier works tell.
HISTORICAL: Final = frozenset({"earlier_stay", "earlier_start", "earlier_stop", "ever_sent_before"})
_UNKNOWN_EMPLOYER = Employer()
_NO_EMPLOYER = Employer(american=False, affiliate_of=None)
_UNKNOWN_HEALTH = HealthInsurance()


def gather_facts(case: Case, position: int, history: History) -> dict[str, Value]:
    """Return the facts of one work; unknown ones are None. The partner is not yet among them."""
    worker, work = case.worker, case.work[position]
    employment = work.activity == "employment"
    employer = work.employer if isinstance(work.employer, Employer) else _UNKNOWN_EMPLOYER
    if not employment:
        employer = _NO_EMPLOYER
    health = (
        work.health_insurance
        if isinstance(work.health_insurance, HealthInsurance)
        else _UNKNOWN_HEALTH
    )
    citizenships = _citizenships(worker, work)
    also = _also_in(work)
    government = _COUNTRY[work.government]
    sent_from = _COUNTRY[work.sent_from]
    facts: dict[str, Value] = {
        "us_citizen": "US" in worker.citizenships,
        "citizenship_1": citizenships[0],
        "citizenship_2": citizenships[1],
        "citizenship_3": citizenships[2],
        "us_resident": _FLAG[worker.us_resident],
        "residence": _COUNTRY[worker.residence if work.residence is UNSET else work.residence],
        "employment": employment,
        "employment_in_us": _classed(work, in_us=True, employment=employment),
        "employment_in_partner": _classed(work, in_us=False, employment=employment),
        "occupation": OCCUPATIONS[work.occupation],
        "country": COUNTRY_CODES[work.country],
        "also_in_us": also[0],
        "also_in_1": also[1],
        "also_in_2": also[2],
        "principal_country": _COUNTRY[work.principal_country],
        "start": encode_day(work.start),
        "expected_stop": _stop(work.expected_end),
        "employer_country": _COUNTRY[employer.country] if employment else NOWHERE,
        "american": _american(employer, government),
        "affiliate_of": _affiliate(employer, sent_from),
        "section_3121l": _FLAG[employer.section_3121l],
        "majority_owned": _FLAG[employer.majority_owned],
        "sent_from": sent_from,
        "via": _COUNTRY[work.via],
        "employed_before_transfer": _FLAG[work.employed_before_transfer],
        "insured_before": _COUNTRY[work.insured_before],
        "insured_since": _day(work.insured_before_since),
        "business_before_transfer": _FLAG[work.business_before_transfer],
        "health_worker": _FLAG[health.worker],
        "health_family": _FLAG[health.family],
        "family_accompanies": _FLAG[work.family_accompanies],
        "vessel_flag": _COUNTRY[work.vessel_flag],
        "headquarters": _COUNTRY[work.employer_headquarters],
        "government": government,
        "elects": _COUNTRY[work.elects],
        "same_work": _FLAG[work.same_work_as_before],
        "us_contract_or_port": _FLAG[work.us_contract_or_port],
        "earlier_stay": history.earlier_stay,
        "ever_sent_before": history.ever_sent_before,
        "earlier_start": None if history.first_start is None else encode_day(history.first_start),
        "earlier_stop": None if history.last_stop is None else encode_day(history.last_stop),
        "second_job_start": (
            NEVER if history.second_job_start is None else encode_day(history.second_job_start)
        ),
        "from_day": encode_day(work.start),
        "region": None if isinstance(work.region, UnsetType) else REGION_CODES.get(work.region, 0),
    }
    if history.earlier_stay is False:
        facts["earlier_start"] = facts["earlier_stop"] = NOWHERE
    return facts


def path_of(fact: str, position: int, case: Case, history: History) -> str:
    """Return where a missing fact is to be given."""
    if history.unknown_path is not None and fact in HISTORICAL:
        return history.unknown_path
    if fact == "residence" and isinstance(case.worker.residence, UnsetType):
        return "worker.residence"
    return PATHS[fact].format(position)


def _day(value: date | UnsetType) -> int | None:
    return None if isinstance(value, UnsetType) else encode_day(value)


def _stop(value: date | UnsetType | None) -> int | None:
    if isinstance(value, UnsetType):
        return None
    return OPEN if value is None else encode_day_after(value)


def _american(employer: Employer, government: int | None) -> bool | None:
    """Tell whether the employer is American; by default, whether its seat is in the US."""
    if isinstance(employer.american, bool):
        return employer.american
    if government == US:
        return True
    if isinstance(employer.country, str):
        return employer.country == "US"
    return None


def _affiliate(employer: Employer, sent_from: int | None) -> int | None:
    """Return the country of the group company that sent the worker.

    When it is left out: nobody sent means there is none, and an employer in the country the
    worker was sent from is the sender itself. Otherwise it is unknown.
    """
    if not isinstance(employer.affiliate_of, UnsetType):
        return _COUNTRY[employer.affiliate_of]
    if sent_from is None:
        return None
    seat = _COUNTRY[employer.country]
    return NOWHERE if sent_from in (NOWHERE, seat) else None


def _also_in(work: Work) -> tuple[bool | None, int | None, int | None]:
    """Return whether the US is among the other countries, and two of the others."""
    if isinstance(work.also_in, UnsetType):
        return None, None, None
    codes = sorted({COUNTRY_CODES[code] for code in work.also_in if code != work.country})
    others = [*(code for code in codes if code != US), NOWHERE, NOWHERE]
    return US in codes, others[0], others[1]


def _classed(work: Work, *, in_us: bool, employment: bool) -> bool:
    """Tell whether a side sees employment: the US, or the other country."""
    if not isinstance(work.activity_in, dict):
        return employment
    kinds = [kind for code, kind in work.activity_in.items() if (code == "US") is in_us]
    if not in_us and work.country in work.activity_in and work.country != "US":
        kinds = [work.activity_in[work.country]]
    return kinds[0] == "employment" if kinds else employment


def _citizenships(worker: Worker, work: Work) -> tuple[int, int, int]:
    """Return up to three citizenships besides the US one, those with a side in the work first."""
    concerned = {work.country, work.sent_from, work.government, work.residence}
    codes = sorted(
        {code for code in worker.citizenships if code != "US"},
        key=lambda code: (code not in concerned, code),
    )
    numbers = [COUNTRY_CODES[code] for code in codes[:3]]
    padded = [*numbers, NOWHERE, NOWHERE, NOWHERE]
    return padded[0], padded[1], padded[2]
