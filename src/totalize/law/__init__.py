"""The law as data, its schema and its loader. The only room left of the documents that reads files."""
