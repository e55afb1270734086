"""The agreements as data: their schema, their loader and the checks a file must pass.

One folder an agreement below `data/agreements/`: `agreement.yaml` (this module), `offices.yaml`
(`law.offices`), `totalization.yaml` (`law.benefits`), each read only by who needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from totalize.kernel.countries import NAMES
from totalize.kernel.errors import LawError
from totalize.law.loading import DATA, folders, load
from totalize.law.sources import Citation, Sure

Months = Annotated[int, msgspec.Meta(ge=1, le=240)]
Text = Annotated[str, msgspec.Meta(min_length=3)]
Cites = Annotated[list[Citation], msgspec.Meta(min_length=1)]

# The closed vocabulary of conditions; `coverage.provisions` defines each as an expression.
ConditionName = Literal[
    "employed_before_transfer",
    "insured_at_home_before",
    "insured_at_home_for_six_months",
    "insured_at_home_unless_told",
    "private_health_insurance",
    "no_second_job_in_host_country",
    "business_before_transfer",
    "not_the_same_work_again",
]
ThirdCountry = Literal[
    "allowed",
    "direct_only",
    "insured_at_home",
    "insured_at_home_else_unread",
    "nationals_only",
    "unread",
]
Affiliate = Literal["accepted", "needs_3121l", "majority_owned", "not_accepted", "unread"]
Clock = Literal["later_of_start_and_entry", "start", "unread"]
Measured = Literal["expected_at_start", "expected_and_actual", "unread"]
SelfEmployedRule = Literal["residence", "place_of_activity", "nationality", "conflict", "unread"]
InBothCountries = Literal["residence", "principal_country", "unread"]
Elsewhere = Literal["consent", "us"]
ClassedDifferently = Literal[
    "residence_else_other_country",
    "residence_else_employment_rules",
    "self_employment_rule",
    "unread",
]
CrewRule = Literal[
    "flag",
    "us_flag_else_foreign",
    "residence",
    "headquarters",
    "headquarters_unless_resident_in_other",
    "residence_else_headquarters",
    "residence_else_us",
    "unread",
]
GovernmentRule = Literal[
    "own_nationals", "sent", "sent_nationals", "any_employee", "untouched", "unread"
]
NoteTrigger = Literal[
    "always",
    "employee_not_sent",
    "detached_us_to_foreign",
    "detached_foreign_to_us",
    "over_limit",
    "extension",
    "third_country",
    "repeat_assignment",
    "self_employed",
    "self_employed_transfer",
    "work_in_host_country",
    "government",
    "crew",
    "family",
    "election",
]


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record that refuses fields it does not know."""


_SUREST_FIRST = tuple(Sure)


class Version(_Record, frozen=True, kw_only=True):
    """A provision as it holds in a stretch of time, closed on both ends.

    Attributes:
        first: first day (in files: `from`).
        last: last day (in files: `to`), None while it holds.
        cite: where it was read; an unread provision cites where one looked.
    """

    first: date = msgspec.field(name="from")
    last: date | None = msgspec.field(name="to", default=None)
    cite: Cites

    @property
    def sure(self) -> Sure:
        """How sure the version is: as sure as its best source. Unread decides nothing."""
        found = [item.sure for item in self.cite]
        return next(sure for sure in _SUREST_FIRST if sure in found)


class Territorial(Version, frozen=True, kw_only=True):
    """The general rule for employees: the place of work.

    Attributes:
        residents_working_in_both: whoever lives in the other country and works there as well is
            under its law for work in the United States too (Netherlands).
    """

    residents_working_in_both: bool = False


class Repeat(_Record, frozen=True, kw_only=True):
    """When a further assignment of the same worker by the same employer still counts.

    Attributes:
        within_months_of_first_start: it is expected to end within this time of the first start.
        or_gap_months: or this long has passed since the last one ended.
        gap_exceeded: the break has to be longer than that; otherwise as long is enough.
    """

    within_months_of_first_start: Months
    or_gap_months: Months
    gap_exceeded: bool = False


class Extension(_Record, frozen=True, kw_only=True):
    """How long a stay may be prolonged beyond the limit, when both authorities agree."""

    max_months: Months | None
    text: Text
    cite: Cites


class Transfer(Version, frozen=True, kw_only=True):
    """Work sent or moved for a time keeps the system it came from, under these conditions.

    Attributes:
        max_months: the limit, None where there is none but the stay has to be temporary.
        measured: whether the expectation at the start decides, or the actual length as well.
        clock: the day from which the limit runs; where it was not read, a stay on which the
            readings part is unsettled.
        conditions: what else is asked.
        unread_conditions: what others ask and this text may ask too: not read. A case that
            fulfils them is decided, one that does not is unsettled.
        repeat: the rule for further assignments; None: none is known.
        extension: prolongation beyond the limit.
    """

    max_months: Months | None
    measured: Measured = "expected_at_start"
    clock: Clock = "later_of_start_and_entry"
    conditions: list[ConditionName]
    unread_conditions: list[ConditionName] = []
    repeat: Repeat | None = None
    extension: Extension | None = None


