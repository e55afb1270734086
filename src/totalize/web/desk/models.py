"""What only the desk keeps: questions to the other authority, and letters."""

from __future__ import annotations

import uuid

from django.db import models

from totalize.web.accounts.models import User
from totalize.web.applications.models import Application, Decision


class OtherAnswer(models.TextChoices):
    """What the other authority said."""

    AGREES = "agrees", "agrees"
    AGREES_IN_PART = "agrees_in_part", "agrees to a part"
    REFUSES = "refuses", "does not agree"


class Consultation(models.Model):
    """The other authority was asked, and what it answered."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="consultations"
    )
    authority = models.CharField(max_length=200)
    words = models.TextField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=20, choices=OtherAnswer.choices, blank=True)
    answer_words = models.TextField(blank=True)
    file_number = models.CharField(max_length=80, blank=True)
    answered_on = models.DateField(null=True, blank=True)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    heard_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    heard_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """One open question at a time."""

        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(heard_at__isnull=True),
                name="one_open_consultation_an_application",
            )
        ]

    def __str__(self) -> str:
        return f"{self.authority} on {self.application_id}"


class Letter(models.Model):
    """The letter that went out with a decision, sealed with the person's key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="letter")
    pdf = models.BinaryField()
    signed = models.BooleanField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"letter of {self.decision_id}"
