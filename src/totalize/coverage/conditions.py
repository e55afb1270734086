"""The tests that provisions are made of, each written once and named for explanation.

Nothing here belongs to one country: which tests an agreement asks for, and with which limits,
are parameters from the law data.
"""

from __future__ import annotations

from typing import get_args

from msgspec import Struct

from totalize.coverage.codes import AIRCREW, GOVERNMENT, NEVER, NOWHERE, SEAFARER, US
from totalize.law.agreements import ConditionName
from totalize.logic.expressions import (
    OPEN,
    AtMost,
    Choice,
    Condition,
    Constant,
    Equal,
    Expression,
    Fact,
    FirstOther,
    Known,
    Later,
    Parameter,
    Shifted,
    all_of,
    any_of,
    implies,
    is_one_of,
    negate,
)

_US = Constant(US)
_NOWHERE = Constant(NOWHERE)

country = Fact("country")
partner = Fact("partner")
sent_from = Fact("sent_from")
residence = Fact("residence")
start = Fact("start")
expected_stop = Fact("expected_stop")
employer_country = Fact("employer_country")
affiliate_of = Fact("affiliate_of")
insured_before = Fact("insured_before")
government = Fact("government")
vessel_flag = Fact("vessel_flag")
headquarters = Fact("headquarters")
elects = Fact("elects")
from_day = Fact("from_day")
second_job_start = Fact("second_job_start")
earlier_stay = Fact("earlier_stay")
us_citizen = Fact("us_citizen")
american = Fact("american")
employment_in_us = Fact("employment_in_us")
employment_in_partner = Fact("employment_in_partner")

work_in_us = Equal(country, _US)
home = Choice(work_in_us, partner, _US)

is_seafarer = Equal(Fact("occupation"), Constant(SEAFARER))
is_aircrew = Equal(Fact("occupation"), Constant(AIRCREW))
is_government = Equal(Fact("occupation"), Constant(GOVERNMENT))
is_crew = is_seafarer | is_aircrew
is_ashore = negate(is_crew)
# Whose ship or aircraft it is: the flag; an aircraft is presumed to be registered where the
# airline has its headquarters (ADR 0009).
craft = Choice(is_seafarer, vessel_flag, headquarters)

partner_citizen = Condition(
    "partner_citizen",
    any_of(
        Equal(Fact("citizenship_1"), partner),
        Equal(Fact("citizenship_2"), partner),
        Equal(Fact("citizenship_3"), partner),
    ),
)
us_citizen_or_resident = Condition("us_citizen_or_resident", us_citizen | Fact("us_resident"))
resides_in_us = Condition("resides_in_us", Equal(residence, _US))
resides_in_partner = Condition("resides_in_partner", Equal(residence, partner))
works_in_both = Condition(
    "works_in_both",
    Choice(
        work_in_us,
        any_of(Equal(Fact("also_in_1"), partner), Equal(Fact("also_in_2"), partner)),
        Fact("also_in_us"),
    ),
)

# -- Who would claim contributions if there were no agreement ---------------------------------

american_employer = Condition("american_employer", american)
covered_affiliate = Condition("covered_affiliate", Equal(affiliate_of, _US) & Fact("section_3121l"))
foreign_government_staff = Condition(
    "foreign_government_staff", is_government & negate(Equal(government, _US))
)
on_american_craft = Condition(
    "on_american_craft",
    all_of(is_crew, Equal(craft, _US), Fact("us_contract_or_port")),
)
# IRC 3121(b)(4): the crew of a ship or aircraft that is not American, but for US citizens whose
# employer is, is outside US coverage in US waters and at US airports too.
on_foreign_craft = Condition(
    "on_foreign_craft",
    all_of(is_crew, negate(Equal(craft, _US)), negate(us_citizen & american)),
    quiet=False,
)
us_would_claim = Condition(
    "us_would_claim",
    any_of(
        all_of(
            employment_in_us,
            work_in_us,
            # For a foreign government a citizen in the US owes SECA, anybody else nothing.
            us_citizen | negate(foreign_government_staff),
            negate(on_foreign_craft),
        ),
        all_of(
            employment_in_us,
            negate(work_in_us),
            any_of(
                us_citizen_or_resident & (american_employer | covered_affiliate),
                on_american_craft,
            ),
        ),
        negate(employment_in_us) & us_citizen_or_resident,
    ),
    kept=True,
)

