"""Which system covers the work: the case, what follows from earlier work, the provisions, the answer."""
