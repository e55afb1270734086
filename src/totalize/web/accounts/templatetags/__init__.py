"""Parts of account pages."""
