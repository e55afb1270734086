"""What a certificate does not replace: returns, lines, thresholds, reports, deadlines."""
