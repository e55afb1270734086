"""What the API keeps: tokens by their digest, answers to repeated calls, counts of calls."""

from __future__ import annotations

import uuid

from django.db import models

from totalize.web.accounts.models import User


class ApiToken(models.Model):
    """A token of an account. The token itself is shown once and kept nowhere.

    Attributes:
        digest: SHA-256 of the secret part, which is 256 random bits.
        scopes: what it may be used for, of `tokens.SCOPES`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """The answer to a call that made something, for whoever asks the same once more.

    It stands in the transaction of the act: there is an answer exactly when the act was done.
    Answers name identifiers and codes, never people.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="Of the call and its body.")
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(help_text="JSON as it was sent: a column of JSON would reorder it.")
    at = models.DateTimeField(db_index=True)

    class Meta:
        """One answer a key."""

        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_a_key")]

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"


class Window(models.Model):
    """How many calls somebody made in one minute, over all processes and machines."""

    who = models.CharField(max_length=80)
    minute = models.PositiveBigIntegerField(db_index=True)
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        """One count a minute."""

        constraints = [models.UniqueConstraint(fields=["who", "minute"], name="one_count_a_minute")]

    def __str__(self) -> str:
        return f"{self.who} {self.minute}: {self.calls}"
