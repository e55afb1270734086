"""Mail: one function that queues a message after the transaction, one back end that sends it."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend
from django.template.loader import render_to_string
from django_tasks import task


class Backend(EmailBackend):
    """The SMTP server that the installation names in `TOTALIZE_MAIL`."""

    def __init__(self, **options: Any) -> None:
        url = urlsplit(settings.INSTALLATION.mail_url or "")
        super().__init__(
            host=url.hostname,
            port=url.port or 25,
            username=unquote(url.username or ""),
            password=unquote(url.password or ""),
            use_tls=url.scheme == "smtp+tls",
            use_ssl=url.scheme == "smtps",
            timeout=20,
            **options,
        )


@task()
def send(to: list[str], subject: str, body: str) -> None:
    """Send one message."""
    EmailMessage(subject=subject, body=body, to=to).send()


def mail(to: str, template: str, context: dict[str, Any]) -> None:
    """Queue a message. The queue is a table: the message stands or falls with the transaction.

    Args:
        to: address.
        template: text whose first line is the subject.
        context: for the template.
    """
    text = render_to_string(template, {"address": settings.INSTALLATION.address, **context})
    subject, _, body = text.strip().partition("\n")
    send.enqueue([to], subject.strip(), body.strip() + "\n")
