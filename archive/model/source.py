"""A source: a publisher's site that we follow, as one registry entry describes it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

ChannelKind = Literal["feed", "sitemap", "listing", "archive", "json", "ids", "wayback", "warc"]
SourceKind = Literal[
    "foreign-ministry",
    "presidency/government",
    "wire",
    "newspaper",
    "broadcaster",
    "journal/think-tank",
    "intergovernmental",
    "aggregator",
]
SourceStatus = Literal["verified", "unverified", "refused"]


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to discover URLs of a source.

    `url` is the address as the registry gives it (for `archive` a date template). `links` and `next` are CSS
    selectors (JMESPath for `json`), used by the kinds that need them.
    """

    kind: ChannelKind
    url: str
    links: str | None = None
    next: str | None = None

    @property
    def key(self) -> str:
        """Identity of the channel within its source; permanent as long as the registry keeps the address."""
        return f"{self.kind}:{self.url}"


@dataclass(frozen=True, slots=True)
class UrlRules:
    """Which URLs of a source may be articles. An URL passes if any `allow` matches (or there is none) and no `deny`."""

    allow: tuple[re.Pattern[str], ...] = ()
    deny: tuple[re.Pattern[str], ...] = ()

    def admits(self, url: str) -> bool:
        if any(rule.search(url) for rule in self.deny):
            return False
        return not self.allow or any(rule.search(url) for rule in self.allow)


@dataclass(frozen=True, slots=True)
class Selectors:
    """CSS selectors by which a registry entry overrides the generic extraction; all optional."""

    title: str | None = None
    body: str | None = None
    remove: tuple[str, ...] = ()
    date: str | None = None
    authors: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher's site that we follow.

    `language` holds BCP 47 tags, most used first; `country` is ISO 3166-1 alpha-2; `timezone` an IANA name; `delay` is in
    seconds between two requests to one host (None: the global default). `origin` says where the entry stands
    (`file:line`), for messages.
    """

    id: str
    name: str
    homepage: str
    country: str | None = None
    language: tuple[str, ...] = ()
    timezone: str | None = None
    kind: SourceKind | None = None
    discover: tuple[Channel, ...] = ()
    article_urls: UrlRules = UrlRules()
    render: bool = False
    schedule: str = "adaptive"
    delay: float | None = None
    extract: Selectors = Selectors()
    expect_per_day: tuple[int, int] | None = None
    status: SourceStatus = "unverified"
    note: str | None = None
    origin: str = field(default="", compare=False)

    @property
    def host(self) -> str:
        """Host name of the homepage, lower case, without port."""
        return urlsplit(self.homepage).hostname or ""
