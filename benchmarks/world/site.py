"""One made-up news site: its language, its layout, and its habits, all drawn at random from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo

from benchmarks.world.languages import Language, languages

LAYOUTS = (
    "wordpress", "next", "data-only", "arc", "wire", "tables", "ministry", "tabloid", "blog", "sections", "divs", "microdata",
)  # fmt: skip
UNSIGNED = frozenset({"ministry"})
"""Layouts of publishers that print no byline."""
BARE = frozenset({"wire", "tables", "ministry"})
"""Layouts of old systems, most of which write no data for machines."""
Canonical = Literal["own", "none", "home", "one-for-all", "another", "with-query", "relative"]
Zone = Literal["right", "local-as-z", "naive"]
"""How metadata write a time: rightly, as the local time marked `Z`, or as the local time without a zone."""
JsonLd = Literal[
    "none",
    "plain",
    "graph",
    "list",
    "comments",
    "trailing-commas",
    "epoch",
    "nested-authors",
    "given-family",
    "quotes",
    "two",
]
Dress = Literal["plain", "opaque", "named"]
"""The markup of a site's line: a paragraph like any other, a box whose class means nothing, a box whose class tells what it is."""
Place = Literal["header", "under-title", "top", "middle", "end", "aside"]
"""`top`, `middle` and `end` lie inside the box of the article's text."""
LineKind = Literal[
    "views", "comments", "shares", "ago", "free", "today", "ticker", "newsletter", "support", "related", "read-also",
    "advertisement", "reading", "tags", "most-read", "share",
]  # fmt: skip
DataForm = Literal["next-data", "flight", "fusion", "state", "article-body"]
_KINDS: dict[LineKind, tuple[Place, ...]] = {
    "views": ("under-title", "top", "end"),
    "comments": ("under-title", "end"),
    "shares": ("under-title", "top", "end"),
    "ago": ("under-title", "top"),
    "free": ("top", "middle", "end"),
    "today": ("header", "top"),
    "ticker": ("header", "top", "end"),
    "newsletter": ("middle", "end"),
    "support": ("middle", "end"),
    "related": ("middle", "end", "aside"),
    "read-also": ("middle",),
    "advertisement": ("middle", "end", "aside"),
    "reading": ("under-title", "top"),
    "tags": ("end",),
    "most-read": ("aside",),
    "share": ("under-title", "end"),
}
"""Where sites print such a line."""


@dataclass(frozen=True, slots=True)
class SiteLine:
    """A line that the site's system prints on each of its pages."""

    kind: LineKind
    place: Place
    dress: Dress


@dataclass(frozen=True, slots=True)
class Bar:
    """The line under the headline."""

    order: tuple[str, ...]
    """Of `date`, `author` and `counter`."""
    separator: str
    dress: Dress
    in_one: bool
    """All in one element, instead of an element for each part."""
    by_word: bool
    """The name has the language's "by" before it."""
    time_element: bool
    minutes: bool
    """It shows the minute and not only the day."""
    labelled: bool
    """The date has a "published" before it."""
    shows_updates: bool
    counter: LineKind
    zone: str | None
    """`letters` or `offset` if the zone stands behind the time."""
    style: int
    """Which of the language's forms of a date."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site and its habits."""

    number: int
    name: str
    host: str
    port: int
    language: Language
    layout: str
    zone: str
    bar: Bar
    lines: tuple[SiteLine, ...]
    canonical: Canonical
    metadata_zone: Zone
    json_ld: JsonLd
    names_authors: bool
    """Its metadata name the authors; if not, they name the publisher."""
    social: bool
    """OpenGraph elements."""
    own_digits: bool
    own_calendar: bool
    re_saved: bool
    """Its system writes a new time of change at every look, although nothing was edited."""
    etags: bool
    dated_feed: bool
    path_form: int
    data_form: DataForm
    repeats_boxes: bool
    """What stands between paragraphs stands there again and again."""
    endless: bool
    """The next article follows below the article, as far as one scrolls."""

    @property
    def id(self) -> str:
        return self.host.split(".")[0]

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    def local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self.zone))

    def claimed(self, at: datetime) -> str:
        """A time as the site's metadata write it (ISO 8601)."""
        local = self.local(at).replace(microsecond=0)
        match self.metadata_zone:
            case "right":
                # An offset as a number: newsrooms' systems do not write names of zones.
                return local.astimezone(timezone(local.utcoffset() or timedelta(0))).isoformat()
            case "local-as-z":
                return local.replace(tzinfo=None).isoformat() + "Z"
            case "naive":
                return local.replace(tzinfo=None).isoformat()

    @property
    def tells_authors(self) -> bool:
        """Return whether a reader of its pages can know who wrote an article."""
        return self.names_authors or self.layout != "data-only" or self.data_form != "article-body"

    @property
    def tells_minutes(self) -> bool:
        """Return whether a reader of its pages can know the minute of publication."""
        if self.layout == "data-only":  # no bar shows the true zone of a time that is marked wrongly
            return self.metadata_zone != "local-as-z"
        written = self.json_ld != "none" or self.social or self.bar.time_element or self.layout == "microdata"
        return self.bar.minutes or written


