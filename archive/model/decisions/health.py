"""The health of a source: which alarms its facts raise. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Literal, get_args

AlarmKind = Literal[
    "silent", "flooding", "undated", "backwards", "short-bodies", "fields-vanished", "blocked", "failing"
]
"""silent: nothing new for three times its usual gap, or fewer items than the registry expects; flooding: more than it
expects; undated: articles without a date; backwards: a channel shows only items older than before; short-bodies: texts much
shorter than before; fields-vanished: a field that pages had is not found any more, or the site's template fits no more;
blocked: refusals and challenges in place of pages; failing: polls fail in a row."""
KINDS: tuple[AlarmKind, ...] = get_args(AlarmKind)

FIELDS = ("title", "lead", "authors", "published_at", "body")
"""What pages of a source usually print, or never."""

GAPS = 3.0
"""A source is silent after so many of its usual gaps, …"""
SHORTEST_SILENCE = timedelta(hours=6)
"""… at least this long, …"""
AWAITED = 3.0
"""… in which its rhythm lets expect so many items: a night or a weekend is no silence."""

RECENT = 20
"""The newest articles, which are held against …"""
BEFORE = 100
"""… so many before them."""
LEAST_BEFORE = 30

UNDATED, DATED_AGAIN = 0.5, 0.3
"""Share of the recent articles without a date."""
SHORT, LONG_AGAIN = 0.4, 0.6
"""Median length of the recent texts, as a share of that before."""
SHORTEST_TEXT = 400
"""Characters: where texts were always shorter (bulletins, captions) nothing collapses."""
COMMON, FOUND_AGAIN = 0.6, 0.2
"""Share of the articles before that had a field; share of the recent ones with which it is back."""
BACK, FORTH = timedelta(days=1), timedelta(hours=1)
"""How far a channel's newest item lies behind the newest that it ever showed."""
BLOCKED, FREE_AGAIN = 0.3, 0.1
"""Share of the looks of a day that were refused."""
LEAST_BLOCKED = 5
FAILURES = 3
_REDESIGN = "layout changed"
"""How the words begin that tell of a retired template (see crawler/engine/site_learning.py)."""


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """A channel as its last polls left it. `failures` is the number of failures in a row, for the reason `detail`."""

    key: str
    answered_at: datetime | None
    failures: int = 0
    detail: str | None = None
    newest_at: datetime | None = None
    latest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """An article's text as last seen: its length in characters, which of `FIELDS` it has, and which of them the registry's
    selectors found.
    """

    length: int
    there: tuple[bool, ...]
    selected: tuple[bool, ...] = (False,) * len(FIELDS)


