"""Ids for new sources."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from archive.model.source import Source
from archive.model.text.urls import url_key

_LONGEST = 56
_FRONT_PAGE = re.compile(r"(?:^|/)(?:index|default|home|main)\.\w{2,5}$", re.IGNORECASE)


def namesake(homepage: str, sources: Collection[Source]) -> Source | None:
    """The source that follows this homepage already: its address, or the whole of its host. None means that there is none."""
    host, folder = _place(homepage)
    for source in sources:
        other_host, other_folder = _place(source.homepage)
        if host == other_host and (folder == other_folder or "" in (folder, other_folder)):
            return source
    return None


def _place(homepage: str) -> tuple[str, str]:
    """The host, and the folder that a homepage stands for, `""` for all of the host."""
    host, _, path = url_key(homepage).partition("/")
    return host, _FRONT_PAGE.sub("", path)


def free_id(homepage: str, taken: Collection[str]) -> str:
    """A slug of the homepage's host that no other source has: `mofa-go-jp`, `mofa-go-jp-2`."""
    host = (urlsplit(homepage).hostname or "").removeprefix("www.")
    slug = re.sub(r"[^a-z0-9]+", "-", host.lower())[:_LONGEST].strip("-") or "source"
    number, free = 1, slug
    while free in taken:
        number += 1
        free = f"{slug}-{number}"
    return free
