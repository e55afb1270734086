"""The log: entries that are only ever added, and signed checkpoints over them."""

from __future__ import annotations

from django.db import models


class Head(models.Model):
    """The one row that is locked to add an entry, so that entries have an order without gaps."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.size} entries"


class Entry(models.Model):
    """One act. `leaf` is the canonical text whose digest is a leaf of the tree.

    No personal data stands in a leaf: subjects are random identifiers, facts are codes.
    """

    sequence = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    act = models.CharField(max_length=60, db_index=True)
    subject = models.CharField(max_length=80, db_index=True)
    leaf = models.TextField()

    def __str__(self) -> str:
        return f"{self.sequence} {self.act} {self.subject}"


class Checkpoint(models.Model):
    """The root of the tree over the first `size` entries, signed."""

    size = models.PositiveBigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    note = models.TextField(help_text="The signed checkpoint as it was published.")

    def __str__(self) -> str:
        return f"{self.size} {self.root}"
