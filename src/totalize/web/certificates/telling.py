"""Telling the parties of an application what happened to it, by mail."""

from __future__ import annotations

from typing import Any

from totalize.web.accounts.models import MemberRole, User
from totalize.web.applications.models import Application
from totalize.web.jobs.mail import mail


def tell(application: Application, template: str, context: dict[str, Any]) -> None:
    """Write to the worker, to whoever started the application, and to the employer's people.

    Args:
        application: whose parties.
        template: text whose first line is the subject.
        context: for the template; `application` is there.
    """
    people = User.objects.filter(id__in=[application.started_by_id, application.worker_id])
    addresses = {user.email for user in people}
    if application.employer_id is not None:
        members = User.objects.filter(
            memberships__organisation_id=application.employer_id,
            memberships__role__in=(MemberRole.OWNER, MemberRole.MANAGER),
        )
        addresses |= {user.email for user in members}
    for address in sorted(addresses):
        mail(address, template, {"application": application, **context})
