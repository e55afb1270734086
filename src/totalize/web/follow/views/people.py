"""Whom somebody follows, the time line of one person, reminders and the calendar."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from totalize.kernel.countries import country_name
from totalize.web.accounts.access import act, may, public, roles_towards
from totalize.web.accounts.requests import SignedInRequest
from totalize.web.follow import feeds, selectors
from totalize.web.follow.drawing import draw
from totalize.web.follow.models import Feed
from totalize.web.follow.picture import label_of, picture_of
from totalize.web.follow.services import mark_done
from totalize.web.follow.wording import words

PER_PAGE = 25


@require_GET
@act("account")
def index(request: SignedInRequest) -> HttpResponse:
    """List the people whose work somebody follows."""
    today = timezone.localdate()
    found = selectors.mine(request.user).prefetch_related("spells")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "dossier": dossier,
            "name": selectors.name_of(dossier),
            "now": [
                (country_name(spell.country), spell.last_day)
                for spell in dossier.spells.all()
                if spell.last_day is None or spell.last_day >= today
            ],
        }
        for dossier in page
    ]
    reminders = selectors.latest_of_each(
        selectors.open_reminders(selectors.looked_after(request.user))[:100]
    )
    feed = Feed.objects.filter(user=request.user).first()
    context = {
        "page": page,
        "rows": rows,
        "reminders": reminders,
        "today": today,
        "feed": feed,
    }
    return render(request, "follow/list.html", context)


@require_GET
@act("follow.read")
def person(request: SignedInRequest, dossier_id: UUID) -> HttpResponse:
    """Show what happened when, what proves it, and what ends next."""
    dossier = selectors.find(request.user, dossier_id)
    today = timezone.localdate()
    found = picture_of(dossier, today)
    name = selectors.name_of(dossier)
    overlaps = () if found.line is None else found.line.overlaps
    bars = () if found.line is None else found.line.bars
    # The picture is built from elements whose text is escaped where they are made.
    svg = "" if found.line is None else draw(found.line, today, f"Time line of {name}")
    may_change = may(roles_towards(request.user, dossier, manage=True), "follow.change")
    context = {
        "dossier": dossier,
        "name": name,
        "picture": found,
        "svg": mark_safe(svg),  # noqa: S308 - drawn by us, every text escaped
        "bars": [(words().lanes[bar.lane], bar) for bar in bars],
        "gaps": [bar for bar in bars if bar.tone == "gap"],
        "overlaps": overlaps,
        "spells": [(label_of(spell.work), spell, said) for spell, said in found.spells],
        "reminders": selectors.latest_of_each(selectors.open_reminders([dossier])),
        "today": today,
        "may_change": may_change,
    }
    return render(request, "follow/person.html", context)


@require_POST
@act("follow.change")
def done(request: SignedInRequest, reminder_id: int) -> HttpResponse:
    """Mark a reminder, and the earlier ones of the same end, as done."""
    dossier = mark_done(reminder_id, by=request.user)
    messages.success(request, "Marked as done.")
    back = request.POST.get("back")
    return redirect("follow:list") if back == "list" else redirect("follow:person", dossier.id)


@require_http_methods(["GET", "POST"])
@act("account")
def calendar(request: SignedInRequest) -> HttpResponse:
    """Make a private address for a calendar, or take it back."""
    user = request.user
    address = ""
    if request.method == "POST":
        if "take_back" in request.POST:
            feeds.take_back(by=user)
            messages.success(request, "The address leads nowhere now.")
            return redirect("follow:calendar")
        token = feeds.make(by=user)
        address = request.build_absolute_uri(reverse("follow:feed", args=[token]))
    context = {
        "feed": Feed.objects.filter(user=user).first(),
        "address": address,
        "subscribe": address.replace("https://", "webcal://").replace("http://", "webcal://"),
    }
    return render(request, "follow/calendar.html", context)


@require_GET
@public
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Give out a calendar; the address is the only key to it."""
    text = feeds.read(token, timezone.now())
    if text is None:
        raise Http404
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="certificates.ics"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_GET
@act("follow.read")
def dates(request: SignedInRequest, dossier_id: UUID) -> HttpResponse:
    """Give the dates of one person as a calendar file."""
    dossier = selectors.find(request.user, dossier_id)
    text = feeds.calendar_of([dossier], timezone.now())
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="dates.ics"'
    return response
