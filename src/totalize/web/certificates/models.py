"""Certificates this office issued, the copies of them, and certificates from other offices."""

from __future__ import annotations

import uuid

from django.db import models

from totalize.web.accounts.models import User
from totalize.web.applications.models import Application
from totalize.web.people.models import Person


class State(models.TextChoices):
    """As in `totalize.certificates.model.State`."""

    VALID = "valid", "valid"
    AMENDED = "amended", "amended"
    WITHDRAWN = "withdrawn", "withdrawn"
    REPLACED = "replaced", "replaced"


class Issued(models.Model):
    """A certificate of this office. The document is kept as it was made, sealed.

    Attributes:
        record: `totalize.certificates.register.Record` as JSON: the certificate and its state.
        face: birth date and the number's ending, which the record lacks, sealed likewise.
        pdf: the signed file, sealed with the person's key.
        credential: the verifiable credential, sealed likewise.
        status_index: its place in the status list.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=40, unique=True)
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="certificates"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="certificates")
    state = models.CharField(max_length=20, choices=State.choices, default=State.VALID)
    record = models.JSONField()
    face = models.BinaryField(null=True, blank=True)
    pdf = models.BinaryField()
    credential = models.BinaryField(null=True, blank=True)
    status_index = models.PositiveIntegerField(unique=True)
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True, db_index=True)
    follows = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    amends = models.BooleanField(
        default=False, help_text="It corrects the one it follows, without a new decision."
    )
    issued_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    issued_at = models.DateTimeField()
    state_since = models.DateTimeField()

    class Meta:
        """A decision brings forth one certificate; only corrections come after it."""

        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(amends=False),
                name="one_decided_certificate_an_application",
            )
        ]

    def __str__(self) -> str:
        return f"certificate {self.id} ({self.state})"


class Withdrawal(models.Model):
    """That a certificate be withdrawn: asked for by one person, carried out by another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issued = models.ForeignKey(Issued, on_delete=models.PROTECT, related_name="withdrawals")
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    seconded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    carried_out = models.BooleanField(default=False)
    returned_note = models.TextField(blank=True)

    class Meta:
        """One open at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["issued"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_withdrawal_a_certificate",
            )
        ]

    def __str__(self) -> str:
        return f"withdrawal of {self.issued_id}"


class Publication(models.Model):
    """The one row that counts changes of state, and says which of them the list tells of.

    It is locked to publish, so that an older list never takes the place of a newer one.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    changes = models.PositiveBigIntegerField(default=0)
    published = models.PositiveBigIntegerField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    good_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.published} of {self.changes} changes"


class Foreign(models.Model):
    """A certificate that another country's office issued, as it was uploaded and read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="foreign")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="foreign")
    issuer = models.CharField(max_length=2)
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True, db_index=True)
    number = models.CharField(max_length=80, blank=True)
    fits = models.BooleanField()
    misfits = models.JSONField(default=list)
    upload_id = models.UUIDField(null=True, blank=True)
    kept_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"certificate of {self.issuer} for {self.person_id}"


class Copy(models.Model):
    """Who holds a copy: fetched, sent or shown."""

    issued = models.ForeignKey(
        Issued, on_delete=models.CASCADE, null=True, blank=True, related_name="copies"
    )
    foreign = models.ForeignKey(
        Foreign, on_delete=models.CASCADE, null=True, blank=True, related_name="copies"
    )
    holder = models.CharField(max_length=200)
    role = models.CharField(max_length=40, help_text="worker, us_employer, foreign_employer, ...")
    how = models.CharField(max_length=40, help_text="download, share_link, post, shown")
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.role}: {self.holder}"
