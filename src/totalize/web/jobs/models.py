"""What the clock keeps: when each regular job ran last."""

from __future__ import annotations

from django.db import models


class Run(models.Model):
    """A regular job and its last run; the row is locked so that it runs once."""

    job = models.CharField(max_length=60, primary_key=True)
    last_at = models.DateTimeField(null=True, blank=True)
    last_outcome = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.job
