"""What the clock keeps: when each regular job is due, and how it went last."""

from __future__ import annotations

from django.db import models


class Run(models.Model):
    """A regular job. Its row is locked while a worker takes it, so that one of them does.

    Attributes:
        due_at: when it is to run next.
        held_until: a worker runs it and has until then; one that died lets go by itself.
    """

    job = models.CharField(max_length=60, primary_key=True)
    due_at = models.DateTimeField(null=True, blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    last_outcome = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.job
