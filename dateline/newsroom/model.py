"""What the newsroom is made of: sites, feeds, articles and the edits that its publishers have planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

START = datetime(2024, 3, 1, 6, 0, tzinfo=UTC)
"""The time in the newsroom when it opens. 2024 because one story happens on a 29 February."""
AFTER_EDITS = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
"""By now the publishers have made their first round of edits, moves and deletions, and published new articles."""
AFTER_SECOND_EDITS = datetime(2024, 3, 2, 6, 0, tzinfo=UTC)
"""By now they have made a second round; one headline is back to what it was (A -> B -> A)."""
AFTER_FLAP = datetime(2024, 3, 2, 12, 0, tzinfo=UTC)
"""By now that headline has changed once more, to a state seen before (A -> B -> A -> B)."""

Layout = Literal["modern", "wire", "soup", "aggregator", "tables", "weblog"]
FeedFormat = Literal["rss", "atom", "json", "rdf"]
Variant = Literal["canonical", "utm", "amp", "print"]
Validator = Literal["etag", "last-modified"]
Ending = Literal["moved", "gone", "missing", "home"]
"""How an article leaves its address: 301 to a new one, 410, 404, or a redirect to the home page."""
TrapKind = Literal["section", "gallery", "missing", "other-site"]
ChangeKind = Literal["headline", "lead", "body", "byline", "date", "caption"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with the caption printed below it. `path` is the image's address on the site."""

    path: str
    caption: str
    credit: str


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a page. `published` and `modified` are aware. `modified` is None where the page prints none."""

    title: str
    lead: str | None
    body: tuple[str, ...]
    authors: tuple[str, ...]
    published: datetime
    modified: datetime | None
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """A text and the time from which it stood on the page. `changes` are against the version before."""

    since: datetime
    text: Text
    changes: tuple[ChangeKind, ...]


@dataclass(frozen=True, slots=True)
class Departure:
    """From `at` on the article is no longer at its address. `path` is the new one, for `moved`."""

    at: datetime
    ending: Ending
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """An article's whole life. `versions` are in order of time, the first is its publication."""

    id: str
    site_id: str
    path: str
    section: str
    versions: tuple[Version, ...]
    departures: tuple[Departure, ...] = ()
    original: str | None = None
    """`site/article` of the article that this one was taken from."""
    headers: Mapping[str, str] = field(default_factory=dict)
    meta_robots: str | None = None
    feed_links: tuple[Variant, ...] = ()
    """The variants that the site's feeds link instead of the usual one."""
    withheld: str | None = None
    """Why an archive must not keep the text, or not hand it on: `tdm-reservation` or `noarchive`."""
    forbidden: bool = False
    """robots.txt does not let a crawler fetch it."""

    @property
    def published(self) -> datetime:
        """The time at which the page appeared. The text has the date that it prints."""
        return self.versions[0].since


@dataclass(frozen=True, slots=True)
class Trap:
    """An address that a feed lists although no article of the site stands there."""

    path: str
    kind: TrapKind
    title: str
    since: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed of the site. `section` limits it to one. `links` is the variant of an article's address that it lists."""

    path: str
    format: FeedFormat
    section: str | None = None
    links: Variant = "canonical"
    validators: tuple[Validator, ...] = ("etag", "last-modified")
    charset: str = "utf-8"


ListKind = Literal["sitemap", "listing", "archive", "json", "ids"]


@dataclass(frozen=True, slots=True)
class SiteList:
    """A list of the site's articles that is no feed. `path` is the address as the registry has it (with `{date:…}` or `{id}`),
    `options` what stands beside it there. `next` is how its further pages are asked for: by `query`, or by the `form` that
    the page holds; `cursor` in JSON."""

    kind: ListKind
    path: str
    next: Literal["", "query", "form", "cursor"] = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that never changes: robots.txt and the like."""

    text: str
    status: int = 200
    type: str = "text/plain"
    charset: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of a site's own furniture, in its language. `photo` is the word before a photo's credit (and what the aggregator
    calls its link to the original); `date_format` is for strftime, in the site's zone."""

    menu: tuple[str, ...]
    related: str
    most_read: str
    comments: str
    views: str
    share: str
    advertisement: str
    updated: str
    photo: str
    by: str
    about: str
    date_format: str


@dataclass(frozen=True, slots=True)
class Site:
    """A news site.

    `charset` encodes the pages' bytes; `header_charset` and `meta_charset` are what Content-Type and the page say
    (None: nothing). `validators` are those of article pages.
    """

    id: str
    name: str
    host: str
    country: str
    language: str
    timezone: str
    kind: str
    layout: Layout
    labels: Labels
    teasers: tuple[str, ...]
    charset: str = "utf-8"
    header_charset: str | None = "utf-8"
    meta_charset: str | None = "utf-8"
    validators: tuple[Validator, ...] = ("etag", "last-modified")
    variants: tuple[Variant, ...] = ()
    gzip: bool = False
    note: str = ""
    feeds: tuple[Feed, ...] = ()
    lists: tuple[SiteList, ...] = ()
    files: Mapping[str, StaticFile] = field(default_factory=dict)
    articles: tuple[Article, ...] = ()
    traps: tuple[Trap, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def url(self, path: str, port: int) -> str:
        """The absolute URL of a path (and query). Letters outside ASCII are percent-encoded. `//host/path` is on
        another site."""
        if path.startswith("//"):
            host, _, rest = path[2:].partition("/")
            return f"http://{host}:{port}/{quote(rest, safe='/?&=%')}"
        return f"http://{self.host}:{port}{quote(path, safe='/?&=%')}"


VARIANT_PATHS: Mapping[Variant, str] = {
    "canonical": "{path}",
    "utm": "{path}?utm_source=rss&utm_medium=feed",
    "amp": "/amp{path}",
    "print": "/print{path}",
}


def variant_path(path: str, variant: Variant) -> str:
    """The address of a variant of the article at `path`."""
    return VARIANT_PATHS[variant].format(path=path)
