"""The service. Holds no rule of law."""