sent_and_still_insured = Condition(
    "sent_and_still_insured",
    Equal(sent_from, partner) & (negate(Known(insured_before)) | Equal(insured_before, partner)),
)
national_of_partner_for_its_employer = Condition(
    "national_of_partner_for_its_employer",
    all_of(
        Parameter("claims_nationals_abroad"),
        partner_citizen,
        Equal(employer_country, partner) | Equal(affiliate_of, partner),
    ),
)
# Under some agreements the country where somebody lives and works takes in work elsewhere too.
lives_and_works_in_partner = Condition(
    "lives_and_works_in_partner",
    all_of(
        Parameter("residents_working_in_both"),
        work_in_us,
        is_ashore,
        negate(is_government),
        resides_in_partner,
        works_in_both,
    ),
)
partner_would_claim = Condition(
    "partner_would_claim",
    any_of(
        all_of(employment_in_partner, negate(work_in_us), Parameter("claims_employment")),
        all_of(
            employment_in_partner,
            work_in_us,
            any_of(
                sent_and_still_insured,
                is_government & Equal(government, partner),
                is_seafarer & Equal(vessel_flag, partner),
                is_aircrew & Equal(headquarters, partner),
                national_of_partner_for_its_employer,
                lives_and_works_in_partner,
            ),
        ),
        all_of(
            negate(employment_in_partner), negate(work_in_us), Parameter("claims_self_employment")
        ),
        all_of(
            negate(employment_in_partner),
            work_in_us,
            Parameter("claims_self_employment"),
            any_of(resides_in_partner, Equal(sent_from, partner), works_in_both),
        ),
    ),
    kept=True,
)

agreement = Parameter("agreement")
# IRC 1402(b): a nonresident alien owes SECA where an agreement places the work under US law.
# IRC 3121(b)(C): work for a foreign government becomes employment where an agreement, outside
# its rule for that government's own nationals, places the work in the US.
us_claims_under_agreement = any_of(
    us_would_claim,
    all_of(agreement, negate(employment_in_us), work_in_us),
    all_of(
        agreement,
        employment_in_us,
        work_in_us,
        foreign_government_staff,
        Parameter("government_nationals"),
    ),
)
both_would_claim = Condition("both_would_claim", us_claims_under_agreement & partner_would_claim)


def _where(test: Expression, code: Expression) -> Expression:
    """Return a country where the test holds, and none elsewhere."""
    return Choice(test, code, _NOWHERE)


_employed = Fact("employment")
_other_national = _employed & negate(Equal(Fact("citizenship_1"), _NOWHERE))
# The other country with a side in the work: where it is done or, for work in the US, the first
# country that the facts connect with it; unknown while a fact that could name it is unknown.
OTHER_COUNTRY = FirstOther(
    (
        country,
        _where(is_government, government),
        _where(is_seafarer, vessel_flag),
        _where(is_aircrew, headquarters),
        _where(negate(_employed), residence),
        sent_from,
        _where(_other_national, affiliate_of),
        _where(_other_national, employer_country),
        _where(negate(_employed) | Known(Fact("also_in_1")), Fact("also_in_1")),
    ),
    frozenset((NOWHERE, US)),
)
other_country_known = Equal(OTHER_COUNTRY, OTHER_COUNTRY)
has_us_side = all_of(
    any_of(
        work_in_us,
        us_citizen,
        american,
        Equal(affiliate_of, _US),
        is_government & Equal(government, _US),
        is_crew & Equal(craft, _US),
        Equal(sent_from, _US),
        Equal(residence, _US),
        Fact("us_resident"),
        Fact("also_in_us"),
    ),
    other_country_known,
)

# -- Employment or self-employment, in whose eyes ---------------------------------------------

classed_differently = negate(
    any_of(
        employment_in_us & employment_in_partner,
        negate(employment_in_us) & negate(employment_in_partner),
    )
)
# The country that sees self-employment where the two differ.
self_employment_country = Choice(employment_in_us, partner, _US)
resides_where_self_employed = Condition(
    "resides_where_self_employed", Equal(residence, self_employment_country)
)
under_employment_rules = any_of(
    employment_in_us & employment_in_partner,
    all_of(
        classed_differently,
        Parameter("class_by_residence_else_employment"),
        negate(resides_where_self_employed),
    ),
)
under_self_employment_rules = any_of(
    negate(employment_in_us) & negate(employment_in_partner),
    classed_differently & Parameter("class_as_self_employment"),
)

# -- The closed vocabulary of conditions that agreements ask for -------------------------------

