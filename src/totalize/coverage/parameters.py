"""The parameters that one agreement gives to the provisions, for one direction and one day."""

from __future__ import annotations

from datetime import date
from typing import get_args

from totalize.coverage.codes import REGION_CODES
from totalize.law.agreements import (
    Agreement,
    ConditionName,
    Crew,
    DetachedWorker,
    Government,
    HostClaim,
    Transfer,
    version_on,
)
from totalize.law.sources import Sure
from totalize.logic.expressions import Value, encode_day

Parameters = dict[str, Value]

_CONDITIONS = get_args(ConditionName)


def build_parameters(
    agreement: Agreement | None, day: date, *, to_us: bool, in_force: bool
) -> Parameters:
    """Return every parameter the provisions look at.

    Args:
        agreement: the agreement of the other country; None where there is none.
        day: the day whose version of the law holds: the start of the work or, if later, the
            entry into force.
        to_us: the work is done in the United States.
        in_force: the agreement is in force in the stretch of time that is looked at.
    """
    if agreement is None or not in_force:
        parameters = _without_agreement()
        parameters["before_agreement"] = agreement is not None and agreement.in_force is not None
        if agreement is not None:
            parameters |= _host_claim(agreement, day)
        return parameters
    coverage = agreement.coverage
    parameters = {"agreement": True, "before_agreement": False}
    parameters |= _host_claim(agreement, day)
    detached = coverage.detached_worker
    chosen = None
    if detached is not None:
        chosen = version_on(detached.foreign_to_us if to_us else detached.us_to_foreign, day)
    parameters |= _detached(chosen, agreement)
    transfers = coverage.self_employed_transfer
    moved = None
    if transfers is not None:
        moved = version_on(transfers.foreign_to_us if to_us else transfers.us_to_foreign, day)
    parameters |= _move("transfer", moved, agreement)
    parameters |= _self_employed(agreement, day)
    parameters |= _crews(version_on(coverage.seafarer, day), version_on(coverage.aircrew, day))
    territorial = version_on(coverage.territorial, day)
    government = version_on(coverage.government, day)
    own = government.foreign if to_us else government.us
    parameters |= {
        "government_nationals": own == "own_nationals",
        "government_sent": own == "sent",
        "government_sent_nationals": own == "sent_nationals",
        "government_any": own == "any_employee",
        "government_untouched": own == "untouched",
        "government_unread": own == "unread",
        "government_in_region": bool(government.nationals_in_regions) and not to_us,
        "government_region": _region(government),
        "territorial_unread": territorial.sure is Sure.UNREAD,
        "residents_working_in_both": territorial.residents_working_in_both,
        "nationality": bool(coverage.nationality),
    }
    return parameters


def _region(government: Government) -> int:
    regions = government.nationals_in_regions
    return REGION_CODES[regions[0]] if regions else 0


def host_claim_on(agreement: Agreement, day: date) -> HostClaim | None:
    """Return what the other country's law claims where that is unusual, None where it is usual."""
    claims = agreement.coverage.host_claim
    return version_on(claims, day) if claims else None


def _host_claim(agreement: Agreement, day: date) -> Parameters:
    claim = host_claim_on(agreement, day)
    if claim is None:
        return {
            "claims_employment": True,
            "claims_self_employment": True,
            "claims_nationals_abroad": False,
        }
    return {
        "claims_employment": claim.employment,
        "claims_self_employment": claim.self_employment,
        "claims_nationals_abroad": claim.nationals_abroad_for_own_employers,
    }


def _detached(version: DetachedWorker | None, agreement: Agreement) -> Parameters:
    route = version.third_country if version is not None else "direct_only"
    affiliate = version.affiliate if version is not None else "not_accepted"
    whoever = version is not None and version.whatever_nationality
    return _move("detached", version, agreement) | {
        "via_allowed": route == "allowed",
        "via_if_insured_at_home": route == "insured_at_home",
        "via_if_national": route == "nationals_only",
        "via_unread_unless_insured": route == "insured_at_home_else_unread",
        "via_unread": route == "unread",
        "detached_whatever_nationality": whoever,
        "affiliate_accepted": affiliate == "accepted",
        "affiliate_needs_3121l": affiliate == "needs_3121l",
        "affiliate_majority_owned": affiliate == "majority_owned",
        "affiliate_unread": affiliate == "unread",
    }


