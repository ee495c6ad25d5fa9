"""Export the archive in formats that other programs read."""
