"""Organisations, invitations, mandates, offices: who may, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone
from factories import make_application, make_organisation, make_user

from totalize.kernel.errors import InputError
from totalize.web.accounts import services
from totalize.web.accounts.access import Role, require, require_in, roles_towards
from totalize.web.accounts.first_administrator import make_first
from totalize.web.accounts.models import Invitation, Membership, User
from totalize.web.audit.models import Entry

pytestmark = pytest.mark.django_db


def member(organisation, role):
    user = make_user()
    Membership.objects.create(user=user, organisation=organisation, role=role)
    return user


def test_who_makes_an_organisation_owns_it():
    user = make_user()
    made = services.create_organisation(by=user, kind="employer", name="Example Corp")
    assert made.memberships.get().role == "owner"
    assert Entry.objects.get(act="organisation.created").subject == f"organisation:{made.id}"


def test_an_invitation_is_a_link_that_works_once_for_the_address_it_was_sent_to(
    django_capture_on_commit_callbacks,
):
    owner, guest, other = make_user(), make_user(), make_user()
    organisation = make_organisation(owner)
    with django_capture_on_commit_callbacks(execute=True):
        token = services.invite_member(
            organisation=organisation, email=guest.email.upper(), role="viewer", by=owner
        )
    [message] = mail.outbox
    assert token in message.body
    assert message.to == [guest.email]
    assert token not in str(Invitation.objects.values())
    with pytest.raises(InputError, match="another address"):
        services.accept_invitation(token=token, by=other)
    assert services.accept_invitation(token=token, by=guest).role == "viewer"
    with pytest.raises(InputError, match="ended"):
        services.accept_invitation(token=token, by=guest)


def test_an_invitation_ends_by_itself_and_by_its_owner():
    owner, guest = make_user(), make_user()
    organisation = make_organisation(owner)
    ask = {"organisation": organisation, "email": guest.email, "role": "viewer", "by": owner}
    first, second = services.invite_member(**ask), services.invite_member(**ask)
    services.withdraw_invitation(invitation=services.invitation_of(first), by=owner)
    with pytest.raises(InputError, match="ended"):
        services.invitation_of(first)
    with (
        time_machine.travel(timezone.now() + timedelta(days=15)),
        pytest.raises(InputError, match="ended"),
    ):
        services.invitation_of(second)
    with pytest.raises(InputError, match="ended"):
        services.invitation_of("guessed")


def test_only_owners_invite_change_and_take_out_and_one_owner_stays():
    owner = make_user()
    organisation = make_organisation(owner)
    manager, viewer = member(organisation, "manager"), member(organisation, "viewer")
    for somebody in (manager, viewer):
        with pytest.raises(PermissionDenied):
            services.remove_member(organisation=organisation, member=owner, by=somebody)
    with pytest.raises(Http404):
        services.remove_member(organisation=organisation, member=owner, by=make_user())
    with pytest.raises(InputError, match="must be left"):
        services.remove_member(organisation=organisation, member=owner, by=owner)
    with pytest.raises(InputError, match="must be left"):
        services.set_member_role(organisation=organisation, member=owner, role="viewer", by=owner)
    services.set_member_role(organisation=organisation, member=manager, role="owner", by=owner)
    services.remove_member(organisation=organisation, member=owner, by=manager)
    services.remove_member(organisation=organisation, member=viewer, by=viewer)
    assert [place.user for place in organisation.memberships.all()] == [manager]


def test_a_viewer_of_an_employer_reads_its_applications_and_changes_none():
    organisation = make_organisation(make_user())
    viewer = member(organisation, "viewer")
    application = make_application(employer=organisation)
    require(viewer, "application.read", application)
    for name in ("application.fill", "application.submit", "application.withdraw"):
        with pytest.raises(PermissionDenied):
            require(viewer, name, application)
    with pytest.raises(PermissionDenied):
        require_in(viewer, "employer.manage", organisation.id)
    require_in(viewer, "employer.read", organisation.id)


def test_nobody_decides_their_own_application():
    officer = make_user("supervisor")
    own = make_application(officer)
    assert Role.SUPERVISOR not in roles_towards(officer, own)
    for name in ("desk.decide", "desk.second", "number.reveal"):
        with pytest.raises(PermissionDenied):
            require(officer, name, own)
        require(officer, name, make_application())
    organisation = make_organisation(make_user())
    Membership.objects.create(user=officer, organisation=organisation, role="viewer")
    with pytest.raises(PermissionDenied):
        require(officer, "desk.decide", make_application(employer=organisation))


def test_a_mandate_lets_an_adviser_act_until_it_ends_and_keeps_its_words():
    worker, partner = make_user(full_name="Ada Example"), make_user()
    adviser = make_organisation(partner, kind="adviser", name="Global Advice")
    application = make_application(worker)
    with pytest.raises(Http404):
        require(partner, "application.read", application)
    mandate = services.give_mandate(adviser=adviser, by=worker)
    assert mandate.words.startswith("I let Global Advice act for Ada Example")
    require(partner, "application.submit", application)
    require(member(adviser, "viewer"), "application.read", application)
    with pytest.raises(PermissionDenied):
        require(member(adviser, "viewer"), "application.submit", application)
    with pytest.raises(InputError, match="already"):
        services.give_mandate(adviser=adviser, by=worker)
    with pytest.raises(InputError, match="not yours"):
        services.end_mandate(mandate=mandate, by=make_user())
    services.end_mandate(mandate=mandate, by=partner)
    with pytest.raises(Http404):
        require(partner, "application.read", application)
    acts = set(Entry.objects.values_list("act", flat=True))
    assert {"mandate.given", "mandate.ended"} <= acts


def test_a_mandate_for_an_employer_is_its_owners_to_give_and_ends_on_its_day():
    owner, partner = make_user(), make_user()
    employer = make_organisation(owner)
    adviser = make_organisation(partner, kind="adviser")
    manager = member(employer, "manager")
    with pytest.raises(PermissionDenied):
        services.give_mandate(adviser=adviser, by=manager, employer=employer)
    with pytest.raises(InputError, match="no adviser"):
        services.give_mandate(adviser=employer, by=owner)
    today = timezone.localdate()
    with pytest.raises(InputError, match="past"):
        services.give_mandate(adviser=adviser, by=owner, ends_on=today - timedelta(days=1))
    services.give_mandate(adviser=adviser, by=owner, employer=employer, ends_on=today)
    application = make_application(employer=employer)
    require(partner, "application.fill", application)
    with time_machine.travel(timezone.now() + timedelta(days=2)), pytest.raises(Http404):
        require(partner, "application.read", application)


def test_the_last_administrator_stays_and_only_administrators_give_offices():
    first, second = make_user("administrator"), make_user()
    with pytest.raises(InputError, match="must be left"):
        services.set_office_role(user=first, role="", by=first)
    with pytest.raises(InputError, match="must be left"):
        services.set_active(user=first, active=False, by=first)
    with pytest.raises(PermissionDenied):
        services.set_office_role(user=second, role="administrator", by=make_user("supervisor"))
    services.set_office_role(user=second, role="administrator", by=first)
    services.set_office_role(user=first, role="", by=first)
    assert not first.office_role
    with pytest.raises(PermissionDenied):
        services.set_active(user=second, active=False, by=first)


def test_the_first_administrator_is_made_once():
    made = make_first("Chief@example.org", "The Chief", "correct horse battery")
    assert made.office_role == "administrator"
    assert make_first("other@example.org", "Another", "correct horse battery") is None
    assert not User.objects.filter(email="other@example.org").exists()
