"""Work done in the background and by the clock."""
