"""The public check: which system, why, what proves it; nothing is stored."""
