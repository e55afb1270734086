"""What somebody with a link sees: one certificate, and whether it stands."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from totalize.kernel.countries import country_name, in_sentence
from totalize.web.accounts.access import public
from totalize.web.applications.views.common import download
from totalize.web.certificates.services import record_of
from totalize.web.follow import shares


@require_GET
@public
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show the certificate behind a link, and where it stands at this moment."""
    now = timezone.now()
    try:
        share = shares.open_link(token, "page", now)
    except Http404:
        return _leads_nowhere(request)
    except shares.TooOftenError:
        return _too_often(request)
    issued, foreign = share.issued, share.foreign
    certificate = None if issued is None else record_of(issued).certificate
    last = issued.last_day if issued is not None else foreign.last_day if foreign else None
    context = {
        "share": share,
        "issued": issued,
        "foreign": foreign,
        "certificate": certificate,
        "covered_by": country_name(
            certificate.covered_by if certificate is not None else foreign.issuer if foreign else ""
        ),
        "office": "" if foreign is None else in_sentence(foreign.issuer),
        "token": token,
        "has_document": foreign is None or foreign.upload_id is not None,
        "now": now,
        "stands": issued is None or issued.state == "valid",
        "ended": last is not None and last < now.date(),
    }
    return _unlisted(render(request, "follow/shared.html", context))


@require_GET
@public
def document(request: HttpRequest, token: str) -> HttpResponse:
    """Give out the document behind a link."""
    try:
        found = shares.hand_out(token, timezone.now())
    except Http404:
        return _leads_nowhere(request)
    except shares.TooOftenError:
        return _too_often(request)
    return _unlisted(download(found.content, found.name, found.media_type))


def _leads_nowhere(request: HttpRequest) -> HttpResponse:
    """Tell whoever was given a link whom to ask; which of the reasons it is, is not said."""
    return _unlisted(render(request, "follow/link_ended.html", status=404))


def _too_often(request: HttpRequest) -> HttpResponse:
    response = render(request, "follow/too_often.html", status=429)
    response.headers["Retry-After"] = "3600"
    return _unlisted(response)


def _unlisted(response: HttpResponse) -> HttpResponse:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
