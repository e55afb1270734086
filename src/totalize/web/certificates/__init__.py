"""Certificates issued, kept and withdrawn; certificates from other offices."""
