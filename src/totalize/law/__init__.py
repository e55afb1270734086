"""The law as data, its schema and its loader, which alone left of the documents reads files."""
