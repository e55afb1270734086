"""The public functions. What stands here is what the package promises; nothing else is."""

from __future__ import annotations