CONDITIONS: dict[str, Expression] = {
    "employed_before_transfer": Fact("employed_before_transfer"),
    "insured_at_home_before": Equal(insured_before, home),
    "insured_at_home_for_six_months": all_of(
        Equal(insured_before, home),
        any_of(
            negate(Known(Fact("insured_since"))),
            AtMost(Shifted(Fact("insured_since"), Constant(6)), start),
        ),
    ),
    # Who works for an employer at home is insured there, unless told otherwise (ADR 0009).
    "insured_at_home_unless_told": negate(Known(insured_before)) | Equal(insured_before, home),
    "private_health_insurance": Fact("health_worker")
    & implies(Fact("family_accompanies"), Fact("health_family")),
    "no_second_job_in_host_country": negate(AtMost(second_job_start, from_day)),
    "business_before_transfer": Fact("business_before_transfer"),
    "not_the_same_work_again": any_of(
        earlier_stay, negate(Fact("ever_sent_before")), negate(Fact("same_work"))
    ),
}
assert set(CONDITIONS) == set(get_args(ConditionName))  # noqa: S101 - one vocabulary, two rooms


class Move(Struct, frozen=True):
    """A stay abroad that keeps the system it came from.

    Attributes:
        holds: every condition that was read is met, and no unread one is needed.
        unread: it would hold, but for something the text was not read on.
        over_limit: sent or moved, but for longer than the limit, or by now beyond it.
        ends: the day on which it ends by itself: the limit, or a second job where one ends it.
    """

    holds: Expression
    unread: Expression
    over_limit: Expression
    ends: Expression


def move(prefix: str, sent: Expression, *further: Expression, unread: Expression) -> Move:
    """Build the conditions of a stay abroad from the parameters that begin with `prefix`.

    Args:
        prefix: `detached` or `transfer`.
        sent: who was sent, or moved the business, from home.
        further: conditions that only this kind of stay has.
        unread: where this kind of stay alone meets unread law.
    """

    def parameter(name: str) -> Parameter:
        return Parameter(f"{prefix}_{name}")

    entry = parameter("entry")
    counted_from = Choice(parameter("clock_from_entry"), Later(start, entry), start)
    limit = Shifted(counted_from, parameter("limit"))
    # The limit where the clock runs from the first day, whenever the agreement came.
    sooner_limit = Shifted(start, parameter("limit"))
    earlier_start = Fact("earlier_start")
    first_start = Later(earlier_start, entry)
    repeat_limit = Shifted(first_start, parameter("repeat_within"))
    # No stay counts from before the entry: whenever the first began, the limit is no sooner.
    soonest_repeat_limit = Shifted(entry, parameter("repeat_within"))
    gap_ends = Shifted(Fact("earlier_stop"), parameter("repeat_gap"))
    expected_within = Condition(
        "expected_within_limit",
        any_of(
            parameter("has_limit") & AtMost(expected_stop, limit),
            negate(parameter("has_limit")) & negate(Equal(expected_stop, Constant(OPEN))),
        ),
    )
    counted_together = parameter("repeat_rule") & earlier_stay
    # Where it is not known whether an earlier stay counts, the sooner end is looked at first.
    perhaps_together = parameter("repeat_rule") & negate(Known(earlier_stay) & negate(earlier_stay))
    limit_or_never = Choice(
        parameter("has_limit"),
        Choice(
            perhaps_together,
            Choice(Known(earlier_start), repeat_limit, soonest_repeat_limit),
            Choice(parameter("clock_unread"), sooner_limit, limit),
        ),
        Constant(NEVER),
    )
    past = any_of(
        all_of(
            counted_together,
            AtMost(soonest_repeat_limit, from_day),
            AtMost(repeat_limit, from_day),
        ),
        negate(counted_together) & AtMost(limit, from_day),
    )
    not_past = Condition("not_past_limit", negate(parameter("has_limit") & past), quiet=True)
    repeat_allowed = Condition(
        "repeat_assignment",
        any_of(
            AtMost(expected_stop, soonest_repeat_limit),
            AtMost(expected_stop, repeat_limit),
            Choice(
                parameter("repeat_gap_exceeded"),
                negate(AtMost(start, gap_ends)),
                AtMost(gap_ends, start),
            ),
        ),
    )
    repeat_beyond_limit = all_of(
        negate(parameter("repeat_rule")),
        parameter("has_limit"),
        earlier_stay,
        negate(AtMost(expected_stop, Shifted(entry, parameter("limit")))),
        negate(AtMost(expected_stop, Shifted(first_start, parameter("limit")))),
    )
    beyond_sooner_limit = all_of(
        parameter("clock_unread"),
        parameter("has_limit"),
        negate(AtMost(expected_stop, sooner_limit) & negate(AtMost(sooner_limit, from_day))),
    )
    fulfilled = all_of(
        parameter("exists"),
        sent,
        *(
            implies(parameter(f"asks_{name}"), Condition(name, test))
            for name, test in CONDITIONS.items()
        ),
        *further,
        expected_within,
        not_past,
        implies(parameter("repeat_rule") & earlier_stay, repeat_allowed),
    )
    needs_unread = any_of(
        unread,
        *(
            parameter(f"unread_{name}") & negate(Condition(name, test))
            for name, test in CONDITIONS.items()
        ),
        Condition("repeat_rule_unread", repeat_beyond_limit, quiet=False),
        Condition("clock_unread", beyond_sooner_limit, quiet=False),
        parameter("text_unread"),
    )
    return Move(
        holds=fulfilled & negate(needs_unread),
        unread=fulfilled & needs_unread,
        over_limit=all_of(parameter("exists"), sent, negate(all_of(expected_within, not_past))),
        ends=Choice(
            parameter("asks_no_second_job_in_host_country")
            & AtMost(second_job_start, limit_or_never),
            second_job_start,
            limit_or_never,
        ),
    )


