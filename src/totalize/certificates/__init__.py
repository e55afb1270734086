"""Requests, certificates, credentials, their signing and their verification."""