class DetachedWorker(Transfer, frozen=True, kw_only=True):
    """The employee sent by an employer.

    Attributes:
        third_country: whether the transfer may lead through a third country. Where that is known
            without its condition, who was insured at home meanwhile is decided and nobody else.
        affiliate: whether work for an affiliate of the sending employer counts.
        whatever_nationality: the text was read to put the person sent under the law of home, as
            if the work were done there, whatever the nationality.
    """

    third_country: ThirdCountry
    affiliate: Affiliate
    whatever_nationality: bool = False


class SelfEmployed(Version, frozen=True, kw_only=True):
    """Which country covers the self-employed.

    Attributes:
        rule: by residence, by place of activity, by nationality, sources that conflict
            between residence and place of activity, or not read.
        needs_double_claim: False where the rule exempts even if the other country never claims:
            residents of the United States, and US nationals who live in the other country.
        in_both_countries: for place of activity, what decides when it goes on in both.
        elsewhere: for residence, what holds for those who live in neither country.
        classed_differently: when one country sees employment and the other self-employment.
    """

    rule: SelfEmployedRule
    needs_double_claim: bool = True
    in_both_countries: InBothCountries = "unread"
    elsewhere: Elsewhere = "consent"
    classed_differently: ClassedDifferently = "unread"


class Crew(Version, frozen=True, kw_only=True):
    """Which country covers the crew of ships or aircraft.

    Attributes:
        rule: the connecting factor.
        sides: for which side's flag or employers it was read; the other half is unread.
        own_flags_only: it speaks of ships under the flags of the two countries; what holds under
            a third flag is unread.
    """

    rule: CrewRule
    own_flags_only: bool = False
    sides: tuple[Literal["us", "foreign"], ...] = ("us", "foreign")


class Government(Version, frozen=True, kw_only=True):
    """Who works for a government and is covered by it.

    Attributes:
        us: for people employed by the US Government in the other country; where the rule is
            `sent_nationals`, nobody but its own nationals whom it sent was read of.
        foreign: for people employed by the other government in the United States.
        nationals_in_regions: parts of the other country (ISO 3166-2, without the country) where
            US nationals hired by the US Government stay under US law wherever they were hired.
    """

    us: GovernmentRule
    foreign: GovernmentRule
    nationals_in_regions: Annotated[list[str], msgspec.Meta(max_length=1)] = []


class Nationality(Version, frozen=True, kw_only=True):
    """Nationality decides before the place of work (Italy).

    Attributes:
        election_months: months after the one in which work begins, within which a national of
            the other country, or of both, elects one system.
    """

    election_months: Months


class HostClaim(Version, frozen=True, kw_only=True):
    """What the other country's own law claims, where that is not the usual.

    Attributes:
        employment: its law reaches employees who work there.
        self_employment: its law reaches the self-employed who work or live there.
        nationals_abroad_for_own_employers: it also claims its nationals who work in the
            United States for its employers or companies these control.
        certifies_own_coverage: a certificate of its own proves its coverage; False where an
            SSA letter of exemption does.
    """

    employment: bool = True
    self_employment: bool = True
    nationals_abroad_for_own_employers: bool = False
    certifies_own_coverage: bool = True


class Note(_Record, frozen=True, kw_only=True):
    """What an office does (practice) or the other side takes (acceptance). Never decides.

    Attributes:
        code: stable name.
        when: the situation in which it is shown.
        way: the direction of work it speaks of, None for both.
        text: one to three plain sentences.
    """

    code: Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]+$")]
    when: NoteTrigger
    way: Literal["us_to_foreign", "foreign_to_us"] | None = None
    text: Text
    cite: Cites


class Amendment(_Record, frozen=True, kw_only=True):
    """A later instrument that changed the agreement."""

    signed: date | None
    in_force: date | None
    what: Text
    cite: Cites


class Scope(Version, frozen=True, kw_only=True):
    """Which contributions a certificate lifts (`programs` of the agreement)."""

    us: list[str]
    foreign_covered: list[str]
    foreign_not_covered: list[str] | None
    note: str | None = None


class SpecialException(_Record, frozen=True, kw_only=True):
    """How both authorities may agree on another system than the rules give."""

    article: str | None
    applicant: str | None
    us_authority: str | None
    foreign_authority: str | None
    note: str | None = None
    cite: Cites


class Directions(_Record, frozen=True, kw_only=True):
    """Transfers of the self-employed, each way."""

    us_to_foreign: list[Transfer]
    foreign_to_us: list[Transfer]


