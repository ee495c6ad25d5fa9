"""The extractor's version: texts read by two versions are never compared, so that our changes are not the publisher's."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.metadata import version

from archive.model.site_memory import Memory
from archive.model.source import Source

OURS = 7
"""Raise by one with every change of this room's code that can change a title, lead, body, caption, author or date."""

EXTRACTOR = f"dateline-{OURS}+trafilatura-{version('trafilatura')}"


def extractor_for(source: Source, memory: Memory | None = None) -> str:
    """The version that reads pages of `source`.

    It has a hash of what the source's registry entry adds to the generic way, and the digest of what was learnt of
    the site.
    """
    own = _registry_part(source)
    return own if memory is None or not memory.version else f"{own}+site-{memory.version}"


@cache
def _registry_part(source: Source) -> str:
    """The version that reads pages of a source of which nothing was learnt.

    A page as a browser shows it is read by another version than the page as it is served.
    """
    chosen = source.extract
    parts = [chosen.title, chosen.body, *chosen.remove, chosen.date, chosen.authors]
    shaping = [source.timezone or "", *(part or "" for part in parts), *(["render"] if source.render else [])]
    if not any(shaping):
        return EXTRACTOR
    key = sha256("\x1f".join(shaping).encode()).hexdigest()[:8]
    return f"{EXTRACTOR}+{key}"
