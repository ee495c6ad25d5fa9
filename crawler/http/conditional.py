"""Conditional requests (RFC 9110, 13.1)."""

from __future__ import annotations


def conditional_headers(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The header fields that ask for an answer only if it is another one than that with these validators."""
    headers = {}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    return headers
