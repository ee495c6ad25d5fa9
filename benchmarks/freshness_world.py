"""A made world for `freshness.py`: sites that publish with a rhythm, and articles that are edited and taken down.

Drawn from published figures, by other distributions than the policies assume, and without importing them. Times are
seconds since the simulation's start, Monday 00:00 UTC.

Publishing: three kinds of site (news, government, institute) with log-normal volumes, a working day in a zone of their own, weaker weekends,
batches, days that differ, bursts of news, silent holidays, outages; feeds that keep 10 to 1,000 items, some without dates,
some with a `ttl`.

Editing: 20-60 % of a news site's articles are edited (Flemish online news), fewer at the others. Of the edited ones some 80 % once or
twice, 15 % three to nine times, 5 % more often (the same study); first edits fall log-normally around the first
hour, a fifth much later, so that about 82 % of a week's changes fall in the first day (Global Difference Graph);
1.64 % are deleted within a week, 0.71 % within a day (the same). Edits to the headline alone count as versions too.
"""

from __future__ import annotations

import bisect
import math
import random
from dataclasses import dataclass, field

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
WEEK = 7 * DAY
PAST_DAYS = (14, 400)
"""Sites published before the simulation began, at least and at most so long, to fill their feeds."""


@dataclass(frozen=True)
class Site:
    """One site with one feed. `published`: sorted times, those before 0 fill its window when it is first polled."""

    number: int
    kind: str
    per_day: float
    window: int
    dated: bool
    ttl: float
    """Seconds that the feed asks to leave between polls; 0: does not ask."""
    hints: bool
    """Whether the feed's `updated` tells of edits."""
    edited: float
    """Share of its articles that are edited at all."""
    outages: tuple[tuple[float, float], ...]
    published: list[float] = field(repr=False)

    def down(self, at: float) -> bool:
        return any(start <= at < end for start, end in self.outages)


@dataclass(frozen=True)
class Life:
    """One article: when it was published, edited and taken down (infinity: never)."""

    site: int
    published: float
    edits: tuple[float, ...]
    deleted: float

    @property
    def versions(self) -> list[tuple[float, float]]:
        """(from, to) of each version, in turn."""
        starts = [self.published, *self.edits]
        ends = [*self.edits, math.inf]
        return [(start, min(end, self.deleted)) for start, end in zip(starts, ends, strict=True)]


def make_sites(count: int, days: float, rng: random.Random) -> list[Site]:
    return [_site(number, days, random.Random(rng.getrandbits(64))) for number in range(count)]


def make_life(site: Site, published: float, rng: random.Random) -> Life:
    edits = _edits(rng) if rng.random() < site.edited else []
    chance = rng.random()
    if chance < 0.0071:
        gone = published + DAY * rng.random() ** 1.5
    elif chance < 0.0164:
        gone = published + DAY + 6 * DAY * rng.random()
    elif chance < 0.0164 + 0.005:
        gone = published + WEEK + 53 * DAY * rng.random()
    else:
        gone = math.inf
    return Life(site.number, published, tuple(published + after for after in edits if published + after < gone), gone)


def _site(number: int, days: float, rng: random.Random) -> Site:
    kind = rng.choices(("news", "government", "institute"), (0.45, 0.35, 0.20))[0]
    middle, spread = {"news": (45.0, 0.9), "government": (2.5, 1.0), "institute": (0.7, 0.9)}[kind]
    per_day = min(600.0, middle * math.exp(rng.gauss(0, spread)))
    window = rng.choice((10, 10, 15, 20, 20, 25, 30, 50, 50, 100, 200, 1000))
    window = min(1000, max(window, 10 * math.ceil(per_day * rng.uniform(0.1, 0.5) / 10)))
    share = {"news": (0.2, 0.6), "government": (0.05, 0.2), "institute": (0.05, 0.25)}[kind]
    return Site(
        number=number,
        kind=kind,
        per_day=per_day,
        window=window,
        dated=rng.random() < 0.93,
        ttl=rng.choice((15, 30, 60)) * MINUTE if rng.random() < 0.12 else 0.0,
        hints=rng.random() < 0.15,
        edited=rng.uniform(*share),
        outages=tuple(_outages(days, rng)),
        published=_publications(kind, per_day, window, days, rng),
    )


