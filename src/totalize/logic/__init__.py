"""Expressions over named facts, true, false or unknown, and their readers."""
