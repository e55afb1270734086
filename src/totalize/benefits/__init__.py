"""Credits, insured status and amounts of the US benefit, on US credits alone and combined."""
