"""Many people: read, decide, write, resume."""
