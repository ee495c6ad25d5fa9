"""Which child sitemaps to ask: pure policy (what an index names, what was asked before, now) -> plan.

A poll wants what is new and asks few; a backfill wants all that can hold its window, and believes names only: `lastmod`
lies too often to leave something out for ever because of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from archive.model.period import Period
from archive.model.text.urls import url_key
from crawler.discover.parsing.url_dates import period_in_name, year_only
from crawler.discover.sitemaps.model import ChildSitemap

RECENT = timedelta(days=3)
"""What a poll takes for new. News sitemaps keep articles for two days, and a date may be a day off."""
MARGIN = timedelta(days=1)
DEPTH_LIMIT = 5
"""Indexes below indexes; the protocol allows one level."""
POLL_LIMIT = 20
"""Children that one poll asks; at a few seconds between requests this is minutes."""
BACKFILL_LIMIT = 20_000

# What WordPress plugins, Drupal and others call the maps that never list articles.
_NO_ARTICLES = re.compile(
    r"(?:^|[/_-])(?:post_tag|category|tags?|taxonomy|author|users?|product|product_cat|attachment|images?|videos?|pages?)"
    r"[-_]sitemap(?:[-_]?\d+)?\.xml|wp-sitemap-(?:taxonomies|users)-|(?:^|[/_-])sitemap[-_](?:images?|videos?|tags?|authors?|categor(?:y|ies))"
    r"(?:[-_]?\d+)?\.xml",
    re.IGNORECASE,
)
_Accept = Callable[[ChildSitemap], "str | None"]
_NEWS = re.compile(r"news|nouvelles|noticias|nachrichten|latest|recent", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Walked:
    """The state of a walk.

    `asked` are the addresses asked already (their `url_key`). `depth` is how deep the index at hand lies; the first has
    0. `left` is the number of requests that are left.
    """

    asked: Collection[str]
    depth: int
    left: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The children to ask, in this order, and the others with the reason: `loop`, `depth`, `no-articles`, `stale: …`,
    `outside-window: …`, `limit`."""

    ask: tuple[ChildSitemap, ...]
    passed: tuple[tuple[ChildSitemap, str], ...]


def plan_poll(children: Sequence[ChildSitemap], walked: Walked, now: datetime) -> Plan:
    """Choose the children that may name articles of the last days.

    A name that tells a period decides, else `lastmod`. Children without either are asked from both ends of the list,
    since some publishers add the new ones at the end and some at the start. Maps of news come first.
    """
    fresh = Period((now - RECENT).date(), (now + MARGIN).date())
    periods = _periods(children, now)

    def accept(child: ChildSitemap) -> str | None:
        period = periods[child.url]
        if period is not None:
            return None if period.meets(fresh) else f"stale: {period.first} to {period.last}"
        if child.modified_at is not None and child.modified_at < now - RECENT:
            return f"stale: {child.lastmod}"
        return None

    known, passed = _sifted(children, walked, accept)
    news = [child for child in known if _NEWS.search(urlsplit(child.url).path)]
    named = set(news)
    others = [child for child in known if child not in named]
    dated = [child for child in others if periods[child.url] or child.modified_at]
    dated.sort(key=lambda child: _newest(child, periods[child.url]), reverse=True)
    undated = _from_both_ends([child for child in others if not (periods[child.url] or child.modified_at)])
    return _limited([*news, *dated, *undated], passed, walked.left)


def plan_backfill(children: Sequence[ChildSitemap], walked: Walked, window: Period, now: datetime) -> Plan:
    """Choose all children that can hold an article of `window`, those whose names say so first."""
    periods = _periods(children, now)
    wide = Period(window.first - MARGIN, window.last + MARGIN)

    def accept(child: ChildSitemap) -> str | None:
        period = periods[child.url]
        return f"outside-window: {period.first} to {period.last}" if period and not period.meets(wide) else None

    known, passed = _sifted(children, walked, accept)
    return _limited(sorted(known, key=lambda child: periods[child.url] is None), passed, walked.left)


def _sifted(
    children: Sequence[ChildSitemap], walked: Walked, accept: _Accept
) -> tuple[list[ChildSitemap], list[tuple[ChildSitemap, str]]]:
    seen = set(walked.asked)
    known: list[ChildSitemap] = []
    passed: list[tuple[ChildSitemap, str]] = []
    for child in children:
        key = url_key(child.url)
        if key in seen:
            reason: str | None = "loop"
        elif walked.depth >= DEPTH_LIMIT:
            reason = "depth"
        elif _NO_ARTICLES.search(child.url):
            reason = "no-articles"
        else:
            reason = accept(child)
        seen.add(key)
        if reason is None:
            known.append(child)
        else:
            passed.append((child, reason))
    return known, passed


def _limited(order: list[ChildSitemap], passed: list[tuple[ChildSitemap, str]], left: int) -> Plan:
    left = max(0, left)
    return Plan(tuple(order[:left]), (*passed, *((child, "limit") for child in order[left:])))


def _periods(children: Sequence[ChildSitemap], now: datetime) -> dict[str, Period | None]:
    """What each name says. A lone number that looks like a year is one only if all its siblings look so, too."""
    shapes: dict[str, bool] = {}
    for child in children:
        for number in re.finditer(r"(?<!\d)\d+(?!\d)", child.url):
            shape = f"{child.url[: number.start()]}*{child.url[number.end() :]}"
            plausible = 1990 <= int(number[0][:9]) <= now.year + 1 and len(number[0]) == 4
            shapes[shape] = shapes.get(shape, True) and plausible
    found: dict[str, Period | None] = {}
    for child in children:
        lone = year_only(child.url)
        found[child.url] = None if lone is not None and not shapes.get(lone, True) else period_in_name(child.url)
    return found


def _newest(child: ChildSitemap, period: Period | None) -> date:
    changed = child.modified_at.date() if child.modified_at else date.min
    return max(changed, period.last if period else date.min)


def _from_both_ends(children: list[ChildSitemap]) -> list[ChildSitemap]:
    """Last, first, last but one, second …"""
    order: list[ChildSitemap] = []
    low, high = 0, len(children) - 1
    while low <= high:
        order.append(children[high])
        if low < high:
            order.append(children[low])
        low, high = low + 1, high - 1
    return order
