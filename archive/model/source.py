"""Sources: publishers' sites that we follow, as registry entries describe them."""

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

RENDERED_KINDS: tuple[ChannelKind, ...] = ("listing", "archive")
"""The channel kinds whose answers are pages, which a browser can show. The others are read as they are served."""


@dataclass(frozen=True, slots=True)
class Next:
    """How a list's next page is asked for, in one of four ways.

    - `css` alone: the link to it;
    - `css` with `pattern`: the first group, found in that element's `onclick` or `href`, fills `{page}`;
    - `{page}` counted from `first` in steps of `step`;
    - `cursor`: a JMESPath into a JSON answer; its value fills `{cursor}`, or is the address itself.

    The value is filled into `url`, which is relative to the list's address, and into the fields of `form`, which are sent by
    POST. A `url` of None means the list's address. The hidden fields of the form that the CSS `carry` selects are sent as well.
    """

    css: str | None = None
    pattern: str | None = None
    cursor: str | None = None
    url: str | None = None
    form: tuple[tuple[str, str], ...] = ()
    carry: str | None = None
    first: int = 2
    step: int = 1


@dataclass(frozen=True, slots=True)
class IdWalk:
    """A walk over sequential ids.

    It says where to begin while no id is known, the distance between two ids, and after how many misses in a row to stop.
    """

    start: int = 1
    step: int = 1
    misses: int = 20


CdxMatch = Literal["exact", "prefix", "host", "domain"]


@dataclass(frozen=True, slots=True)
class WebArchive:
    """A web archive with a CDX API: the Internet Archive's, or any pywb.

    `match` says which captures are meant, as in the API's `matchType`. `cdx` is the API's address. `replay` is the address in
    front of `<timestamp>id_/<url>`.
    """

    match: CdxMatch = "prefix"
    cdx: str = "https://web.archive.org/cdx/search/cdx"
    replay: str = "https://web.archive.org/web/"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to discover URLs of a source.

    `url` is the address as the registry gives it (for `archive` a template with `{date:…}`, for `ids` one with `{id}`, for
    `warc` a path). The options are CSS selectors, JMESPath for `json`:

    - `items`: what stands around one article in a list; `links`, `title` and `date` are searched inside it;
    - `pattern` and `view`: a regular expression whose first group, found in the link's `onclick` or `href` (`json`: in the
      value), fills `{id}` in the address template `view`;
    - `script`: for `json` inside a page, the CSS of the script element;
    - `base`: for `warc`, what stands before the relative paths of a list of files.
    """

    kind: ChannelKind
    url: str
    links: str | None = None
    next: Next | None = None
    items: str | None = None
    title: str | None = None
    date: str | None = None
    pattern: str | None = None
    view: str | None = None
    script: str | None = None
    ids: IdWalk | None = None
    web_archive: WebArchive | None = None
    base: str | None = None

    @property
    def key(self) -> str:
        """The identity of the channel within its source. It is permanent as long as the registry keeps the address."""
        return f"{self.kind}:{self.url}"


@dataclass(frozen=True, slots=True)
class UrlRules:
    """Which addresses of a source may be articles. An address passes if any `allow` matches, or there is none, and no `deny`
    does.
    """

    allow: tuple[re.Pattern[str], ...] = ()
    deny: tuple[re.Pattern[str], ...] = ()

    def admits(self, url: str) -> bool:
        """Return whether the address passes."""
        if any(rule.search(url) for rule in self.deny):
            return False
        return not self.allow or any(rule.search(url) for rule in self.allow)


@dataclass(frozen=True, slots=True)
class ListActions:
    """What the browser does with a rendered list before it is read, in this order.

    - `click`: CSS of what is clicked, once;
    - `scroll`: how many times the page is scrolled to its end;
    - `wait`: CSS of an element that must be there before the list is read.
    """

    click: str | None = None
    scroll: int = 0
    wait: str | None = None


NO_ACTIONS = ListActions()


@dataclass(frozen=True, slots=True)
class Selectors:
    """CSS selectors by which a registry entry overrides the generic extraction. All are optional."""

    title: str | None = None
    body: str | None = None
    remove: tuple[str, ...] = ()
    date: str | None = None
    authors: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher's site that we follow.

    `language` holds BCP 47 tags, most used first. `country` is ISO 3166-1 alpha-2. `timezone` is an IANA name. `delay` is in
    seconds between two requests to one host. None means the global default. `origin` says where the entry is (`file:line`), for
    messages.
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
    found: bool = False
    """`discover` is what autodiscovery found: the registry names no channel."""
    list_actions: ListActions = NO_ACTIONS
    """Used only where `render` is true."""
    origin: str = field(default="", compare=False)

    def delay_or(self, usual: float) -> float:
        """The seconds between two requests to one host of the source: `usual` where the entry names none."""
        return self.delay if self.delay is not None else usual

    @property
    def host(self) -> str:
        """The host name of the homepage, in lower case, without port."""
        return urlsplit(self.homepage).hostname or ""