works_for_affiliate = Condition(
    "works_for_affiliate",
    all_of(
        Equal(affiliate_of, home),
        Choice(work_in_us, negate(Equal(employer_country, partner)), negate(american)),
    ),
    quiet=False,
)
_sent_by_employer = Condition(
    "sent_by_employer",
    all_of(
        Equal(sent_from, home),
        any_of(
            Choice(work_in_us, Equal(employer_country, partner), american),
            Equal(affiliate_of, home),
        ),
    ),
    gate=True,
)
_route = Condition(
    "transfer_route",
    any_of(
        Equal(Fact("via"), _NOWHERE),
        Parameter("via_unread"),
        Parameter("via_unread_unless_insured"),
        Parameter("via_if_insured_at_home") & Equal(insured_before, home),
        Parameter("via_if_national") & (us_citizen | partner_citizen),
    ),
)
_came_otherwise = Condition("via_third_country", negate(Equal(Fact("via"), _NOWHERE)))
_affiliate_counts = Condition(
    "affiliate_counts",
    any_of(
        Parameter("affiliate_unread"),
        Parameter("affiliate_needs_3121l") & Fact("section_3121l"),
        Parameter("affiliate_majority_owned") & Fact("majority_owned"),
    ),
)
detached_worker = move(
    "detached",
    _sent_by_employer,
    implies(negate(Parameter("via_allowed")), _route),
    implies(negate(Parameter("affiliate_accepted")) & works_for_affiliate, _affiliate_counts),
    unread=any_of(
        Parameter("via_unread") & _came_otherwise,
        all_of(
            Parameter("via_unread_unless_insured"),
            _came_otherwise,
            negate(Equal(insured_before, home)),
        ),
        Parameter("affiliate_unread") & works_for_affiliate,
    ),
)
business_transfer = move(
    "transfer",
    Condition("business_moved", Equal(sent_from, home), gate=True),
    unread=Constant(False),
)

works_for_us_government_abroad = negate(work_in_us) & Equal(government, _US)
works_for_partner_government_in_us = work_in_us & Equal(government, partner)
sent_by_government = Condition("sent_by_government", Equal(sent_from, home))
flag_of_us = Condition("flag_of_us", Equal(vessel_flag, _US))
flag_of_partner = Condition("flag_of_partner", Equal(vessel_flag, partner))
headquarters_in_us = Condition("headquarters_in_us", Equal(headquarters, _US))
headquarters_in_partner = Condition("headquarters_in_partner", Equal(headquarters, partner))
elects_us = Condition("elects_us", Equal(elects, _US))
elects_partner = Condition("elects_partner", Equal(elects, partner))
principal_in_us = Condition("principal_in_us", Equal(Fact("principal_country"), _US))
principal_in_partner = Condition("principal_in_partner", Equal(Fact("principal_country"), partner))
moved_away = Equal(sent_from, home)
resides_in_one_of_both = is_one_of(residence, US) | Equal(residence, partner)
