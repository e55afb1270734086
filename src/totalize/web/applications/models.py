"""Applications and what belongs to them."""

from __future__ import annotations

import uuid

from django.db import models

from totalize.web.accounts.models import Organisation, User
from totalize.web.applications.states import Kind, State
from totalize.web.people.models import Person


class Application(models.Model):
    """A request for a certificate, from draft to decision.

    Attributes:
        case: section 1 of the contract, without names and numbers.
        work: id of the work it is for.
        details: what the agreement's request asks beyond the case; personal numbers are sealed
            with the person, never here.
        sealed_details: the details that are secrets too (the family's numbers), sealed.
        unconfirmed: what the employer's side has given about the person of a worker who has not
            looked at it yet, by key: until then it may be corrected by who gave it.
        determination: what the engine answered when it was sent, with the version of the law.
        issuing_country: whose office issues the certificate.
        version: counts every change; who saves over a newer one is told.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.CERTIFICATE)
    state = models.CharField(
        max_length=30, choices=State.choices, default=State.DRAFT, db_index=True
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="applications"
    )
    worker = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="applications"
    )
    employer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="applications"
    )
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    case = models.JSONField(default=dict)
    work = models.CharField(max_length=80, default="work")
    details = models.JSONField(default=dict)
    answered = models.JSONField(
        default=list, help_text="Questions whose answer leaves no trace in the case."
    )
    sealed_details = models.BinaryField(null=True, blank=True)
    unconfirmed = models.JSONField(default=list)
    determination = models.JSONField(null=True, blank=True)
    issuing_country = models.CharField(max_length=2, blank=True)
    partner = models.CharField(max_length=2, blank=True)
    law = models.CharField(max_length=80, blank=True)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    plain = models.BooleanField(
        default=False, help_text="Determined, complete, no warning: one look decides it."
    )
    follows = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    assigned_to = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="assigned"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    submitted_at = models.DateTimeField(null=True, blank=True, db_index=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    proof = models.BinaryField(null=True, blank=True, help_text="Signed proof of request, sealed.")
    proof_reference = models.CharField(max_length=40, null=True, blank=True, unique=True)
    proof_facts = models.BinaryField(
        null=True, blank=True, help_text="What the proof says, for who checks it, sealed."
    )
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.state})"


class Step(models.Model):
    """A move an application made, for people to read; the log holds the same for proof."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="steps")
    move = models.CharField(max_length=30)
    state = models.CharField(max_length=30, choices=State.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True)
    at = models.DateTimeField()
    note = models.TextField(blank=True)

    class Meta:
        """In order."""

        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.application_id} {self.move}"


class Party(models.TextChoices):
    """Who confirms."""

    WORKER = "worker", "worker"
    EMPLOYER = "employer", "employer"


class Confirmation(models.Model):
    """The other side's confirmation, asked for by a link that ends. Only its digest is kept."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="confirmations"
    )
    party = models.CharField(max_length=10, choices=Party.choices)
    email = models.EmailField()
    token_digest = models.CharField(max_length=64, unique=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    declined_at = models.DateTimeField(null=True, blank=True)
    words = models.TextField(blank=True, help_text="What was confirmed, word for word.")

    def __str__(self) -> str:
        return f"{self.party} of {self.application_id}"


class Statement(models.Model):
    """A statement somebody ticked, kept word for word."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="statements"
    )
    code = models.CharField(max_length=80)
    words = models.TextField()
    ticked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ticked_at = models.DateTimeField()

    class Meta:
        """Each once."""

        constraints = [
            models.UniqueConstraint(fields=["application", "code"], name="one_tick_a_statement")
        ]

    def __str__(self) -> str:
        return f"{self.code} of {self.application_id}"


class Purpose(models.TextChoices):
    """What an upload is for."""

    EVIDENCE = "evidence", "supports the request"
    CERTIFICATE = "certificate", "the other country's certificate"


class Upload(models.Model):
    """A document somebody gave; the bytes are encrypted in a folder no server shows."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="uploads")
    purpose = models.CharField(max_length=20, choices=Purpose.choices, default=Purpose.EVIDENCE)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    pages = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    """Something the office asks the applicant, and the answer."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="questions")
    words = models.TextField()
    field = models.CharField(max_length=120, blank=True, help_text="The path of the fact, if any.")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_on = models.DateField(null=True, blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.field or 'question'} of {self.application_id}"


class Verdict(models.TextChoices):
    """What a decision says."""

    ISSUE = "issue", "issue"
    REFUSE = "refuse", "refuse"
    EXCEPTION = "exception", "special exception"


class Decision(models.Model):
    """A decision, proposed by one person and, where rights are lost, seconded by another."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="decisions")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Nobody when it was decided automatically.",
    )
    at = models.DateTimeField()
    seconded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    seconded_at = models.DateTimeField(null=True, blank=True)
    returned_note = models.TextField(blank=True)
    automatic = models.BooleanField(default=False)
    in_sample = models.BooleanField(default=False, help_text="Drawn to be looked at afterwards.")
    reviewed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    other_authority = models.JSONField(
        null=True, blank=True, help_text="The other authority's answer: who, when, what."
    )

    def __str__(self) -> str:
        return f"{self.verdict} of {self.application_id}"