def _publications(kind: str, per_day: float, window: int, days: float, rng: random.Random) -> list[float]:
    zone = rng.choice((-8, -5, -5, -3, 0, 0, 1, 1, 1, 2, 3, 3, 5.5, 7, 8, 9, 9))
    hours = _working_day(kind, rng)
    weekend = rng.uniform(0.3, 0.9) if kind == "news" else rng.uniform(0.0, 0.25)
    batch = rng.uniform(1.0, 1.5) if kind == "news" else rng.uniform(1.0, 2.5)
    restless = rng.uniform(0.1, 0.5)
    holidays = [(start := rng.uniform(0, days) * DAY, start + rng.uniform(2, 10) * DAY)] if rng.random() < 0.05 else []
    weekly = (5 + 2 * weekend) / 7
    past = math.ceil(min(max(PAST_DAYS[0], 1.5 * window / per_day), PAST_DAYS[1]))
    made: list[float] = []
    for day in range(-past, math.ceil(days) + 1):
        level = math.exp(rng.gauss(-restless * restless / 2, restless)) / weekly
        level *= weekend if day % 7 >= 5 else 1.0
        burst = rng.randrange(24) if kind == "news" and rng.random() < 0.15 else None
        for hour in range(24):
            rate = per_day * level * hours[hour] * (3.0 if burst is not None and burst <= hour < burst + 2 else 1.0)
            start = (day * 24 + hour - zone) * HOUR
            for _ in range(_poisson(rate / batch, rng)):
                at = start + rng.random() * HOUR
                if any(first <= at < last for first, last in holidays):
                    continue
                size = 1 if batch == 1 else min(12, 1 + int(math.log(1 - rng.random()) / math.log(1 - 1 / batch)))
                made += [at + 5 * index for index in range(size)]
    return sorted(at for at in made if at < days * DAY)


def _working_day(kind: str, rng: random.Random) -> list[float]:
    """Shares of a day's items by local hour."""
    centre = rng.uniform(10, 15)
    width = rng.uniform(3.5, 6.0) if kind == "news" else rng.uniform(1.5, 3.5)
    floor = rng.uniform(0.05, 0.3) if kind == "news" else rng.uniform(0.0, 0.04)
    shape = [floor + math.exp(-(((hour - centre + 12) % 24 - 12) ** 2) / (2 * width * width)) for hour in range(24)]
    if kind == "news":  # the evening edition
        peak = rng.randrange(17, 23)
        shape[peak] += rng.uniform(0, 0.8)
    total = sum(shape)
    return [value / total for value in shape]


def _outages(days: float, rng: random.Random) -> list[tuple[float, float]]:
    count = _poisson(days / 30, rng)
    return [(start := rng.uniform(0, days) * DAY, start + rng.expovariate(1 / (1.5 * HOUR))) for _ in range(count)]


def _edits(rng: random.Random) -> list[float]:
    """Times after publication of an edited article's edits."""
    chance = rng.random()
    if chance < 0.80:  # a correction or two
        late = rng.random() < 0.28
        at = _lognormal(3 * DAY, 1.0, rng) if late else _lognormal(50 * MINUTE, 1.4, rng)
        times = [at]
        if rng.random() < 0.2:
            times.append(at + _lognormal(45 * MINUTE, 1.5, rng))
        return times
    if chance < 0.95:  # a developing story
        times = [_lognormal(35 * MINUTE, 0.9, rng)]
        for _ in range(min(8, 2 + int(rng.expovariate(0.6)))):
            times.append(times[-1] + _lognormal(40 * MINUTE, 1.1, rng))
        return times
    times = [_lognormal(20 * MINUTE, 0.7, rng)]  # a live page
    for _ in range(9 + int(rng.expovariate(0.25))):
        times.append(times[-1] + _lognormal(18 * MINUTE, 0.8, rng))
    return times


def _lognormal(median: float, sigma: float, rng: random.Random) -> float:
    return median * math.exp(rng.gauss(0, sigma))


def _poisson(mean: float, rng: random.Random) -> int:
    if mean <= 0:
        return 0
    count, left = 0, rng.expovariate(1)
    while left < mean:
        count += 1
        left += rng.expovariate(1)
    return count


def published_between(site: Site, start: float, end: float) -> list[float]:
    """Publications in [start, end)."""
    return site.published[bisect.bisect_left(site.published, start) : bisect.bisect_left(site.published, end)]
