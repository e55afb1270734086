"""Imports, affiliates and what payroll systems are told."""

from __future__ import annotations

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from totalize.web.accounts.models import Organisation, User
from totalize.web.follow.models import Dossier


class Phase(models.TextChoices):
    """How far an import has come."""

    CHECKING = "checking", "being checked"
    CHECKED = "checked", "checked: look at it, then take it in"
    TAKING = "taking", "being taken in"
    TAKEN = "taken", "taken in"
    UNDOING = "undoing", "being undone"
    UNDONE = "undone", "undone"


class Batch(models.Model):
    """A roster that somebody uploaded.

    Attributes:
        done: rows of the phase that are finished, for the progress shown.
        columns: the file's header, to give the rows back as they came.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="batches")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    phase = models.CharField(max_length=20, choices=Phase.choices, default=Phase.CHECKING)
    columns = models.JSONField(default=list)
    rows = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first."""

        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.phase})"


class Entry(models.Model):
    """A person of an import: their rows, what is wrong with them, what became of them.

    Attributes:
        position: order of first appearance.
        rows: each with `number`, `texts` (contract columns) and `others`.
        errors: each with `row`, `column`, `problem`, `expected`.
        notes: what is to be known and stops nobody, like `errors`.
        outcomes: what the check said of each work, for the preview.
        before: the dossier's case, owner, due day and pay before, for undoing; None for a new one.
        version: the dossier's version that taking in left, so that undoing loses no later change.
    """

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=80)
    rows = models.JSONField()
    errors = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    outcomes = models.JSONField(default=list)
    dossier = models.ForeignKey(
        Dossier, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    checked = models.BooleanField(default=False)
    taken = models.BooleanField(default=False)
    before = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    version = models.PositiveIntegerField(null=True, blank=True)
    kept_at_undo = models.BooleanField(
        default=False, help_text="Somebody changed it after it was taken in, so it stayed."
    )

    class Meta:
        """In the order of the file."""

        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="one_entry_a_position")
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.batch_id}"


class Affiliate(models.Model):
    """A foreign company of an organisation's group.

    Attributes:
        share: percent held by the American employer; section 3121(l) asks for at least 10.
        section_3121l_from: since when an agreement under IRC 3121(l) covers it, None: none does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="affiliates"
    )
    name = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    share = models.DecimalField(max_digits=5, decimal_places=2)
    section_3121l_from = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Each once."""

        ordering = ["country", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "country", "name"], name="one_affiliate_a_name"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.country})"


class Endpoint(models.Model):
    """Where an organisation wants to be told of events.

    Attributes:
        secret: signs the deliveries; sealed, and shown once.
        events: names of `webhooks.EVENTS`, all when empty.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="endpoints"
    )
    url = models.URLField(max_length=500)
    secret = models.TextField()
    events = models.JSONField(default=list)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Oldest first."""

        ordering = ["created_at"]

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """An event on its way to an endpoint; written in the transaction of the event itself.

    Attributes:
        id: also the identifier that the receiver sees, by which it knows a repetition.
        next_at: when it is tried next, None once it has arrived or was given up.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=60)
    body = models.TextField()
    created_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True, db_index=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint_id}"


class Bundle(models.Model):
    """Something made for many people in the background: files, or applications."""

    class Kind(models.TextChoices):
        """What is made of each person."""

        PACKS = "packs", "requests to send"
        AUDIT = "audit", "audit files"
        APPLICATIONS = "applications", "applications begun"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="bundles")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    started_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first."""

        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.started_at:%Y-%m-%d}"


class Part(models.Model):
    """One person's share in a bundle: a zip sealed with their key, or why there is none.

    Attributes:
        made: applications begun, or 1 for a file.
    """

    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="parts")
    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="+")
    done = models.BooleanField(default=False)
    made = models.PositiveIntegerField(default=0)
    data = models.BinaryField(null=True, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        """Each person once."""

        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["bundle", "dossier"], name="one_part_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} in {self.bundle_id}"
