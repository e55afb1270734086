"""Words that people agree to here. They are kept as they were shown."""

from __future__ import annotations

MANDATE = (
    "I let {adviser} act for {giver} here: start, fill in and send applications for certificates "
    "of coverage, answer the office, and read and fetch the certificates. {adviser} answers to "
    "{giver} for what it does. I can end this at any time; what was sent until then stands."
)


def mandate_words(adviser: str, giver: str) -> str:
    """Return what somebody agrees to who lets an adviser act."""
    return MANDATE.format(adviser=adviser, giver=giver)
