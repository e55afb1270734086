"""Running an installation: first-run set-up, the processes, and data to show what it does."""
