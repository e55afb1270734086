"""Taking an application for a change, and moving it through its life."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from totalize.kernel.errors import InputError, TotalizeError
from totalize.web.accounts.access import roles_towards
from totalize.web.accounts.models import User
from totalize.web.applications import hooks
from totalize.web.applications.models import Application, Step
from totalize.web.applications.states import MOVES, State
from totalize.web.audit.services import record


class ConflictError(TotalizeError):
    """Somebody else was first."""

    code = "conflict"


def locked(application_id: UUID, version: int | None = None) -> Application:
    """Take an application for a change; call it inside a transaction.

    Args:
        application_id: which.
        version: the version that was looked at; None takes it as it is.

    Raises:
        ConflictError: it was changed since.
    """
    application = Application.objects.select_for_update().get(id=application_id)
    if version is not None and application.version != version:
        raise changed_meanwhile()
    return application


def changed_meanwhile() -> ConflictError:
    """Return the refusal for who looked at an older version."""
    return ConflictError("somebody else changed this application while you were looking at it")


def move(
    application: Application, name: str, *, by: User | None, note: str = "", **facts: object
) -> Application:
    """Make a move; the application must have been taken with `locked`.

    Args:
        application: as locked.
        name: of `states.MOVES`.
        by: the account, None for the system.
        note: for people to read.
        **facts: codes for the log.

    Raises:
        InputError: the move does not lead out of this state, or not for this person.
    """
    allowed = MOVES[name]
    state = State(application.state)
    if state not in allowed.out_of:
        expected = " or ".join(sorted(State(each).label for each in allowed.out_of))
        raise InputError(
            "state",
            f"does not allow to {name}",
            value=state.value,
            expected=expected,
            code="illegal_move",
        )
    if by is not None and not roles_towards(by, application, manage=True) & allowed.who:
        raise InputError("state", f"is not yours to {name}", code="not_yours")
    now = timezone.now()
    with transaction.atomic():
        application.state = allowed.to
        application.version += 1
        if name == "submit":
            application.submitted_at = now
        if allowed.to in (State.ISSUED, State.REFUSED):
            application.decided_at = now
        application.save()
        Step.objects.create(
            application=application, move=name, state=allowed.to, by=by, at=now, note=note
        )
        record(
            f"application.{name}",
            actor=by,
            subject=f"application:{application.id}",
            facts={"from": state.value, "to": allowed.to.value, **facts},
        )
        for hear in hooks.on_moved:
            hear(application, name)
    return application