class DetachedDirections(_Record, frozen=True, kw_only=True):
    """Detached workers, each way."""

    us_to_foreign: list[DetachedWorker]
    foreign_to_us: list[DetachedWorker]


class Coverage(_Record, frozen=True, kw_only=True):
    """Part II of an agreement: the general rule and its exceptions, each in versions."""

    territorial: list[Territorial]
    detached_worker: DetachedDirections | None = None
    self_employed: list[SelfEmployed]
    self_employed_transfer: Directions | None = None
    seafarer: list[Crew]
    aircrew: list[Crew]
    government: list[Government]
    nationality: list[Nationality] = []
    host_claim: list[HostClaim] = []


class Agreement(_Record, frozen=True, kw_only=True):
    """One agreement, as read.

    Attributes:
        country: alpha-2 of the other country.
        status: `in_force`, or `signed` and not in force.
        in_force: first day of the agreement as a whole; None while it is not in force.
        uncertain: what stays doubtful, in sentences.
    """

    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    name: Text
    status: Literal["in_force", "signed"]
    signed: date | None
    in_force: date | None
    cite: Cites
    text_url: str | None = None
    territory: str | None = None
    amendments: list[Amendment] = []
    scope: list[Scope] = []
    coverage: Coverage
    special_exception: SpecialException | None = None
    practice: list[Note] = []
    acceptance: list[Note] = []
    uncertain: list[Text] = []


def countries(root: Path = DATA) -> list[str]:
    """Return the countries that have a file, in order of their codes."""
    return list(_countries(root))


@cache
def _countries(root: Path) -> tuple[str, ...]:
    return tuple(name.upper() for name in folders("agreements", root))


@cache
def load_agreement(country: str, root: Path = DATA) -> Agreement:
    """Read and check one agreement.

    Raises:
        LawError: the file is missing, does not fit the schema or contradicts itself.
    """
    where = f"agreements/{country.lower()}/agreement.yaml"
    agreement = load(where, Agreement, root)
    check_agreement(agreement, where)
    if agreement.country != country:
        raise LawError(where, f"is the file of {agreement.country}")
    return agreement


def check_agreement(agreement: Agreement, where: str) -> None:
    """Refuse an agreement whose values do not fit together.

    Raises:
        LawError: versions overlap or leave a gap, status and dates disagree, two notes carry
            the same code, or the country is unknown.
    """
    if agreement.country not in NAMES:
        raise LawError(where, f"{agreement.country} is not a country")
    if (agreement.status == "in_force") != (agreement.in_force is not None):
        raise LawError(where, "status and date of entry into force disagree")
    codes = [note.code for note in (*agreement.practice, *agreement.acceptance)]
    if len(codes) != len(set(codes)):
        raise LawError(where, "two notes carry the same code")
    start = agreement.in_force or agreement.signed
    if start is None:
        raise LawError(where, "neither signed nor in force")
    for name, versions in _provisions(agreement):
        _check_versions(versions, start, f"{where}: {name}")
    if agreement.scope:
        _check_versions(agreement.scope, start, f"{where}: scope")


def _provisions(agreement: Agreement) -> Iterable[tuple[str, Sequence[Version]]]:
    coverage = agreement.coverage
    yield "territorial", coverage.territorial
    yield "self_employed", coverage.self_employed
    yield "seafarer", coverage.seafarer
    yield "aircrew", coverage.aircrew
    yield "government", coverage.government
    if coverage.nationality:
        yield "nationality", coverage.nationality
    if coverage.host_claim:
        yield "host_claim", coverage.host_claim
    for name, directions in (
        ("detached_worker", coverage.detached_worker),
        ("self_employed_transfer", coverage.self_employed_transfer),
    ):
        if directions is not None:
            yield f"{name}.us_to_foreign", directions.us_to_foreign
            yield f"{name}.foreign_to_us", directions.foreign_to_us


def _check_versions(versions: Sequence[Version], start: date, where: str) -> None:
    if not versions:
        raise LawError(where, "has no version")
    if versions[0].first > start:
        raise LawError(where, f"leaves a gap from {start} to {versions[0].first}")
    for earlier, later in pairwise(versions):
        if earlier.last is None or earlier.last >= later.first:
            raise LawError(where, f"versions overlap at {later.first}")
        if earlier.last + timedelta(days=1) != later.first:
            raise LawError(where, f"leaves a gap from {earlier.last} to {later.first}")
    if versions[-1].last is not None:
        raise LawError(where, f"ends on {versions[-1].last} and nothing follows")


VersionType = TypeVar("VersionType", bound=Version)


def version_on(versions: Sequence[VersionType], day: date) -> VersionType:
    """Return the version that holds on a day; the first one for a day before all.

    Raises:
        IndexError: there are no versions.
    """
    chosen = versions[0]
    for version in versions:
        if version.first <= day:
            chosen = version
    return chosen
