"""Ids for new sources."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

_LONGEST = 56


def free_id(homepage: str, taken: Collection[str]) -> str:
    """A slug of the homepage's host that no other source has: `mofa-go-jp`, `mofa-go-jp-2`."""
    host = (urlsplit(homepage).hostname or "").removeprefix("www.")
    slug = re.sub(r"[^a-z0-9]+", "-", host.lower())[:_LONGEST].strip("-") or "source"
    number, free = 1, slug
    while free in taken:
        number += 1
        free = f"{slug}-{number}"
    return free
