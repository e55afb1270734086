"""One file that holds an installation, and an installation made from it on another machine."""

FORMAT = 1
MANIFEST, KEYS = "manifest.json", "keys.sealed"
