"""Who wrote an article: the people whom its page or its feed names, else the agency, the desk or the site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urlsplit

from archive.model.source import Source
from crawler.extract.authors import author_candidates, organisation_candidates, stray_candidates
from crawler.extract.markup.document import Document, Element, shown
from crawler.extract.markup.jsonld import as_list, text_of
from crawler.normalise.authors import agencies, is_desk, organisations, people

Candidate = tuple[str, list[str]]
"""A source, and what it says about the author."""


@dataclass(frozen=True, slots=True)
class Authors:
    """The authors of an article, and where they were read. `source` is None where none were found."""

    names: tuple[str, ...] = ()
    source: str | None = None


def choose_authors(
    document: Document, head: Element | None, place: Element | None, by_feed: Sequence[str], sites: Sequence[str]
) -> Authors:
    """Choose the authors of an article.

    `head` shows its headline, and `place` its byline where the site's template knows one. `by_feed` is what its feed
    says. `sites` are the names of its site, which is no person.
    """
    found: list[Candidate] = []
    declared = _byline_first(place, author_candidates(document, head))
    # A byline that names an agency or a desk and nobody else is still what the page says about its author.
    for candidates in (chain(declared, [("feed", list(by_feed))]), stray_candidates(document)):
        for source, raw in candidates:
            if names := people(raw, sites):
                return Authors(names, source)
            found.append((source, raw))
        if named := _collective(document, found, sites):
            return Authors(named, "metadata:organisation")
    return Authors()


def _byline_first(place: Element | None, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """The candidates, with the byline at its known place before all that is only printed."""
    for source, raw in candidates:
        if place is not None and source.startswith("visible"):
            yield "template", [shown(place)]
            place = None
        yield source, raw


def _collective(document: Document, candidates: Sequence[Candidate], sites: Sequence[str]) -> tuple[str, ...]:
    """The agency, the desk or the site that stands in an author's place. Empty where none is named.

    The first that is named counts, but an agency that is named later counts before the site itself.
    """
    declared = organisation_candidates(document)
    lists = [declared, *(raw for _, raw in candidates)]
    named = tuple(dict.fromkeys(declared)) or next((f for raw in lists if (f := organisations(raw, sites))), ())
    if not agencies(named) and organisations(named, sites) == named and not any(map(is_desk, named)):
        stated = (raw for source, raw in candidates if source.startswith(("json-ld", "meta:", "feed")))
        named = next((found for raw in stated if (found := agencies(raw))), named)
    return named


def site_names(document: Document, source: Source | None) -> list[str]:
    """The names of the site that a page is on: what the page, its address and the registry call it."""
    publisher = document.linked.resolve(next(iter(as_list(document.linked.article.get("publisher"))), None))
    host = (urlsplit(document.url).hostname or "").removeprefix("www.")
    names = [document.meta("og:site_name"), text_of(publisher.get("name")), host, host.partition(".")[0]]
    return [name for name in (*names, source.name if source else None) if name]
