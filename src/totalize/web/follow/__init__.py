"""After it is issued: time line, changes, expiry, copies, refunds."""
