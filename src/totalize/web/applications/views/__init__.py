"""Pages of an application: thin, every rule is in the services."""
