"""People whose work is certified, and their sealed numbers."""
