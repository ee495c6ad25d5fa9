"""Pages that are made by their scripts, rendered in a Chromium that has no network of its own.

Each request that a page wants goes back to the `engine`, and so through the same rules as every other.
"""
