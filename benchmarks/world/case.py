"""One article of the world beside what the archive holds of it, and what is found when they are compared."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from benchmarks.world.causes import key
from benchmarks.world.history import Life, look_time
from benchmarks.world.layouts import render
from benchmarks.world.pieces import Page
from benchmarks.world.product import Held, Revision
from benchmarks.world.server import World
from benchmarks.world.site import Site


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the archive says wrongly, or does not say."""

    what: str
    why: str
    site: str
    layout: str
    language: str
    path: str
    look: int
    """From 0."""
    detail: str = ""


@dataclass
class Scores:
    """Counts and findings over a whole world."""

    looks: int = 0
    """Observations of articles of the world."""
    expected: Counter[str] = field(default_factory=Counter)
    """What a perfect archive has: edits by kind, articles, and pages whose text is looked at."""
    findings: list[Finding] = field(default_factory=list)
    authors: list[float] = field(default_factory=list)
    """F1 of each article's names."""
    minutes: list[bool] = field(default_factory=list)
    """Whether the minute of publication is right."""
    paragraphs: list[float] = field(default_factory=list)
    """Share of each text's paragraphs that is held."""

    def count(self, what: str) -> int:
        return sum(1 for finding in self.findings if finding.what == what)


@dataclass(frozen=True, slots=True)
class Case:
    """One article of the world with the archive's revisions of it, in the order of their captures."""

    world: World
    site: Site
    life: Life
    revisions: list[Revision]
    looks: int
    is_merged: bool
    """The archive files its address under another article."""

    @property
    def shown(self) -> list[int]:
        """The looks at which the article itself is shown."""
        return [look for look in range(self.looks) if self.shows(look) == "article"]

    def shows(self, look: int) -> str:
        return self.life.states[look].shows

    def version(self, look: int) -> int:
        return self.life.states[look].version

    def look_of(self, revision: Revision) -> int:
        return look_of(revision.captured_at, self.looks)

    def page(self, look: int) -> Page:
        """The page at a look, rendered."""
        page = self.world.page(self.site, self.life, look)
        render(page)
        return page

    def holds_another(self, revision: Revision) -> bool:
        """Return whether a revision has the headline of another article of the site, which this one never had."""
        own, found = {key(story.title) for story in self.life.versions}, key(revision.title)
        others = (life for life in self.world.lives[self.site.host] if life is not self.life)
        return found not in own and found in {key(story.title) for life in others for story in life.versions}

    def finding(self, what: str, why: str, look: int, detail: str = "") -> Finding:
        site, path = self.site, self.life.states[look].path
        return Finding(what, why, site.id, site.layout, site.language.code, path, look, detail)


def look_of(at: datetime, looks: int) -> int:
    """The look during which something was captured."""
    return bisect_right([look_time(look) for look in range(looks)], at) - 1


def layout_of(site: Site) -> str:
    """The layout, and what of its habits decides whether text is found or merged."""
    return (
        f"{site.layout} ({site.data_form})"
        if site.layout == "data-only"
        else f"{site.layout}, canonical {site.canonical}"
    )


def addressed(site: Site, life: Life, held: Held) -> set[str]:
    """The archive's articles that are known under an address of this one: two, if it moved and the archive keeps both."""
    return {article for path in life.paths for article in held.addresses.get((site.id, path), ())}


def owners(lives: list[Life], known: dict[int, set[str]], held: Held) -> dict[str, int]:
    """For each article of the archive the number of the site's article whose text it holds.

    Several of the site's articles may share its addresses (`known`: by number). Those that own none are merged.
    """
    owned: dict[str, int] = {}
    for article in sorted(set().union(*known.values())):
        claimants = [life for life in lives if article in known[life.number]]
        best = max(claimants, key=lambda life: (_likeness(held.revisions.get(article, []), life), -life.number))
        owned[article] = best.number
    return owned


def _likeness(revisions: list[Revision], life: Life) -> int:
    titles = {key(story.title) for story in life.versions}
    return sum(1 for revision in revisions if key(revision.title) in titles)


def revisions_of(held: Held, articles: list[str]) -> list[Revision]:
    """The revisions of these articles, in the order of their captures."""
    return sorted(
        (revision for article in articles for revision in held.revisions.get(article, [])),
        key=lambda revision: (revision.captured_at, revision.number),
    )
