"""Who may do what: one table, read by every view, every API call and the test of the matrix.

A view names its act with `@act("application.read")`. What somebody is to an object (its worker,
the employer, an agent with a mandate) follows from the records, never from the request. Whoever
may not even know that something exists is told that it doesn't.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from totalize.web.accounts.kept_forms import came_from, drop_if_sent, keep
from totalize.web.accounts.models import Mandate, MemberRole, OrganisationKind, User
from totalize.web.accounts.places import places_of
from totalize.web.accounts.requests import SignedInRequest, Somebody, is_signed_in

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class Matter(Protocol):
    """What belongs to a worker and, it may be, to an employer: an application."""

    @property
    def worker_id(self) -> UUID | None:
        """Whose work it is about; None while nobody took it."""

    @property
    def employer_id(self) -> UUID | None:
        """For which organisation they work; None without one."""


class Role(StrEnum):
    """What somebody is, to an object or to the installation."""

    ANYONE = "anyone"
    ACCOUNT = "account"
    WORKER = "worker"
    EMPLOYER = "employer"
    AGENT = "agent"
    CASEWORKER = "caseworker"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


PARTIES = frozenset({Role.WORKER, Role.EMPLOYER, Role.AGENT})
DESK = frozenset({Role.CASEWORKER, Role.SUPERVISOR})

# Act -> who may. `public` acts need no account and read nobody's file.
ACTS: dict[str, frozenset[Role]] = {
    "public": frozenset({Role.ANYONE}),
    "account": frozenset({Role.ACCOUNT}),
    "application.start": frozenset({Role.ACCOUNT}),
    "application.read": PARTIES | DESK,
    "application.fill": PARTIES,
    "application.confirm": frozenset({Role.ACCOUNT}),
    "application.submit": PARTIES,
    "application.withdraw": PARTIES,
    "application.upload": PARTIES,
    "number.reveal": DESK,
    "desk.read": DESK,
    "desk.decide": DESK,
    "desk.second": frozenset({Role.SUPERVISOR}),
    "certificate.read": PARTIES | DESK,
    "certificate.share": PARTIES,
    "certificate.change": DESK,
    "follow.read": PARTIES,
    "follow.change": PARTIES,
    "employer.read": frozenset({Role.EMPLOYER, Role.AGENT}),
    "employer.manage": frozenset({Role.EMPLOYER, Role.AGENT}),
    "employer.own": frozenset({Role.EMPLOYER}),
    "log.read": frozenset({Role.AUDITOR}),
    "installation.manage": frozenset({Role.ADMINISTRATOR}),
}

# Acts that change nothing: a viewer of an organisation may do these and no other.
READS = frozenset({"application.read", "certificate.read", "follow.read", "employer.read"})


def office_roles(user: Somebody) -> frozenset[Role]:
    """Return what somebody is to the installation."""
    if not user.is_authenticated:
        return frozenset({Role.ANYONE})
    roles = {Role.ANYONE, Role.ACCOUNT}
    if user.office_role:
        roles.add(Role(user.office_role))
    return frozenset(roles)


def roles_towards(user: Somebody, application: Matter, *, manage: bool = False) -> frozenset[Role]:
    """Return what somebody is to an application and to everything that hangs on it.

    Who is a party to it has no office in it: nobody decides their own application.

    Args:
        user: the somebody.
        application: the application.
        manage: count only those who may change things: no viewers of an organisation.
    """
    if not user.is_authenticated:
        return office_roles(user)
    office = office_roles(user)
    places = _places(user, manage=manage)
    parties: set[Role] = set()
    if application.worker_id == user.id:
        parties.add(Role.WORKER)
    if application.employer_id is not None:
        parties |= _roles_in(places, application.employer_id)
    if application.worker_id is not None and _is_agent(places, worker_id=application.worker_id):
        parties.add(Role.AGENT)
    if not office & DESK:
        return office | parties
    concerned = parties or (manage and roles_towards(user, application) & PARTIES)
    return (office - DESK if concerned else office) | parties


def roles_in(
    user: Somebody, organisation_id: UUID | None, *, manage: bool = False
) -> frozenset[Role]:
    """Return what somebody is to an organisation: one of its people, or an agent for it.

    Args:
        user: the somebody.
        organisation_id: the employer's; None, where there is none.
        manage: count only those who may change things.
    """
    if not user.is_authenticated or organisation_id is None:
        return frozenset()
    return frozenset(_roles_in(_places(user, manage=manage), organisation_id))


def _places(user: User, *, manage: bool) -> dict[UUID, str]:
    """Return the organisations that somebody belongs to, and what they are here for."""
    return {
        place.organisation_id: place.organisation.kind
        for place in places_of(user)
        if not (manage and place.role == MemberRole.VIEWER)
    }


def _roles_in(places: Mapping[UUID, str], organisation_id: UUID) -> set[Role]:
    roles = {Role.EMPLOYER} if organisation_id in places else set()
    if _is_agent(places, employer_id=organisation_id):
        roles.add(Role.AGENT)
    return roles


def _is_agent(places: Mapping[UUID, str], **giver: UUID) -> bool:
    advisers = [place for place, kind in places.items() if kind == OrganisationKind.ADVISER]
    # Most people belong to no adviser: they are spared the question.
    return bool(advisers) and Mandate.in_force().filter(adviser_id__in=advisers, **giver).exists()


def mandates_held(user: User, *, manage: bool = False) -> QuerySet[Mandate]:
    """Return the mandates in force that advisers hold of whom somebody is one."""
    memberships = user.memberships.filter(organisation__kind=OrganisationKind.ADVISER)
    if manage:
        memberships = memberships.exclude(role=MemberRole.VIEWER)
    return Mandate.in_force().filter(adviser_id__in=memberships.values("organisation_id"))


def may(roles: frozenset[Role], name: str) -> bool:
    """Tell whether any of these roles may do an act."""
    return bool(roles & ACTS[name])


def require(user: Somebody, name: str, application: Matter | None = None) -> frozenset[Role]:
    """Return somebody's roles, or refuse.

    Raises:
        Http404: the object is none of theirs: it does not exist for them.
        PermissionDenied: they know of it, and may not do this.
    """
    if application is None:
        roles = office_roles(user)
        if not may(roles, name):
            raise PermissionDenied
        return roles
    roles = roles_towards(user, application, manage=name not in READS)
    if may(roles, name):
        return roles
    if not roles_towards(user, application) & (PARTIES | DESK):
        raise Http404
    raise PermissionDenied


def require_in(user: Somebody, name: str, organisation_id: UUID) -> frozenset[Role]:
    """Return what somebody is to an organisation, or refuse.

    `employer.own` wants an owner, acts that change something anybody but a viewer.

    Raises:
        Http404: the organisation is none of theirs.
        PermissionDenied: they know of it, and may not do this.
    """
    roles = roles_in(user, organisation_id, manage=name not in READS)
    if name == "employer.own" and not owns(user, organisation_id):
        roles = frozenset()
    if may(roles, name):
        return roles
    if not roles_in(user, organisation_id):
        raise Http404
    raise PermissionDenied


def owns(user: Somebody, organisation_id: UUID | None) -> bool:
    """Tell whether somebody is an owner of an organisation."""
    return bool(
        user.is_authenticated
        and any(
            place.organisation_id == organisation_id and place.role == MemberRole.OWNER
            for place in places_of(user)
        )
    )


SIGNED_OUT = (
    "You were signed out, so what you sent was not saved. Sign in, and give it once more: you come "
    "back to the same page."
)
KEPT = (
    "You were signed out, so what you sent was not saved. It is kept for half an hour: sign in, "
    "and you can send it again."
)


def act(
    name: str,
) -> Callable[
    [Callable[Concatenate[SignedInRequest, Arguments], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase],
]:
    """Name the act a view performs; send whoever must sign in first to do so.

    Acts on an object are checked in the service with `require`, which knows the object; acts of
    the installation are checked here.
    """
    allowed = ACTS[name]

    def decorate(
        view: Callable[Concatenate[SignedInRequest, Arguments], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]:
        @wraps(view)
        def guarded(
            request: HttpRequest, /, *args: Arguments.args, **named: Arguments.kwargs
        ) -> HttpResponseBase:
            if not is_signed_in(request):
                return _to_sign_in(request)
            if request.method == "POST":
                drop_if_sent(request)
            if not (allowed & PARTIES or allowed & office_roles(request.user)):
                raise PermissionDenied
            return view(request, *args, **named)

        return performs(name, guarded)

    if Role.ANYONE in allowed:
        raise ValueError(name)
    return decorate


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Lead to where one signs in, and from there back to the page, or to the form that was sent."""
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    if keep(request):
        messages.warning(request, KEPT)
        return redirect_to_login(reverse("accounts:kept_form"))
    messages.warning(request, SIGNED_OUT)
    return redirect_to_login(came_from(request))


def public(
    view: Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]:
    """Say of a view that it needs no account and reads nobody's file."""
    return performs("public", view)


def performs(name: str, view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Write on a view which act it performs; the test of the matrix reads it there.

    Raises:
        KeyError: there is no such act.
    """
    if name not in ACTS:
        raise KeyError(name)
    vars(view)["act"] = name
    return view
