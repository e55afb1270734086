"""The service: check, apply, decide, issue, verify, follow. No rule of law lives here."""
