"""Applications for a certificate, from draft to decision."""
