"""One case with everything that hangs on it, who has to do with it, and every route to it.

Whoever adds a route with a new kind of object in its address adds the object to `World.objects`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.urls import get_resolver, reverse
from django.utils import timezone
from factories import MUNICH, give_second_factor, make_application, make_organisation, make_user
from PIL import Image
from waiting import sent

from totalize.web.accounts import services as accounts
from totalize.web.accounts import single_sign_on
from totalize.web.accounts.models import Membership, User
from totalize.web.api import tokens
from totalize.web.applications.models import Decision, Upload
from totalize.web.applications.services import add_upload
from totalize.web.audit.services import make_checkpoint
from totalize.web.certificates import services as certificates
from totalize.web.desk import services as desk
from totalize.web.employers.models import Affiliate, Batch, Bundle, Delivery, Endpoint
from totalize.web.follow.models import Dossier, Reminder, Share, Stage
from totalize.web.people.services import keep_number

OFFICE = ("caseworker", "supervisor", "auditor", "administrator")


@dataclass(slots=True)
class World:
    """Who there is, by what they are to the case, and what there is, by its name in an address."""

    actors: dict[str, Any] = field(default_factory=dict)
    objects: dict[str, Any] = field(default_factory=dict)
    application: Any = None
    organisation: Any = None
    dossier: Any = None


def member_of(organisation: Any, role: str) -> User:
    """Make somebody with a place in an organisation."""
    user = make_user()
    Membership.objects.create(user=user, organisation=organisation, role=role)
    if role == "owner":
        give_second_factor(user)
    return user


def picture(colour: str) -> bytes:
    """Return a small photograph."""
    out = BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "PNG")
    return out.getvalue()


def make_world() -> World:
    """Make it all; the installation must be an issuing office."""
    world = World()
    worker, owner, partner, former = make_user(), make_user(), make_user(), make_user()
    employer = make_organisation(owner)
    adviser = make_organisation(partner, kind="adviser")
    ended = make_organisation(former, kind="adviser")
    mandate = accounts.give_mandate(adviser=adviser, by=worker)
    over = accounts.give_mandate(adviser=ended, by=worker)
    accounts.end_mandate(mandate=over, by=worker)
    officers = {role: make_user(role) for role in OFFICE}
    world.actors = {
        "anyone": AnonymousUser(),
        "account": make_user(),
        "worker": worker,
        "employer owner": owner,
        "employer manager": member_of(employer, "manager"),
        "employer viewer": member_of(employer, "viewer"),
        "agent": partner,
        "agent who looks only": member_of(adviser, "viewer"),
        "agent whose mandate ended": former,
        **officers,
    }
    shown = make_application(worker, employer=employer)
    upload = add_upload(shown, "passport.png", picture("white"), worker)
    waiting = sent(worker, employer=employer, person=shown.person)
    paper = add_upload(shown, "visa.png", picture("black"), worker)
    Upload.objects.filter(id=paper.id).update(application=waiting)
    done = sent(worker, employer=employer)
    keep_number(done.person, "US", "078-05-1120")
    keep_number(shown.person, "US", "078-05-1120")
    issued = desk.issue(done.id, officers["caseworker"])
    withdrawal = certificates.withdraw(issued.id, officers["caseworker"], "it was issued in error")
    decision = Decision.objects.create(
        application=shown, verdict="refuse", by=officers["caseworker"], at=timezone.now()
    )
    invited = accounts.invite_member(
        organisation=employer, email="guest@example.org", role="viewer", by=owner
    )
    setting = single_sign_on.set_provider(
        organisation=employer,
        issuer="https://login.example.com",
        client_id="client",
        secret="secret",
        domains=[f"d{str(employer.id)[:8]}.example.com"],
        by=owner,
    )
    token, _ = tokens.make(worker, "test", tokens.SCOPES, 30)
    dossier = Dossier.objects.create(
        person=shown.person, organisation=employer, key="one", case=MUNICH
    )
    now = timezone.now()
    reminder = Reminder.objects.create(
        dossier=dossier,
        proof=issued.id,
        ends_on=issued.last_day,
        stage=Stage.values[0],
        said_at=now,
    )
    share = Share.objects.create(
        dossier=dossier,
        issued=issued,
        token_digest=uuid4().hex * 2,
        for_whom="a foreign employer",
        role="foreign_employer",
        made_by=worker,
        made_at=now,
        ends_at=now + timedelta(days=7),
    )
    batch = Batch.objects.create(
        organisation=employer, by=owner, file_name="people.csv", started_at=now
    )
    bundle = Bundle.objects.create(
        organisation=employer, by=owner, kind="audit", started_at=now, made_at=now
    )
    affiliate = Affiliate.objects.create(
        organisation=employer, name="Example GmbH", country="DE", share=100
    )
    endpoint = Endpoint.objects.create(
        organisation=employer, url="https://example.com/events", secret=""
    )
    delivery = Delivery.objects.create(
        endpoint=endpoint, event="certificate.issued", body="{}", created_at=now
    )
    checkpoint = make_checkpoint()
    world.application, world.organisation, world.dossier = shown, employer, dossier
    world.objects = {
        "application_id": shown.id,
        "desk:application_id": waiting.id,  # drafts are nothing to the desk
        "upload_id": upload.id,
        "desk:upload_id": paper.id,
        "decision_id": decision.id,
        "issued_id": issued.id,
        "withdrawal_id": withdrawal.id,
        "reference": issued.reference,
        "organisation_id": employer.id,
        "invitation_id": employer.invitations.get().id,
        "user_id": world.actors["employer viewer"].id,
        "adviser_id": adviser.id,
        "mandate_id": mandate.id,
        "provider_id": setting.id,
        "token_id": token.id,
        "token": invited,
        "country": "US",
        "slug": "worker",
        "key": "work_country",
        "dossier_id": dossier.id,
        "reminder_id": reminder.id,
        "share_id": share.id,
        "proof_id": issued.id,
        "kind": "end",
        "form": "csv",
        "batch_id": batch.id,
        "bundle_id": bundle.id,
        "affiliate_id": affiliate.id,
        "endpoint_id": endpoint.id,
        "delivery_id": delivery.id,
        "sequence": 0,
        "size": checkpoint.size,
    }
    return world


# Parameters that lead to an application, with all its parties.
OF_APPLICATION = {
    "application_id", "issued_id", "withdrawal_id", "decision_id", "reference", "share_id",
    "dossier_id", "reminder_id",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """An address with its act; `methods` are those of a call of the API."""

    name: str
    view: Any
    act: str | None
    parameters: frozenset[str]
    methods: tuple[str, ...] = ()
    path: str = ""

    def address(self, objects: dict[str, Any]) -> str:
        """Return the address that leads to these objects."""
        space = self.name.partition(":")[0]
        found = {name: objects.get(f"{space}:{name}", objects[name]) for name in self.parameters}
        if self.path:
            return self.path.format(**found)
        return reverse(self.name, kwargs=found)


def routes() -> Iterator[Route]:
    """Give every route of the service that is ours: pages by name, calls of the API by path."""
    yield from _walk(get_resolver().url_patterns, "", "/")


def _walk(patterns: Any, space: str, prefix: str) -> Iterator[Route]:
    seen: set[int] = set()
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            deeper = prefix + str(pattern.pattern)
            yield from _walk(pattern.url_patterns, pattern.namespace or space, deeper)
            continue
        view, parameters = pattern.callback, frozenset(pattern.pattern.regex.groupindex)
        name = f"{space}:{pattern.name}"
        if view.__module__.startswith(("allauth.", "django.views.generic")):
            continue
        if view.__module__ == "ninja.operation":
            [calls] = [
                c.cell_contents for c in view.__closure__ if hasattr(c.cell_contents, "operations")
            ]
            if id(calls) in seen:
                continue
            seen.add(id(calls))
            path = prefix + str(pattern.pattern).replace("<", "{").replace(">", "}")
            for call in calls.operations:
                act = getattr(call.view_func, "act", None)
                yield Route(name, view, act, parameters, tuple(call.methods), path)
            continue
        # The API's own pages are known by their path alone.
        path = prefix + str(pattern.pattern) if space.startswith("api") else ""
        yield Route(name, view, getattr(view, "act", None), parameters, (), path)


def later(days: int) -> Any:
    """Return a day in the future."""
    return timezone.localdate() + timedelta(days=days)
