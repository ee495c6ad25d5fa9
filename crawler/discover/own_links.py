"""Which links of an answer may be articles of the source that was asked."""

from __future__ import annotations

from dataclasses import dataclass

from archive.model.link import Link
from archive.model.source import Source
from archive.model.text.urls import same_site


@dataclass(frozen=True, slots=True)
class Sorted:
    """The links of an answer: those that may be articles of the source, and the others with the reason."""

    wanted: tuple[Link, ...]
    unwanted: tuple[tuple[Link, str], ...]


def sort_links(source: Source, list_url: str, found: tuple[Link, ...]) -> Sorted:
    """Part the links of an answer by the source's URL rules.

    Without an `allow` rule a link must stay on the site of the homepage or the list: feeds of press mentions link to
    other publishers, whose articles are not this source's.
    """
    wanted, unwanted = [], []
    for link in found:
        if not source.article_urls.admits(link.url):
            unwanted.append((link, "rule"))
        elif not source.article_urls.allow and not (
            same_site(link.url, source.homepage) or same_site(link.url, list_url)
        ):
            unwanted.append((link, "other-site"))
        else:
            wanted.append(link)
    return Sorted(tuple(wanted), tuple(unwanted))
