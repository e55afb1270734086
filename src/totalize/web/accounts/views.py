"""Somebody's account, their organisations and mandates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from totalize.web.accounts import kept_forms, open_sessions, selectors, services
from totalize.web.accounts.access import act, owns, require_in
from totalize.web.accounts.factors import has_second_factor, needs_second_factor
from totalize.web.accounts.forms import (
    InvitationForm,
    MandateForm,
    MemberForm,
    NameForm,
    OrganisationForm,
)
from totalize.web.accounts.models import (
    Invitation,
    Mandate,
    Organisation,
    OrganisationKind,
    User,
)
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.accounts.wording import mandate_words


def be_sure(request: HttpRequest) -> None:
    """Ask somebody to show once more that it is them, unless they did within 15 minutes."""
    if is_reauthentication_required(request, app="accounts"):
        raise ReauthenticationRequired


@act("account")
def kept_form(request: SignedInRequest) -> HttpResponse:
    """Ask whether to send what came after the session had ended, or forget it."""
    kept = kept_forms.kept_for(request)
    if kept is None:
        return redirect("pages:home")
    if request.method == "POST":
        kept_forms.drop(request.session)
        return redirect(kept.back)
    return render(request, "accounts/kept_form.html", {"kept": kept})


@act("account")
def account(request: SignedInRequest) -> HttpResponse:
    """Show an account: name, factors, organisations, mandates."""
    form = NameForm(request.POST or None, initial={"full_name": request.user.full_name})
    if request.method == "POST" and form.is_valid():
        request.user.full_name = form.cleaned_data["full_name"]
        request.user.save(update_fields=["full_name"])
        messages.success(request, "Your name is saved.")
        return redirect("accounts:account")
    return render(
        request,
        "accounts/account.html",
        {
            "form": form,
            "factors": selectors.factors_of(request.user),
            "memberships": request.user.memberships.select_related("organisation"),
            "mandates": selectors.mandates_of(request.user),
        },
    )


@act("account")
def second_factor(request: SignedInRequest) -> HttpResponse:
    """Tell somebody who needs a second factor why, and how to set it up."""
    if has_second_factor(request.user):
        return redirect("pages:home")
    return render(
        request, "accounts/second_factor.html", {"needed": needs_second_factor(request.user)}
    )


@act("account")
@require_GET
def sessions(request: SignedInRequest) -> HttpResponse:
    """Show where somebody is signed in."""
    places = open_sessions.places_of(request.user, request)
    return render(request, "accounts/sessions.html", {"places": places})


@act("account")
@require_POST
def end_sessions(request: SignedInRequest) -> HttpResponse:
    """End one session, all but this one, or all of them."""
    which = request.POST.get("which", "all")
    if which == "all":
        services.end_sessions(user=request.user)
        logout(request)
        messages.success(request, "All your sessions have ended. Sign in again.")
        return redirect("account_login")
    only = int(which) if which.isdecimal() else None
    if only is None and which != "others":
        raise Http404
    open_sessions.end_places(user=request.user, request=request, only=only)
    messages.success(request, "You are signed out there.")
    return redirect("accounts:sessions")


@act("account")
def new_organisation(request: SignedInRequest) -> HttpResponse:
    """Make an organisation."""
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = services.create_organisation(by=request.user, **form.cleaned_data)
        return redirect("accounts:organisation", made.id)
    return render(request, "accounts/new_organisation.html", {"form": form})


@act("employer.read")
def organisation(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    """Show an organisation: its people, mandates or clients, its sign-in."""
    require_in(request.user, "employer.read", organisation_id)
    shown = get_object_or_404(Organisation, id=organisation_id)
    mine = request.user.memberships.filter(organisation=shown).exists()
    if not mine:
        raise Http404
    return render(request, "accounts/organisation.html", _shown(request, shown))


def _shown(request: SignedInRequest, shown: Organisation, **more: Any) -> dict[str, Any]:
    adviser = shown.kind == OrganisationKind.ADVISER
    mandates = selectors.clients_of(shown) if adviser else selectors.mandates_given_by(shown)
    return {
        "organisation": shown,
        "is_owner": owns(request.user, shown.id),
        "is_adviser": adviser,
        "members": shown.memberships.select_related("user").order_by("since", "id"),
        "invitations": selectors.open_invitations(shown),
        "form": InvitationForm(),
        "mandates": [(each, services.may_end(each, request.user)) for each in mandates],
        "ask_address": request.build_absolute_uri(f"/people/mandates/for/{shown.id}/"),
        **more,
    }


@act("employer.own")
@require_POST
def invite(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    """Invite somebody into an organisation."""
    require_in(request.user, "employer.own", organisation_id)
    be_sure(request)
    shown = get_object_or_404(Organisation, id=organisation_id)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        page = _shown(request, shown, form=form)
        return render(request, "accounts/organisation.html", page, status=400)
    services.invite_member(organisation=shown, by=request.user, **form.cleaned_data)
    messages.success(request, f"A link was sent to {form.cleaned_data['email']}.")
    return redirect("accounts:organisation", organisation_id)


@act("employer.own")
@require_POST
def uninvite(request: SignedInRequest, organisation_id: UUID, invitation_id: UUID) -> HttpResponse:
    """End an invitation."""
    require_in(request.user, "employer.own", organisation_id)
    invitation = get_object_or_404(Invitation, id=invitation_id, organisation_id=organisation_id)
    services.withdraw_invitation(invitation=invitation, by=request.user)
    return redirect("accounts:organisation", organisation_id)


@act("employer.own")
@require_POST
def change_member(request: SignedInRequest, organisation_id: UUID, user_id: UUID) -> HttpResponse:
    """Change what a member may do, or take them out."""
    require_in(request.user, "employer.own", organisation_id)
    be_sure(request)
    shown = get_object_or_404(Organisation, id=organisation_id)
    member = get_object_or_404(User, id=user_id, memberships__organisation=shown)
    form = MemberForm(request.POST)
    if form.is_valid() and form.cleaned_data["act"] == "remove":
        services.remove_member(organisation=shown, member=member, by=request.user)
    elif form.is_valid():
        services.set_member_role(
            organisation=shown, member=member, role=form.cleaned_data["act"], by=request.user
        )
    return redirect("accounts:organisation", organisation_id)


@act("employer.read")
@require_POST
def leave(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    """Leave an organisation."""
    place = get_object_or_404(request.user.memberships, organisation_id=organisation_id)
    services.remove_member(organisation=place.organisation, member=request.user, by=request.user)
    messages.success(request, f"You have left {place.organisation}.")
    return redirect("accounts:account")


@act("account")
def accept_invitation(request: SignedInRequest, token: str) -> HttpResponse:
    """Take a place that was offered."""
    invitation = services.invitation_of(token)
    if request.method == "POST":
        services.accept_invitation(token=token, by=request.user)
        return redirect("accounts:organisation", invitation.organisation_id)
    return render(request, "accounts/invitation.html", {"invitation": invitation})


@act("account")
def give_mandate(request: SignedInRequest, adviser_id: UUID) -> HttpResponse:
    """Let an adviser act; the adviser gives its clients the address of this page."""
    adviser = get_object_or_404(Organisation, id=adviser_id, kind=OrganisationKind.ADVISER)
    employers = selectors.owned_employers(request.user)
    form = MandateForm(request.POST or None, organisations=employers)
    if request.method == "POST":
        be_sure(request)
        if form.is_valid():
            services.give_mandate(
                adviser=adviser,
                by=request.user,
                employer=form.organisations.get(form.cleaned_data["giver"]),
                ends_on=form.cleaned_data["ends_on"],
            )
            messages.success(request, f"{adviser} may now act for you.")
            return redirect("accounts:account")
    givers = [str(request.user), *(each.name for each in employers)]
    return render(
        request,
        "accounts/mandate.html",
        {
            "form": form,
            "adviser": adviser,
            "words": [mandate_words(adviser.name, giver) for giver in givers],
        },
    )


@act("account")
@require_POST
def end_mandate(request: SignedInRequest, mandate_id: UUID) -> HttpResponse:
    """End a mandate."""
    mandate = get_object_or_404(Mandate, id=mandate_id)
    if not services.may_end(mandate, request.user):
        raise Http404
    services.end_mandate(mandate=mandate, by=request.user)
    messages.success(request, "The mandate has ended.")
    return redirect("accounts:account")
