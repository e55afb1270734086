"""One file that holds an installation, and an installation made from it on another machine."""

KEYS = "keys.sealed"
