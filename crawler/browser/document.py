"""What goes into the browser, and what comes out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from archive.model.capture import Headers
from archive.model.source import NO_ACTIONS, ListActions
from crawler.browser.cache import Part
from crawler.frontier.unavailable import Unavailable


@dataclass(frozen=True, slots=True)
class Document:
    """What is rendered: an answer as it came, its body decoded. `locale` (BCP 47) and `timezone` (IANA) are the
    reader's; dates that scripts print depend on them, and must not depend on our machine. `actions` are done before it is
    read."""

    url: str
    headers: Headers
    body: bytes
    locale: str | None = None
    timezone: str = "UTC"
    actions: ListActions = NO_ACTIONS


@dataclass(frozen=True, slots=True)
class RenderedDocument:
    """The page after its scripts. `dom`: its HTML in UTF-8, behind a byte order mark, because the page may still declare
    the charset that it was sent in. `lacking`: the sub-requests to its own site that failed for a reason that may pass."""

    dom: bytes
    lacking: tuple[str, ...]


Fetch = Callable[[str, str, dict[str, str]], Awaitable[Part | Unavailable]]
"""Fetches a sub-request: address, kind, headers to pass on."""
