"""Pages of the employers."""