@dataclass(frozen=True, slots=True)
class DayFacts:
    """A day that is over, in the source's zone."""

    day: str
    found: int
    polls: int


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is known of a source that should be polled.

    `found_at` is the time at which a channel last showed something never seen before, else the time at which the source was
    added. `usual_gap` and `awaited` come from its learnt rhythm: the mean time between items, and the number of items to be
    expected from `found_at` until its last usable answer. `per_day` is what the registry expects. `articles` has the newest
    first. It is None if they were not read this time. `open` has the detail of each alarm that is open.
    """

    channels: tuple[ChannelFacts, ...] = ()
    found_at: datetime | None = None
    usual_gap: timedelta | None = None
    awaited: float = 0.0
    per_day: tuple[int, int] | None = None
    yesterday: DayFacts | None = None
    looks: int = 0
    blocked: int = 0
    articles: Sequence[ArticleFacts] | None = None
    redesign: str | None = None
    """What was seen when the learnt template was retired lately; None where none was, or another one is learnt."""
    open: Mapping[str, str] = field(default_factory=dict)

    @property
    def answered_at(self) -> datetime | None:
        """The time of the last usable answer of any channel. None means that there was none."""
        return max((c.answered_at for c in self.channels if c.answered_at), default=None)

    @property
    def silence(self) -> timedelta | None:
        """The time during which nothing new came while somebody looked. None means that nobody looked."""
        if self.answered_at is None or self.found_at is None:
            return None
        return max(timedelta(0), self.answered_at - self.found_at)


def is_long(silence: timedelta | None, usual_gap: timedelta | None) -> bool:
    """Return whether a silence is so long that the rhythm should be asked what was to be expected."""
    return silence is not None and usual_gap is not None and silence > max(SHORTEST_SILENCE, GAPS * usual_gap)


def assess_source(facts: SourceFacts, now: datetime) -> list[tuple[AlarmKind, str]]:
    """The alarms that the facts raise, each kind once, with a few words for people. `now` dates nothing newer than itself."""
    found: list[tuple[AlarmKind, str]] = []
    for kind, judgement in _JUDGEMENTS.items():
        details = list(judgement(facts, now))
        if details:
            found.append((kind, "; ".join(details)))
    return found


def _silent(facts: SourceFacts, now: datetime) -> Iterator[str]:
    if is_long(facts.silence, facts.usual_gap) and facts.awaited >= AWAITED:
        assert facts.found_at is not None and facts.usual_gap is not None
        yield f"nothing new since {_minute(facts.found_at)}; usually something every {_length(facts.usual_gap)}"
    day = facts.yesterday
    if facts.per_day and day and day.polls and day.found < facts.per_day[0]:
        yield f"{_items(day.found)} on {day.day}; the registry expects at least {facts.per_day[0]} a day"


def _flooding(facts: SourceFacts, now: datetime) -> Iterator[str]:
    day = facts.yesterday
    if facts.per_day and day and day.found > facts.per_day[1]:
        yield f"{_items(day.found)} on {day.day}; the registry expects at most {facts.per_day[1]} a day"


def _undated(facts: SourceFacts, now: datetime) -> Iterator[str]:
    if facts.articles is None:
        yield from _as_before(facts, "undated")
        return
    recent = facts.articles[:RECENT]
    without = sum(not article.there[FIELDS.index("published_at")] for article in recent)
    if len(recent) >= RECENT and without >= len(recent) * (DATED_AGAIN if "undated" in facts.open else UNDATED):
        yield f"{without} of the last {len(recent)} articles have no date"


def _backwards(facts: SourceFacts, now: datetime) -> Iterator[str]:
    margin = FORTH if "backwards" in facts.open else BACK
    for channel in facts.channels:
        if channel.newest_at and channel.latest_at and min(channel.latest_at, now) - channel.newest_at > margin:
            yield (
                f"{channel.key}: its newest item is of {_minute(channel.newest_at)},"
                f" an earlier answer had one of {_minute(channel.latest_at)}"
            )


def _short_bodies(facts: SourceFacts, now: datetime) -> Iterator[str]:
    if facts.articles is None:
        yield from _as_before(facts, "short-bodies")
        return
    recent, before = _samples(facts.articles)
    if not recent:
        return
    was, became = median(a.length for a in before), median(a.length for a in recent)
    if was >= SHORTEST_TEXT and became < was * (LONG_AGAIN if "short-bodies" in facts.open else SHORT):
        yield f"the last {len(recent)} texts have {became:.0f} characters, the {len(before)} before had {was:.0f} (medians)"


def _fields_vanished(facts: SourceFacts, now: datetime) -> Iterator[str]:
    if facts.redesign:
        yield facts.redesign
    if facts.articles is None:
        yield from _as_before(facts, "fields-vanished", without=_REDESIGN)
        return
    recent, before = _samples(facts.articles)
    if not recent:
        return
    left = len(recent) * FOUND_AGAIN if "fields-vanished" in facts.open else 1
    for place, name in enumerate(FIELDS):
        had = sum(article.there[place] for article in before)
        if had >= len(before) * COMMON and sum(article.there[place] for article in recent) < left:
            yield f"{name}: none in the last {len(recent)} articles, {had} of the {len(before)} before had one"
            continue
        ours = sum(article.selected[place] for article in before)
        if ours >= len(before) * COMMON and sum(article.selected[place] for article in recent) < left:
            yield f"{name}: the registry's selector matched none of the last {len(recent)} articles"


def _blocked(facts: SourceFacts, now: datetime) -> Iterator[str]:
    if facts.blocked < LEAST_BLOCKED or not facts.looks:
        return
    if facts.blocked >= facts.looks * (FREE_AGAIN if "blocked" in facts.open else BLOCKED):
        yield f"{facts.blocked} of {facts.looks} looks within a day were refused"


def _failing(facts: SourceFacts, now: datetime) -> Iterator[str]:
    for channel in facts.channels:
        if channel.failures >= (1 if "failing" in facts.open else FAILURES):
            last = f"last answer {_minute(channel.answered_at)}" if channel.answered_at else "never answered"
            yield f"{channel.key}: {channel.failures} polls failed in a row: {channel.detail or 'no reason'}; {last}"


_JUDGEMENTS: Mapping[AlarmKind, Callable[[SourceFacts, datetime], Iterator[str]]] = {
    "silent": _silent,
    "flooding": _flooding,
    "undated": _undated,
    "backwards": _backwards,
    "short-bodies": _short_bodies,
    "fields-vanished": _fields_vanished,
    "blocked": _blocked,
    "failing": _failing,
}


def _as_before(facts: SourceFacts, kind: AlarmKind, *, without: str | None = None) -> Iterator[str]:
    """What stands open already; of its parts not those that begin with `without`."""
    parts = facts.open.get(kind, "").split("; ")
    if left := [part for part in parts if part and not (without and part.startswith(without))]:
        yield "; ".join(left)


def _samples(
    articles: Sequence[ArticleFacts],
) -> tuple[Sequence[ArticleFacts], Sequence[ArticleFacts]]:
    """The recent articles and those before; empty where there are too few to compare."""
    recent, before = articles[:RECENT], articles[RECENT : RECENT + BEFORE]
    return (recent, before) if len(before) >= LEAST_BEFORE else ((), ())


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _items(number: int) -> str:
    return f"{number} item{'' if number == 1 else 's'}"


def _length(length: timedelta) -> str:
    hours = length.total_seconds() / 3600
    if hours < 1.5:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} d"
