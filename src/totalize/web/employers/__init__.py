"""Employers with many people."""
