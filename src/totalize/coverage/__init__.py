"""Which system covers the work: the case, its history, the provisions, the determination."""
