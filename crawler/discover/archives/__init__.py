"""Copies that others kept: CDX indexes of web archives, and WARC files."""
