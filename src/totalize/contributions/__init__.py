"""What each system takes from earnings: one case or a column of cases."""
