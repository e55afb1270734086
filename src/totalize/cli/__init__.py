"""The command line: thin commands over `totalize.api`, each imported only when it is called."""
