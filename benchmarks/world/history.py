"""What happens to each article of a site from look to look: the truth against which an archive is held."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import get_args

from benchmarks.world.prose import EditKind, Story, edit, possible, write
from benchmarks.world.site import UNSIGNED, Site

START = datetime(2026, 11, 10, 6, 0, tzinfo=UTC)
AFTER = (timedelta(0), timedelta(hours=5), timedelta(days=1, hours=2), timedelta(days=3, hours=7), timedelta(days=9))
"""The first looks after the start; each further one comes a week later."""
OLD, NEW = 8, 1
"""Articles that a site has at the first look, and those that it publishes before each later one."""
EDITED = 0.08
"""Share of an article's looks before which it was edited."""
SITE_WIDE = {
    "consent": 14, "blocked": 10, "maintenance": 12, "login": 10, "consent-redirect": 10, "unavailable": 6, "empty": 4, "wall": 8, "challenge": 6,
}  # fmt: skip
"""Weights of what a site shows in the place of all or many of its articles for one look."""
DISTURBED = 0.09
"""Share of a site's looks at which it does so."""
ENDS = {"gone": 20, "not-found": 20, "soft-404": 25, "to-home": 15, "to-section": 15, "legal": 5}
"""Weights of how articles are taken down."""
TAKEN_DOWN, MOVED = 0.012, 0.006
"""Share of an article's looks before which it is taken down, or moved to another address."""
WORDS = ("talks", "border", "grain", "visa", "envoy", "accord", "river", "cable", "quota", "council")


@dataclass(frozen=True, slots=True)
class State:
    """What an article's address shows at one look."""

    shows: str
    """`article`, `unborn`, or the kind of page in its place."""
    version: int
    path: str
    """The address under which the site names the article now."""


@dataclass(frozen=True, slots=True)
class Life:
    """One article."""

    number: int
    published: datetime
    """UTC, a whole minute."""
    versions: tuple[Story, ...]
    edits: tuple[EditKind | None, ...]
    """What made each version; None for the first."""
    edited_at: tuple[datetime, ...]
    """When each version was published."""
    states: tuple[State, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Every address that it ever had."""
        return tuple(dict.fromkeys(state.path for state in self.states))


def look_time(look: int) -> datetime:
    """When look number `look` (from 0) happens."""
    if look < len(AFTER):
        return START + AFTER[look]
    return START + AFTER[-1] + timedelta(weeks=look - len(AFTER) + 1)


def make_lives(seed: int, site: Site, looks: int) -> list[Life]:
    """The articles of a site, in the order of their numbers."""
    disturbed = _disturbances(random.Random(f"{seed}/{site.number}/disturbed"), looks)
    lives: list[Life] = []
    titles: set[str] = set()
    for number in range(OLD + NEW * (looks - 1)):
        rng = random.Random(f"{seed}/{site.number}/{number}")
        life = _life(rng, site, number, looks, disturbed, titles)
        titles |= {story.title for story in life.versions}
        lives.append(life)
    return lives


def _disturbances(rng: random.Random, looks: int) -> list[tuple[str, float]]:
    """For each look what the site shows instead of articles, and on what share of them."""
    kinds, weights = list(SITE_WIDE), list(SITE_WIDE.values())
    return [
        (rng.choices(kinds, weights)[0], rng.choice((1.0, 1.0, 0.4))) if rng.random() < DISTURBED else ("", 0.0)
        for _ in range(looks)
    ]


def _life(
    rng: random.Random, site: Site, number: int, looks: int, disturbed: Sequence[tuple[str, float]], titles: set[str]
) -> Life:
    born = max(0, number - OLD + 1)
    story = write(site.language, rng, signed=site.layout not in UNSIGNED)
    while story.title in titles:
        story = write(site.language, rng, signed=site.layout not in UNSIGNED)
    published = _published(rng, born)
    edits: list[EditKind | None] = [None]
    states: list[State] = []
    versions, edited_at = [story], [published]
    path, shows = _path(rng, site, number, published), "article"
    for look in range(looks):
        if look < born:
            states.append(State("unborn", 0, path))
            continue
        if look > born and shows == "article":
            shows = _end(rng)
            if rng.random() < MOVED:
                path = _path(rng, site, number + 500, published)
            kind = _edit_kind(rng, versions[-1], edits, looks - look)
            if kind is not None:
                versions.append(edit(versions[-1], kind, site.language, rng))
                edits.append(kind)
                edited_at.append(look_time(look) - timedelta(minutes=rng.randint(5, 55)))
        other, share = disturbed[look]
        hidden = other and rng.random() < share and shows == "article"
        states.append(State(other if hidden else shows, len(versions) - 1, path))
    return Life(number, published, tuple(versions), tuple(edits), tuple(edited_at), tuple(states))


def _published(rng: random.Random, born: int) -> datetime:
    if born == 0:
        return START - timedelta(minutes=rng.randint(30, 4 * 24 * 60))
    between = int((look_time(born) - look_time(born - 1)) / timedelta(minutes=1))
    return look_time(born) - timedelta(minutes=rng.randint(10, between - 10))


def _path(rng: random.Random, site: Site, number: int, published: datetime) -> str:
    slug = "-".join(rng.sample(WORDS, 3))
    code = 20_000 + site.number * 1_000 + number
    return (
        f"/{published:%Y/%m/%d}/{slug}-{code}/",
        f"/news/{code}",
        f"/world/{slug}-{code}.html",
        f"/article/{slug}?id={code}",
    )[site.path_form]


def _end(rng: random.Random) -> str:
    return rng.choices(list(ENDS), list(ENDS.values()))[0] if rng.random() < TAKEN_DOWN else "article"


def _edit_kind(rng: random.Random, story: Story, before: Sequence[str | None], looks_left: int) -> EditKind | None:
    """What the newsroom edits before a look. Nothing follows a retraction, which happens while another look is to come."""
    if rng.random() >= EDITED or "retraction" in before:
        return None
    kinds: list[EditKind] = [kind for kind in get_args(EditKind) if possible(story, kind) and kind not in before]
    weights = [(0.4 if looks_left > 1 else 0.0) if kind == "retraction" else 1.0 for kind in kinds]
    return rng.choices(kinds, weights)[0]
