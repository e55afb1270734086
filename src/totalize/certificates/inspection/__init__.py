"""What an inspector is handed: the paper, the law behind it in their language, whom to ask."""
