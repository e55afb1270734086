"""Is it real, today, for this person and this employer: one report for every form of document."""
