"""People whose work is certified. Their numbers are sealed; losing the data key erases them."""

from __future__ import annotations

import uuid

from django.db import models

from totalize.web.accounts.models import User

LONGEST_NAME = 200


class Person(models.Model):
    """Somebody whose work is certified; they may or may not have an account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="people"
    )
    full_name = models.CharField(max_length=LONGEST_NAME)
    birth_date = models.DateField(null=True, blank=True)
    citizenships = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.full_name


class MasterKey(models.Model):
    """Which master key is in use; the one row is locked while keys are made or wrapped anew."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    generation = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"master key {self.generation}"


class DataKey(models.Model):
    """The key of one person's sealed data, itself sealed with the installation's master key."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="data_key")
    wrapped = models.BinaryField()
    generation = models.PositiveIntegerField(default=0, help_text="Of the master key.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"data key of {self.person_id}"


class NumberKind(models.TextChoices):
    """Whose number it is: the United States' or the partner country's."""

    US = "us", "Social Security number"
    FOREIGN = "foreign", "foreign insurance number"


class PersonalNumber(models.Model):
    """A sealed number. It is found by `lookup`, a keyed digest, never by itself."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="numbers")
    kind = models.CharField(max_length=10, choices=NumberKind.choices)
    country = models.CharField(max_length=2)
    sealed = models.BinaryField()
    lookup = models.BinaryField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One number of a country each."""

        constraints = [
            models.UniqueConstraint(fields=["person", "country"], name="one_number_a_country")
        ]

    def __str__(self) -> str:
        return f"{self.country} number of {self.person_id}"


class Reading(models.Model):
    """Somebody saw a whole number, and said why. The reason is sealed: people write names in."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="readings")
    country = models.CharField(max_length=2)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    reason = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.country} number of {self.person_id} read by {self.by_id}"
