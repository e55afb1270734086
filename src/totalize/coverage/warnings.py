"""What the reader must know beside the answer: doubts, deadlines, practice. Never decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from msgspec import Struct

from totalize.coverage import conditions as c
from totalize.coverage.case import HeldCertificate
from totalize.coverage.codes import NOWHERE, US
from totalize.coverage.determination import Notice, Outcome, Proof, Rule
from totalize.coverage.parameters import host_claim_on
from totalize.coverage.provisions import Side
from totalize.coverage.reading import Plan, Reading
from totalize.coverage.situation import Situation
from totalize.kernel.countries import in_sentence
from totalize.kernel.dates import add_months, end_of_month
from totalize.law.agreements import Note, NoteTrigger, SelfEmployed
from totalize.law.sources import Sure


class Answer(Struct, frozen=True):
    """What was decided for a period, before anything is said about it.

    Attributes:
        reading: the provision that decided, and who would claim.
        missing: paths of missing facts.
        proof: the state of the paper.
        as_of: the day of the decision.
    """

    reading: Reading
    missing: tuple[str, ...]
    proof: Proof | None
    as_of: date


class Adviser:
    """Collect the warnings for one period.

    Args:
        situation: the work and the law.
        plan: the provisions as this law has them.
        answer: what was decided.
    """

    def __init__(self, situation: Situation, plan: Plan, answer: Answer) -> None:
        self.situation = situation
        self.plan = plan
        test = answer.reading.test
        self.provision = test.provision if test is not None else None
        self.partner_claims = answer.reading.claims[1]
        self.missing = answer.missing
        self.proof = answer.proof
        self.as_of = answer.as_of
        self.facts = situation.facts
        self.rule = self.provision.rule if self.provision is not None else None
        self._texts = situation.book.sentences().warnings

    def collect(self) -> tuple[Notice, ...]:
        """Return all warnings, the ones about the answer itself first."""
        found: list[Notice] = []
        for source in (
            self._about_the_law,
            self._about_the_limit,
            self._about_the_choice,
            self._about_the_work,
            self._about_the_paper,
            self._notes,
        ):
            found.extend(source())
        return tuple(dict.fromkeys(found))

    def _say(self, code: str, **words: str) -> Notice:
        return self.situation.remember(
            ("warning", code, *words.values()),
            lambda: Notice(code, self._texts[code].format_map(self.situation.words() | words)),
        )

    def _about_the_law(self) -> Iterator[Notice]:
        if self.provision is None:
            return
        situation = self.situation
        block = situation.block(self.rule)
        if self.provision.outcome is Outcome.UNSETTLED:
            ref = block.cite[0].ref if block is not None else "the agreement"
            office = self._office()
            if self.provision.code == "sent_without_us_claim":
                yield self._say("sent_without_us_claim", ref=ref, office=office)
                return
            if isinstance(block, SelfEmployed) and block.rule == "conflict":
                yield self._say("sources_conflict", ref=ref, office=office)
                return
            if (
                self.rule in (Rule.SEAFARER, Rule.AIRCREW)
                and getattr(block, "rule", "") != "unread"
            ):
                yield self._say("crew_elsewhere", ref=ref, office=office)
                return
            topics = situation.book.sentences().topics
            topic = topics[self.rule.value if self.rule is not None else "classed"]
            yield self._say("law_not_read", topic=topic, ref=ref, office=office)
        elif (
            block is not None
            and self.rule not in (Rule.DOMESTIC, None)
            and block.sure in (Sure.SECONDARY, Sure.UNREAD)
        ):
            yield self._say("unconfirmed_rule", ref=block.cite[0].ref)

    def _office(self) -> str:
        agreement = self.situation.agreement
        us = "the Social Security Administration"
        if agreement is None:
            return us
        return f"{us} or the authority in {in_sentence(agreement.country)}"

    def _authorities(self) -> str:
        """Return who agrees to exceptions on each side, as far as it was read."""
        agreement = self.situation.agreement
        exception = agreement.special_exception if agreement is not None else None
        if exception is None or exception.us_authority is None or not exception.foreign_authority:
            return self._office()
        return f"{exception.us_authority}; {exception.foreign_authority}"

    def over_limit(self) -> bool:
        """Tell whether the host country covers the work because the stay is too long."""
        if self.rule not in (Rule.TERRITORIAL, Rule.SELF_EMPLOYED_ACTIVITY):
            return False
        move = c.detached_worker if self.situation.employed else c.business_transfer
        return self.plan.value(move.over_limit, self.facts) is True

    def _about_the_limit(self) -> Iterator[Notice]:
        if self.provision is None:
            return
        if self.provision.outcome is Outcome.NEEDS_CONSENT:
            yield self._say("third_country_stay", authorities=self._authorities())
        move = self.situation.move()
        if move is None:
            return
        if self.over_limit():
            yield self._say("exception_possible")
            if move.extension is not None:
                yield self._say("extension_possible", text=move.extension.text)
        if (
            self.provision.move is not None
            and move.repeat is None
            and self.facts["ever_sent_before"] is True
            and self.facts["earlier_stay"] is False
        ):
            yield self._say("repeat_rule_unread")
        if self.situation.history.same_employer_presumed and self._may_be_sent():
            yield self._say("same_employer_presumed")

    def _may_be_sent(self) -> bool:
        """Tell whether earlier stays can count: for those who were sent, while both claim."""
        return self.provision is None or self.provision.rule is not Rule.DOMESTIC

    def _about_the_choice(self) -> Iterator[Notice]:
        agreement = self.situation.agreement
        if agreement is None or not agreement.coverage.nationality:
            return
        if not self.may_elect():
            return
        undecided = any(path.endswith(".elects") for path in self.missing)
        months = agreement.coverage.nationality[-1].election_months
        start = self.situation.work.start
        deadline = end_of_month(add_months(start.replace(day=1), months))
        late = self.as_of > deadline and (undecided or self.rule is Rule.ELECTION)
        yield self._say("election_late" if late else "election_deadline", deadline=str(deadline))

    def may_elect(self) -> bool:
        """Tell whether the worker chooses, or has to."""
        undecided = any(path.endswith(".elects") for path in self.missing)
        return undecided or self.rule is Rule.ELECTION

    def _about_the_work(self) -> Iterator[Notice]:
        situation, facts = self.situation, self.facts
        if self.provision is None:
            return
        others = [
            code
            for code in (situation.work.also_in if isinstance(situation.work.also_in, list) else [])
            if code != situation.host
        ]
        if self.provision.code == "territorial_partner" and situation.to_us:
            yield self._say("covered_where_they_live")
        elif others and self.rule is Rule.TERRITORIAL:
            names = " and ".join(in_sentence(code) for code in others)
            yield self._say("work_in_two_countries", others=names)
        abroad = not situation.to_us
        sent_by_american = facts["american"] is True and facts["sent_from"] == US
        if (
            abroad
            and sent_by_american
            and self.provision.code == "only_partner_claims"
            and situation.agreement is not None
            and not self._home_law_must_cover()
        ):
            yield self._say("agreement_may_create_us_coverage")
        if abroad and facts["american"] is True and self.provision.code == "territorial_partner":
            yield self._say("employer_must_register")
        if self.rule is Rule.GOVERNMENT:
            yield self._say("vienna_conventions")
        if situation.work.occupation == "aircrew" and self._turns_on_the_aircraft():
            yield self._say("aircraft_presumed")
        if situation.to_us and self.provision.side is not Side.OPEN and self._presumes_home_law():
            yield self._say("home_law_presumed")

    def _home_law_must_cover(self) -> bool:
        """Tell whether the rule for people sent reaches only those whom home law covers anyway.

        Such a rule creates no coverage (ADR 0008).
        """
        move = self.situation.move()
        return move is not None and "insured_at_home_before" in move.conditions

    def _turns_on_the_aircraft(self) -> bool:
        """Tell whether US law looks at the aircraft; it need not for citizens who work for the US.

        Residents too are covered abroad with an American employer, but not in the US, where the
        law on foreign aircraft leaves out all but citizens.
        """
        facts = self.facts
        covered = facts["us_citizen"] or (not self.situation.to_us and facts["us_resident"] is True)
        return not (covered and facts["american"] is True)

    def _presumes_home_law(self) -> bool:
        resident = self.provision is not None and self.provision.code == "territorial_partner"
        return self.partner_claims is True and not resident

    def _about_the_paper(self) -> Iterator[Notice]:
        situation = self.situation
        held = situation.work.certificate
        if isinstance(held, HeldCertificate) and self.proof is Proof.NEEDED:
            period = f"{held.issued_by}, {held.first} to {held.last or 'open'}"
            yield self._say("certificate_not_fitting", held=period)
        if situation.agreement is None or self.provision is None:
            return
        claim = host_claim_on(situation.agreement, situation.day)
        if (
            claim is not None
            and not claim.certifies_own_coverage
            and self.proof is Proof.NEEDED
            and self.provision.side in (Side.PARTNER, Side.NEITHER)
            and not situation.to_us
        ):
            yield self._say("letter_of_exemption")

    def _notes(self) -> Iterator[Notice]:
        agreement = self.situation.agreement
        if agreement is None:
            yield from self._notes_of_a_signed_agreement()
            yield from self._notes_of_an_unread_territory()
            return
        for note in (*agreement.practice, *agreement.acceptance):
            if self._shows(note):
                yield Notice(note.code, note.text)

    def _notes_of_a_signed_agreement(self) -> Iterator[Notice]:
        """Say what is known about an agreement that was signed and is not in force."""
        partner = self.situation.partner
        signed = self.situation.book.agreement(partner) if partner is not None else None
        if signed is not None and signed.in_force is None:
            for note in (*signed.practice, *signed.acceptance):
                if note.when == "always":
                    yield Notice(note.code, note.text)

    def _notes_of_an_unread_territory(self) -> Iterator[Notice]:
        """Say where it was not read whether an agreement reaches the other place."""
        place = self.situation.partner
        country = self.situation.book.unread_territories().get(place) if place else None
        if country is not None and self.provision is not None:
            yield self._say("territory_unread", country=in_sentence(country))

    def _shows(self, note: Note) -> bool:
        if note.way is not None and (note.way == "foreign_to_us") is not self.situation.to_us:
            return False
        return self._arises(note.when)

    def _arises(self, when: NoteTrigger) -> bool:
        """Tell whether the situation that a note speaks of is the one at hand."""
        return _TRIGGERS[when](self)

    def covers_host(self) -> bool:
        """Tell whether the country of work covers it."""
        host = Side.US if self.situation.to_us else Side.PARTNER
        return self.provision is not None and self.provision.side is host

    def detached(self, side: Side) -> bool:
        """Tell whether the rule for employees sent from one side decided, or would have."""
        return (
            self.provision is not None
            and self.rule is Rule.DETACHED_WORKER
            and self.provision.side in (side, Side.OPEN)
            and self.situation.to_us == (side is Side.PARTNER)
        )


_TRIGGERS: Final[dict[NoteTrigger, Callable[[Adviser], bool]]] = {
    "always": lambda _: True,
    "employee_not_sent": lambda it: it.situation.employed and it.facts["sent_from"] == NOWHERE,
    "detached_us_to_foreign": lambda it: it.detached(Side.US),
    "detached_foreign_to_us": lambda it: it.detached(Side.PARTNER),
    "over_limit": lambda it: it.over_limit(),
    "extension": lambda it: it.over_limit(),
    "third_country": lambda it: it.facts["via"] not in (None, NOWHERE),
    "repeat_assignment": lambda it: it.facts["ever_sent_before"] is True,
    "self_employed": lambda it: not it.situation.employed,
    "self_employed_transfer": lambda it: it.rule is Rule.SELF_EMPLOYED_TRANSFER,
    "work_in_host_country": lambda it: it.covers_host(),
    "government": lambda it: it.situation.work.occupation == "government",
    "crew": lambda it: it.situation.work.occupation in {"seafarer", "aircrew"},
    "family": lambda it: it.facts["family_accompanies"] is True,
    "election": lambda it: it.may_elect(),
}
