"""The look of every page, and the answers to what went wrong."""