def _move(prefix: str, version: Transfer | None, agreement: Agreement) -> Parameters:
    months = version.max_months if version is not None else None
    repeat = version.repeat if version is not None else None
    from_entry = version is not None and version.clock == "later_of_start_and_entry"
    unread = version is not None and version.clock == "unread"
    # Where the clock was not read, the later end stands for the limit and the sooner one for
    # where the readings part.
    entry = agreement.in_force if from_entry or unread else None
    parameters: Parameters = {
        "exists": version is not None,
        "has_limit": months is not None,
        "limit": months or 0,
        "clock_from_entry": entry is not None,
        "clock_unread": unread,
        "entry": encode_day(entry) if entry is not None else 0,
        "repeat_rule": repeat is not None,
        "repeat_within": repeat.within_months_of_first_start if repeat is not None else 0,
        "repeat_gap": repeat.or_gap_months if repeat is not None else 0,
        "repeat_gap_exceeded": repeat is not None and repeat.gap_exceeded,
        "text_unread": version is not None and version.sure is Sure.UNREAD,
    }
    for name in _CONDITIONS:
        parameters[f"asks_{name}"] = version is not None and name in version.conditions
        parameters[f"unread_{name}"] = version is not None and name in version.unread_conditions
    return {f"{prefix}_{name}": value for name, value in parameters.items()}


def _self_employed(agreement: Agreement, day: date) -> Parameters:
    version = version_on(agreement.coverage.self_employed, day)
    classed = version.classed_differently
    rule = "unread" if version.sure is Sure.UNREAD else version.rule
    return {
        "self_employed_residence": rule == "residence",
        "self_employed_activity": rule == "place_of_activity",
        "self_employed_conflict": rule == "conflict",
        "self_employed_unread": rule == "unread",
        "self_employed_needs_both": version.needs_double_claim,
        "self_employed_else_us": version.elsewhere == "us",
        "both_by_residence": version.in_both_countries == "residence",
        "both_by_principal": version.in_both_countries == "principal_country",
        "both_unread": version.in_both_countries == "unread",
        "class_by_residence_else_other": classed == "residence_else_other_country",
        "class_by_residence_else_employment": classed == "residence_else_employment_rules",
        "class_as_self_employment": classed == "self_employment_rule",
        "class_unread": classed == "unread",
    }


def _crews(ships: Crew, aircraft: Crew) -> Parameters:
    return {
        "ship_flag": ships.rule == "flag",
        "ship_us_flag_else_partner": ships.rule == "us_flag_else_foreign",
        "ship_residence": ships.rule == "residence",
        "ship_own_flags_only": ships.own_flags_only,
        "ship_residence_else_us": ships.rule == "residence_else_us",
        "ship_us_read": "us" in ships.sides,
        "ship_partner_read": "foreign" in ships.sides,
        "air_headquarters": aircraft.rule == "headquarters",
        "air_headquarters_unless_resident": (
            aircraft.rule == "headquarters_unless_resident_in_other"
        ),
        "air_residence": aircraft.rule == "residence",
        "air_residence_else_headquarters": aircraft.rule == "residence_else_headquarters",
        "air_residence_else_us": aircraft.rule == "residence_else_us",
    }


def _without_agreement() -> Parameters:
    """Return the parameters where no agreement holds: its provisions are all switched off."""
    parameters: Parameters = {
        "agreement": False,
        "before_agreement": False,
        "claims_employment": True,
        "claims_self_employment": True,
        "claims_nationals_abroad": False,
    }
    for prefix in ("detached", "transfer"):
        for name in (
            "exists",
            "has_limit",
            "clock_from_entry",
            "clock_unread",
            "repeat_rule",
            "repeat_gap_exceeded",
            "text_unread",
            *(f"{kind}_{name}" for name in _CONDITIONS for kind in ("asks", "unread")),
        ):
            parameters[f"{prefix}_{name}"] = False
        for name in ("limit", "entry", "repeat_within", "repeat_gap"):
            parameters[f"{prefix}_{name}"] = 0
    for name in _SWITCHES:
        parameters[name] = False
    parameters["self_employed_needs_both"] = True
    parameters["government_region"] = 0
    return parameters


_SWITCHES = (
    *(f"via_{name}" for name in ("allowed", "if_insured_at_home", "if_national", "unread")),
    "via_unread_unless_insured",
    *(f"affiliate_{name}" for name in ("accepted", "needs_3121l", "majority_owned", "unread")),
    *(f"self_employed_{name}" for name in ("residence", "activity", "conflict", "unread")),
    "detached_whatever_nationality",
    "self_employed_else_us",
    *(f"both_{name}" for name in ("by_residence", "by_principal", "unread")),
    "class_by_residence_else_other",
    "class_by_residence_else_employment",
    "class_as_self_employment",
    "class_unread",
    *(f"ship_{name}" for name in ("flag", "us_flag_else_partner", "us_read", "partner_read")),
    "air_headquarters",
    "air_headquarters_unless_resident",
    "air_residence_else_headquarters",
    *(f"{kind}_{name}" for kind in ("ship", "air") for name in ("residence", "residence_else_us")),
    *(f"government_{name}" for name in ("nationals", "sent", "any", "untouched", "unread")),
    "government_sent_nationals",
    "government_in_region",
    "territorial_unread",
    "residents_working_in_both",
    "ship_own_flags_only",
    "nationality",
)
