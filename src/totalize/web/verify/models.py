"""How often somebody tried."""

from __future__ import annotations

from django.db import models


class Attempts(models.Model):
    """Attempts within a stretch of time. Neither address nor reference is kept, only a digest."""

    key = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at}"
