"""The administrator's pages, and sign-in through an organisation's own provider."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_GET, require_POST

from totalize.kernel.errors import InputError
from totalize.web.accounts import selectors, services, single_sign_on
from totalize.web.accounts.access import act, public, require_in
from totalize.web.accounts.first_administrator import is_open, make_first
from totalize.web.accounts.forms import (
    FactorsForm,
    FirstAdministrator,
    OfficeForm,
    ProofForm,
    ProviderForm,
    WorkAddressForm,
)
from totalize.web.accounts.models import Organisation, SingleSignOn, User
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.accounts.views import be_sure


@act("installation.manage")
@require_GET
def installation(request: SignedInRequest) -> HttpResponse:
    """Show who has which office and what of the installation is set up."""
    search = request.GET.get("search", "").strip()
    return render(
        request,
        "accounts/installation.html",
        {
            "parts": selectors.state_of_set_up(),
            "people": [
                (user, OfficeForm(initial={"role": user.office_role}, auto_id=f"{user.id}_%s"))
                for user in selectors.people(search)
            ],
            "search": search,
            "providers": [
                (each, ProofForm(auto_id=f"provider{each.id}_%s"))
                for each in selectors.unproved_providers()
            ],
        },
    )


@act("installation.manage")
@require_POST
def set_office(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Give somebody an office, or take it."""
    be_sure(request)
    user = get_object_or_404(User, id=user_id)
    form = OfficeForm(request.POST)
    if form.is_valid():
        services.set_office_role(user=user, role=form.cleaned_data["role"], by=request.user)
        messages.success(request, f"{user} has now the role: {user.get_office_role_display()}.")
    return redirect("accounts:installation")


@act("installation.manage")
@require_POST
def set_active(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Close an account, or open it again."""
    be_sure(request)
    user = get_object_or_404(User, id=user_id)
    services.set_active(user=user, active=request.POST.get("active") == "yes", by=request.user)
    messages.success(request, f"The account of {user} is {'open' if user.is_active else 'closed'}.")
    return redirect("accounts:installation")


@act("installation.manage")
def reset_factors(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Take away the second factors of somebody who lost them."""
    be_sure(request)
    person = get_object_or_404(User, id=user_id)
    form = FactorsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.reset_factors(user=person, how=form.cleaned_data["how"], by=request.user)
        messages.success(request, f"The second factor of {person} is reset. They were told.")
        return redirect("accounts:installation")
    page = {"form": form, "person": person}
    return render(request, "accounts/reset_factors.html", page, status=400 if form.errors else 200)


@act("installation.manage")
@require_POST
def prove(request: SignedInRequest, provider_id: int) -> HttpResponse:
    """Say that an organisation's domains were seen to be theirs."""
    be_sure(request)
    setting = get_object_or_404(SingleSignOn, id=provider_id)
    single_sign_on.prove_domains(
        setting=setting, proof=request.POST.get("proof", ""), by=request.user
    )
    messages.success(request, f"{setting.organisation} signs in through its own provider now.")
    return redirect("accounts:installation")


@act("employer.own")
def provider(request: SignedInRequest, organisation_id: UUID) -> HttpResponse:
    """Enter an organisation's identity provider."""
    require_in(request.user, "employer.own", organisation_id)
    be_sure(request)
    shown = get_object_or_404(Organisation, id=organisation_id)
    kept = SingleSignOn.objects.filter(organisation=shown).first()
    initial = None
    if kept is not None:
        initial = {
            "issuer": kept.issuer,
            "client_id": kept.client_id,
            "domains": "\n".join(kept.domains),
        }
    form = ProviderForm(request.POST or None, initial=initial)
    if request.method == "POST" and "remove" in request.POST:
        single_sign_on.remove_provider(organisation=shown, by=request.user)
        return redirect("accounts:organisation", organisation_id)
    if request.method == "POST" and form.is_valid():
        entered = {**form.cleaned_data, "domains": form.cleaned_data["domains"].split()}
        try:
            single_sign_on.set_provider(organisation=shown, by=request.user, **entered)
        except InputError as error:
            form.add_error(error.path, error.problem)
        else:
            messages.success(request, "Saved. An administrator has to see the domains proved.")
            return redirect("accounts:organisation", organisation_id)
    callback = reverse("openid_connect_callback", args=[organisation_id])
    return render(
        request,
        "accounts/provider.html",
        {
            "form": form,
            "organisation": shown,
            "kept": kept,
            "callback": f"{settings.INSTALLATION.address}{callback}",
        },
    )


@public
def sign_on(request: HttpRequest) -> HttpResponse:
    """Find the provider of somebody's employer."""
    form = WorkAddressForm(request.POST or None)
    target = request.GET.get("next", "")
    if request.method == "POST" and form.is_valid():
        found = single_sign_on.provider_for(form.cleaned_data["email"])
        if found is not None:
            address = reverse("accounts:sign_on_to", args=[found.organisation_id])
            return redirect(f"{address}?{urlencode({'next': target})}" if target else address)
        form.add_error("email", "We know of no sign-in for this address.")
    return render(request, "accounts/sign_on.html", {"form": form})


@public
@require_GET
def sign_on_to(request: HttpRequest, organisation_id: UUID) -> HttpResponseBase:
    """Send somebody to their employer's provider, by a form: a link could be planted."""
    setting = get_object_or_404(
        SingleSignOn.objects.exclude(proved_at=None), organisation_id=organisation_id
    )
    target = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    issuer = urlsplit(setting.issuer)

    def page(request: HttpRequest) -> HttpResponse:
        return render(
            request,
            "accounts/sign_on_to.html",
            {"setting": setting, "next": target if safe else ""},
        )

    # Browsers hold the redirect that answers a form to the page's rule for forms too.
    return csp_update({"form-action": [f"{issuer.scheme}://{issuer.netloc}"]})(page)(request)


@public
def first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    """Let the holder of the link become the administrator."""
    if not is_open(token):
        raise Http404
    form = FirstAdministrator(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        if make_first(given["email"], given["full_name"], given["password"]) is None:
            form.add_error("email", "There is an account with this address already.")
        else:
            messages.success(request, "You administer this installation now. Please sign in.")
            return redirect("account_login")
    status = 200 if request.method == "GET" else 400
    return render(request, "accounts/first_administrator.html", {"form": form}, status=status)
