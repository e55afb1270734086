"""Verification of a certificate by anybody."""
