"""Dossiers: one person's works as one holder knows them, and what was decided of each."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from totalize.web.accounts.models import Organisation, User
from totalize.web.certificates.models import Foreign, Issued
from totalize.web.people.models import Person


class Dossier(models.Model):
    """Everything a holder, the worker or an employer, follows of one person.

    Attributes:
        key: the holder's own number of the person (`worker_id` of a roster).
        case: section 1 of the contract with all works, earlier stays included.
        owner: who looks after it for the organisation, until when.
        decided_on: the day as of which the spells were decided last, with which law.
        problem: why the case can't be decided, None when it can.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="dossiers")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, null=True, blank=True, related_name="dossiers"
    )
    worker = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="dossiers"
    )
    key = models.CharField(max_length=80, blank=True)
    case = models.JSONField(default=dict)
    owner = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="owned_dossiers"
    )
    due_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    yearly_pay = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    law = models.CharField(max_length=80, blank=True)
    problem = models.JSONField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Held by the worker or by an organisation, never by both."""

        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False) ^ Q(worker__isnull=False),
                name="dossier_has_one_holder",
            ),
            models.UniqueConstraint(
                fields=["organisation", "key"],
                condition=~Q(key=""),
                name="one_dossier_a_key",
            ),
        ]

    def __str__(self) -> str:
        return f"dossier {self.id}"

    @property
    def employer_id(self) -> uuid.UUID | None:
        """The organisation, under the name that the table of rights knows it by."""
        return self.organisation_id


class Spell(models.Model):
    """What was decided of a stretch of a work, and until when it is proven.

    It repeats what a determination says, so that ten thousand people fit on one board.

    Attributes:
        organisation: the dossier's own: a board counts its stretches without reading a dossier.
        covered_by: countries, joined by `;`, empty unless determined.
        issued_by: whose certificate proves it, empty when none does.
        proven_until: the last day on which a certificate that is held covers it.
        endless_proof: a certificate without a last day is held.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="spells")
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    work = models.CharField(max_length=80)
    activity = models.CharField(max_length=20)
    country = models.CharField(max_length=2)
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=20)
    covered_by = models.CharField(max_length=40, blank=True)
    otherwise = models.CharField(max_length=40, blank=True)
    agreement = models.CharField(max_length=2, blank=True)
    rule = models.CharField(max_length=40, blank=True)
    proof = models.CharField(max_length=20, blank=True)
    issued_by = models.CharField(max_length=2, blank=True)
    missing = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    proven_until = models.DateField(null=True, blank=True)
    endless_proof = models.BooleanField(default=False)
    yearly_saving = models.DecimalField(
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="What a certificate lifts in a year, in the dossier's currency, if known.",
    )

    class Meta:
        """Found by whom, and by what ends when."""

        ordering = ["first_day", "id"]
        indexes = [
            models.Index(fields=["dossier", "first_day"], name="spell_in_order"),
            # All that a board counts and orders by: it reads ten thousand rows of the index and
            # none of the table.
            models.Index(
                fields=[
                    "organisation",
                    "dossier",
                    "first_day",
                    "last_day",
                    "country",
                    "outcome",
                    "proof",
                    "endless_proof",
                    "proven_until",
                    "yearly_saving",
                    "id",
                ],
                name="spell_as_a_board_counts",
            ),
            models.Index(fields=["last_day"], name="spell_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.work} in {self.country} from {self.first_day}"


class Stage(models.IntegerChoices):
    """How long before the end somebody is reminded, in months."""

    YEAR = 12, "a year before the end"
    HALF_YEAR = 6, "six months before the end"
    QUARTER = 3, "three months before the end"
    MONTH = 1, "a month before the end"
    PASSED = 0, "it has ended"


class Reminder(models.Model):
    """That a certificate ends: said to one holder, once a stage."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="reminders")
    proof = models.UUIDField(help_text="The certificate, issued here or kept.")
    ends_on = models.DateField()
    stage = models.PositiveSmallIntegerField(choices=Stage.choices)
    said_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Once a stage, for this end of this certificate."""

        ordering = ["-said_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "proof", "ends_on", "stage"], name="one_reminder_a_stage"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ends_on}, {self.stage} months"


class Feed(models.Model):
    """A calendar of what ends when, at an address only its owner knows; its digest is kept."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="feed")
    token_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"feed of {self.user_id}"


class Share(models.Model):
    """A link by which somebody without an account sees one certificate until a day.

    Attributes:
        for_whom: who gets it, in the words of whoever made it.
        role: as whom (`us_employer`, `foreign_employer`, `office`, `client`, `other`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="shares")
    issued = models.ForeignKey(
        Issued, on_delete=models.CASCADE, null=True, blank=True, related_name="shares"
    )
    foreign = models.ForeignKey(
        Foreign, on_delete=models.CASCADE, null=True, blank=True, related_name="shares"
    )
    token_digest = models.CharField(max_length=64, unique=True)
    for_whom = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One certificate each."""

        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(issued__isnull=False) ^ Q(foreign__isnull=False),
                name="share_is_of_one_certificate",
            )
        ]

    def __str__(self) -> str:
        return f"share {self.id}"


class Use(models.Model):
    """That a shared link was opened: when, and what was seen."""

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="uses")
    at = models.DateTimeField()
    what = models.CharField(max_length=20, help_text="page or document")

    class Meta:
        """In order of time; counted by the hour."""

        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["share", "at"], name="use_by_time")]

    def __str__(self) -> str:
        return f"{self.what} of {self.share_id}"
