"""The headline: what the page's metadata and its visible heading agree on, without the site's name."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from crawler.extract.document import Document, Element, shown
from crawler.extract.jsonld import text_of
from crawler.normalise.text import key_of, tidy

_SEPARATOR = re.compile(r"\s+[|·•‹›»«~/]+\s+|\s+[-–—―]{1,2}\s+|\s*[|｜_]\s*|\s*[—–]\s+|\s+::?\s+")
_LONGEST = 400


def headline(
    document: Document, site_names: Iterable[str] = (), hint: str | None = None
) -> tuple[str | None, str | None]:
    """The headline and where it was read; (None, None) where nothing names one.

    Candidates that agree beat those that stand alone; among equals the visible heading comes first, because that is what
    readers see. A `<title>` counts only without the site's name.
    """
    names = {key_of(name) for name in (*site_names, *_own_names(document)) if name}
    candidates = [(source, text) for source, raw in _candidates(document) if (text := _clean(raw))]
    if hint and (text := _clean(hint)):
        candidates.append(("feed", text))
    if (text := _clean(document.title)) is not None:
        candidates.append(("title", text))
    keys = {key_of(text) for _, text in candidates}
    candidates = [(source, _without_site(text, names, keys)) for source, text in candidates]
    candidates = [(source, text) for source, text in candidates if key_of(text) not in names]
    if not candidates:
        return None, None
    votes = Counter(key_of(text) for _, text in candidates)
    most = max(votes.values())
    return next((text, source) for source, text in candidates if votes[key_of(text)] == most)


def _candidates(document: Document) -> list[tuple[str, str | None]]:
    heads = list(document.tree.iter("h1"))
    article = document.linked.article
    return [
        *(("h1", shown(h)) for h in heads[:1]),
        ("json-ld", text_of(article.get("headline")) or text_of(article.get("name"))),
        ("meta:og:title", document.meta("og:title")),
        ("meta:twitter:title", document.meta("twitter:title")),
    ]


def _own_names(document: Document) -> list[str | None]:
    publisher = document.linked.resolve(document.linked.article.get("publisher"))
    host = (urlsplit(document.url).hostname or "").removeprefix("www.")
    return [
        document.meta("og:site_name"),
        document.meta("application-name"),
        document.meta("apple-mobile-web-app-title"),
        text_of(publisher.get("name")),
        host,
        host.partition(".")[0],
    ]


def _clean(raw: str | None) -> str | None:
    text = tidy(html.unescape(raw)) if raw else ""  # publishers escape twice
    return text if text and len(text) <= _LONGEST and key_of(text) else None


def _without_site(title: str, names: set[str], others: set[str]) -> str:
    """`title` without the site's name behind (or before) a separator, or what another candidate leaves out there."""
    cuts = [(match.start(), match.end()) for match in _SEPARATOR.finditer(title)]
    for start, end in cuts:
        if start and end < len(title) and key_of(title[:start]) in others - {key_of(title)}:
            return title[:start].strip()
    for start, end in reversed(cuts):
        if start and end < len(title) and key_of(title[end:]) in others - {key_of(title)}:
            return title[end:].strip()
    for start, end in cuts:
        tail = key_of(title[end:])
        if tail in names or any(len(name) > 3 and (tail.startswith(name) or tail.endswith(name)) for name in names):
            return title[:start].strip() or title
    if cuts and key_of(title[: cuts[0][0]]) in names:
        return title[cuts[0][1] :].strip() or title
    return title


def heading(document: Document, title: str | None) -> Element | None:
    """The element that shows the headline: the heading with the title's text, else the first `h1` of the content."""
    first = None
    for element in document.tree.iter("h1", "h2"):
        if title is not None and key_of(shown(element)) == key_of(title):
            return element
        if first is None and element.tag == "h1":
            first = element
    return first
