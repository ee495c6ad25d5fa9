"""Where a redirect leads."""

from __future__ import annotations

from urllib.parse import urljoin

from archive.model.capture import Exchange
from archive.model.text.urls import host_of, is_http


def redirect_target(hop: Exchange) -> str | None:
    """Return the absolute http(s) address to which a redirect leads. None where it leads to none.

    Locations beyond ASCII are mostly UTF-8.
    """
    raw = (hop.header("location") or "").strip().encode("latin-1", "replace")
    try:
        location = raw.decode("utf-8")
    except UnicodeDecodeError:
        location = raw.decode("latin-1")
    try:
        target = urljoin(hop.url, location)
        host_of(target)  # a port that is no number raises
    except ValueError:
        return None
    return target if is_http(target) else None