def make_site(seed: int, number: int, port: int) -> Site:
    """Site `number` of the world of this seed. Layouts and languages take turns, so that each meets each."""
    rng = random.Random(f"{seed}/site/{number}")
    every = languages()
    layout = LAYOUTS[number % len(LAYOUTS)]
    language = every[(number + number // len(LAYOUTS) * 5) % len(every)]
    bare = layout in BARE and rng.random() < 0.8
    zones: tuple[Zone, ...] = ("right", "local-as-z", "naive")
    metadata_zone = rng.choices(zones, (78, 12, 10))[0]
    return Site(
        number=number,
        name=rng.choice(language.papers),
        host=f"{language.code}-{layout}-{number}.example",
        port=port,
        language=language,
        layout=layout,
        zone=rng.choice(language.zones),
        bar=_bar(rng, layout, shows_zone=metadata_zone == "local-as-z"),
        lines=_lines(rng, layout),
        canonical=rng.choices(
            ("own", "none", "home", "one-for-all", "another", "with-query", "relative"), (66, 10, 6, 4, 5, 5, 4)
        )[0],
        metadata_zone=metadata_zone,
        json_ld="none" if bare else _json_ld(rng),
        names_authors=rng.random() < 0.75,
        social=not bare and rng.random() < 0.85,
        own_digits=language.digits is not None and rng.random() < 0.5,
        own_calendar=language.calendar != "gregorian" and rng.random() < 0.7,
        re_saved=rng.random() < 0.1,
        etags=rng.random() < 0.15,
        dated_feed=rng.random() < 0.75,
        path_form=rng.randrange(4),
        data_form=rng.choice(("next-data", "flight", "fusion", "state", "article-body")),
        repeats_boxes=rng.random() < (0.7 if layout == "tabloid" else 0.15),
        endless=rng.random() < 0.08,
    )


def _json_ld(rng: random.Random) -> JsonLd:
    forms: tuple[JsonLd, ...] = (
        "plain", "graph", "list", "comments", "trailing-commas", "epoch", "nested-authors", "given-family", "quotes", "two", "none",
    )  # fmt: skip
    return rng.choices(forms, (30, 14, 6, 4, 5, 4, 6, 4, 4, 5, 18))[0]


def _bar(rng: random.Random, layout: str, *, shows_zone: bool) -> Bar:
    parts = ["date"]
    if layout not in UNSIGNED:
        parts.append("author")
    if rng.random() < 0.55:
        parts.append("counter")
    rng.shuffle(parts)
    minutes = shows_zone or rng.random() < 0.75
    counters: tuple[LineKind, ...] = ("views", "comments", "reading", "ago", "shares")
    return Bar(
        order=tuple(parts),
        separator=rng.choice((" | ", " · ", " / ", " – ", " • ")),
        dress=rng.choices(("plain", "opaque", "named"), (25, 40, 35))[0],
        in_one=rng.random() < 0.4,
        by_word=rng.random() < 0.5,
        time_element=rng.random() < 0.3,
        minutes=minutes,
        labelled=rng.random() < 0.35,
        shows_updates=rng.random() < 0.4,
        counter=rng.choice(counters),
        zone=rng.choice(("letters", "offset")) if minutes and (shows_zone or rng.random() < 0.15) else None,
        style=rng.randrange(6),
    )


def _lines(rng: random.Random, layout: str) -> tuple[SiteLine, ...]:
    kinds = rng.sample(list(_KINDS), rng.randint(3, 7) + (3 if layout == "tabloid" else 0))
    return tuple(
        SiteLine(kind, rng.choice(_KINDS[kind]), rng.choices(("plain", "opaque", "named"), (30, 35, 35))[0])
        for kind in kinds
    )
