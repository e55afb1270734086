"""Turn the law data into pages that a lawyer can read."""
