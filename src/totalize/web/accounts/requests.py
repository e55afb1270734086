"""Requests as views get them: by anybody, or by somebody who is signed in."""

from __future__ import annotations

from typing import TypeGuard

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from totalize.web.accounts.models import User

Somebody = User | AnonymousUser


class SignedInRequest(HttpRequest):
    """What a view gets that wants an account: `access.act` has seen to it.

    Attributes:
        user: who asks.
        htmx: whether a part of a page is asked for, and which; false where a whole one is.
    """

    user: User
    htmx: HtmxDetails


def is_signed_in(request: HttpRequest) -> TypeGuard[SignedInRequest]:
    """Tell whether somebody with an account asks."""
    return request.user.is_authenticated
