"""Text and addresses: comparable spelling, similarity, printable output, charsets and canonical URLs. Pure."""
