"""What is true of every article at a time: the measure for what an archive holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from dateline.newsroom.model import Article, ChangeKind, Site, Text, TrapKind, Version, variant_path
from dateline.newsroom.state import feed_items, old_paths, path_at, presence, version_at

TruthStatus = Literal["live", "gone", "missing", "home"]


@dataclass(frozen=True, slots=True)
class CaptionTruth:
    """A caption as printed, its credit apart."""

    text: str
    credit: str
    image_url: str


@dataclass(frozen=True, slots=True)
class RevisionTruth:
    """One state of the text. `number` counts from 1. `changes` is empty for the first."""

    number: int
    since: datetime
    title: str
    lead: str | None
    body: tuple[str, ...]
    authors: tuple[str, ...]
    published: datetime
    modified: datetime | None
    captions: tuple[CaptionTruth, ...]
    changes: tuple[ChangeKind, ...]

    @property
    def comparable(self) -> tuple[object, ...]:
        """The values that make two states the same: everything but when they stood there and the time of
        modification."""
        return self.title, self.lead, self.body, self.authors, self.published, self.captions


@dataclass(frozen=True, slots=True)
class ArticleTruth:
    """An article as it is now (the last it said, if it is deleted) and all its states so far.

    `url` is its canonical address, `aliases` every other one that leads or led to it. `status` is how `url` answers: live, gone
    (410), missing (404), home (redirect to the front page). `withheld` and `forbidden` tell what an archive must not keep
    or fetch.
    """

    id: str
    site: str
    url: str
    aliases: tuple[str, ...]
    language: str
    status: TruthStatus
    title: str
    lead: str | None
    body: tuple[str, ...]
    authors: tuple[str, ...]
    published: datetime
    modified: datetime | None
    captions: tuple[CaptionTruth, ...]
    original_url: str | None
    withheld: str | None
    forbidden: bool
    moved_from: tuple[str, ...]
    states: tuple[RevisionTruth, ...]

    def revisions(self, looks: Iterable[datetime] | None = None) -> tuple[RevisionTruth, ...]:
        """The revisions that an archive must hold which looked at these times. None means that it saw every state.

        A -> B -> A makes three. From the second return on a state is flapping and makes none.
        """
        seen: list[RevisionTruth] = []
        for state in self._seen(looks):
            if seen and state.comparable == seen[-1].comparable:
                continue
            same = [s for s in seen if s.comparable == state.comparable]
            returned = len({s.comparable for s in seen}) < len(seen)
            if same and (len(same) > 1 or returned):
                continue
            seen.append(state)
        return tuple(seen)

    def _seen(self, looks: Iterable[datetime] | None) -> Sequence[RevisionTruth]:
        if looks is None:
            return self.states
        shown = (
            max((s for s in self.states if s.since <= look), key=lambda s: s.since, default=None) for look in looks
        )
        return [state for state in shown if state is not None]

    def as_dict(self) -> dict[str, Any]:
        """The article as plain values, for JSON. Times stay datetimes."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Trap:
    """A link of a feed that is no article of its site, and why."""

    site: str
    url: str
    kind: TrapKind


def articles_at(sites: Mapping[str, Site], now: datetime, port: int) -> list[ArticleTruth]:
    """The truth of all articles published by `now`, site by site, oldest first."""
    urls = {
        f"{site.id}/{article.id}": site.url(path_at(article, now), port)
        for site in sites.values()
        for article in site.articles
    }
    return [
        _truth(site, article, now, port, urls)
        for site in sites.values()
        for article in sorted(site.articles, key=lambda a: a.published)
        if article.published <= now
    ]


def traps_at(sites: Mapping[str, Site], now: datetime, port: int) -> list[Trap]:
    """The links in the feeds at `now` that are no articles."""
    return [
        Trap(site.id, site.url(trap.path, port), trap.kind)
        for site in sites.values()
        for trap in site.traps
        if trap.since <= now
    ]


def _captions(site: Site, text: Text, port: int) -> tuple[CaptionTruth, ...]:
    return tuple(CaptionTruth(p.caption, p.credit, site.url(p.path, port)) for p in text.pictures)


def _state(site: Site, number: int, version: Version, port: int) -> RevisionTruth:
    text = version.text
    return RevisionTruth(
        number=number,
        since=version.since,
        title=text.title,
        lead=text.lead,
        body=text.body,
        authors=text.authors,
        published=text.published,
        modified=text.modified,
        captions=_captions(site, text, port),
        changes=version.changes,
    )


def _truth(site: Site, article: Article, now: datetime, port: int, urls: Mapping[str, str]) -> ArticleTruth:
    current = version_at(article, now)
    answer = presence(article, now)
    assert current is not None, "the article is published"
    assert answer != "unpublished", "the article is published"
    text = current.text
    path = path_at(article, now)
    aliases = [
        variant_path(place, variant) for place in (path, *old_paths(article, now)) for variant in _variants(site)
    ]
    return ArticleTruth(
        id=f"{site.id}/{article.id}",
        site=site.id,
        url=site.url(path, port),
        aliases=tuple(site.url(alias, port) for alias in aliases if alias != path),
        language=site.language,
        status=answer,
        title=text.title,
        lead=text.lead,
        body=text.body,
        authors=text.authors,
        published=text.published,
        modified=text.modified,
        captions=_captions(site, text, port),
        original_url=urls[article.original] if article.original else None,
        withheld=article.withheld,
        forbidden=article.forbidden,
        moved_from=tuple(site.url(old, port) for old in old_paths(article, now)),
        states=tuple(
            _state(site, number, version, port)
            for number, version in enumerate(article.versions, 1)
            if version.since <= now
        ),
    )


def _variants(site: Site) -> tuple[Any, ...]:
    return ("canonical", *site.variants)


def listed(sites: Mapping[str, Site], now: datetime) -> set[str]:
    """Ids (`site/article`) of the articles that some feed lists at `now`."""
    return {
        f"{site.id}/{item.id}"
        for site in sites.values()
        for feed in site.feeds
        for item in feed_items(site, feed, now)
        if isinstance(item, Article)
    }
