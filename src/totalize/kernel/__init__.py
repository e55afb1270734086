"""Dates, money, countries, documents and errors. Imports nothing of ours."""
