"""How an installation is set up: settings, addresses of pages, the server entry."""
