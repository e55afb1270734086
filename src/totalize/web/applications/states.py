"""The life of an application as one explicit machine. Nothing changes a state but `services.move`.

A move has a name, the states it leads out of, the one it leads to and who may make it. What else
must be true (complete facts, a second person) is asked by the service that makes the move.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from totalize.web.accounts.access import DESK, PARTIES, Role


class State(models.TextChoices):
    """Where an application stands."""

    DRAFT = "draft", "draft"
    SUBMITTED = "submitted", "sent, not looked at yet"
    IN_REVIEW = "in_review", "being looked at"
    ASKED = "asked", "facts are asked of you"
    ELSEWHERE = "with_other_authority", "the other country's authority is asked"
    PROPOSED = "proposed", "waits for a second person"
    ISSUED = "issued", "certificate issued"
    REFUSED = "refused", "refused"
    WITHDRAWN = "withdrawn", "taken back"
    PREPARED = "prepared", "papers are ready for you to send"
    KEPT = "kept", "the certificate has come and is kept"


class Kind(models.TextChoices):
    """What is asked for."""

    CERTIFICATE = "certificate", "certificate"
    EXTENSION = "extension", "extension"
    EXCEPTION = "exception", "special exception"
    AMENDMENT = "amendment", "amendment"


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed move."""

    out_of: frozenset[State]
    to: State
    who: frozenset[Role]


SYSTEM = frozenset({Role.ANYONE})
SECOND = frozenset({Role.SUPERVISOR})
OPEN = frozenset({State.SUBMITTED, State.IN_REVIEW, State.ASKED, State.ELSEWHERE, State.PROPOSED})

MOVES: dict[str, Move] = {
    "submit": Move(frozenset({State.DRAFT}), State.SUBMITTED, PARTIES),
    "prepare": Move(frozenset({State.DRAFT, State.PREPARED}), State.PREPARED, PARTIES),
    "keep": Move(frozenset({State.PREPARED, State.KEPT}), State.KEPT, PARTIES),
    "withdraw": Move(OPEN | {State.DRAFT, State.PREPARED}, State.WITHDRAWN, PARTIES),
    "take": Move(frozenset({State.SUBMITTED, State.IN_REVIEW}), State.IN_REVIEW, DESK),
    "release": Move(frozenset({State.IN_REVIEW}), State.SUBMITTED, DESK),
    "ask": Move(frozenset({State.IN_REVIEW}), State.ASKED, DESK),
    "answer": Move(frozenset({State.ASKED}), State.IN_REVIEW, PARTIES),
    "consult": Move(frozenset({State.IN_REVIEW}), State.ELSEWHERE, DESK),
    "hear": Move(frozenset({State.ELSEWHERE}), State.IN_REVIEW, DESK),
    "propose": Move(frozenset({State.IN_REVIEW}), State.PROPOSED, DESK),
    "return": Move(frozenset({State.PROPOSED}), State.IN_REVIEW, SECOND),
    "issue": Move(frozenset({State.IN_REVIEW}), State.ISSUED, DESK),
    "issue_automatically": Move(frozenset({State.SUBMITTED}), State.ISSUED, SYSTEM),
    "issue_seconded": Move(frozenset({State.PROPOSED}), State.ISSUED, SECOND),
    "refuse": Move(frozenset({State.PROPOSED}), State.REFUSED, SECOND),
    "contest": Move(frozenset({State.REFUSED}), State.IN_REVIEW, PARTIES | DESK),
}
