"""The pages of the log: entries for auditors, checkpoints for everybody."""
