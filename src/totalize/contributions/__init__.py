"""What each system takes, with and without a certificate: one case or a column."""
