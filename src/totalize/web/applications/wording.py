"""Sentences that are kept word for word when somebody ticks or confirms them, and short names."""

from __future__ import annotations

TRUE = "true_and_complete"
CHANGES = "tell_changes"

# Ticked by whoever sends an application.
STATEMENTS = {
    TRUE: "What I have given here is true and complete as far as I know.",
    CHANGES: (
        "I will tell the office if the work ends early, gets longer, or if the employer or the "
        "country changes."
    ),
}

CONFIRM = {
    "employer": "I confirm for the employer that these facts are true.",
    "worker": "I confirm that these facts about me and my work are true.",
}

WHO = {
    "worker": "the worker",
    "employer": "the employer",
    "either": "the worker or the employer",
    "office": "the office",
}
