"""How a walk over a channel goes on: pure (what was asked, what the answer showed, window, now) -> what to ask next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from archive.model.days import zone_of
from archive.model.link import Link
from archive.model.period import Period
from archive.model.source import Channel, Source
from archive.model.text.urls import url_key
from archive.model.walk import PageFacts, WalkGoal, WalkPage
from crawler.discover.answer import Answer
from crawler.discover.lists.dated import dated_pages
from crawler.discover.lists.model import NextPage
from crawler.discover.lists.stop import stop, stop_poll
from crawler.discover.parsing.window import changed_day, published_day
from crawler.discover.sitemaps.children import BACKFILL_LIMIT, POLL_LIMIT, Walked, plan_backfill, plan_poll
from crawler.discover.sitemaps.model import ChildSitemap

LOOK_BACK = timedelta(days=7)
"""What a poll takes for new in lists that show everything: an article may enter them days after its date."""
DATED_BACK = timedelta(days=1)
"""Archive pages of the day before are asked for as well: they fill up until midnight, and beyond."""
FIRST_TAKE = 20
"""Articles that the first poll takes from a sitemap however old they are: as many as a feed would show."""
UNDATED_AT_ONCE = 100
"""A sitemap whose addresses bear no date and of which none was known is a part of the history, if it has more than so many."""


@dataclass(frozen=True, slots=True)
class Step:
    """The requests that follow from an answer, those left out with the reason, and why its list is not followed
    farther."""

    ask: tuple[WalkPage, ...] = ()
    passed: tuple[tuple[WalkPage, str], ...] = ()
    stopped: str | None = None


def first_pages(source: Source, channel: Channel, goal: WalkGoal, now: datetime) -> tuple[WalkPage, ...]:
    """Make the requests with which a walk begins. A poll of a dated archive asks for the days since the last one,
    newest first."""
    if channel.kind == "sitemap":
        return (_page(NextPage(channel.url), number=0),)
    if channel.kind != "archive":
        return (_page(NextPage(channel.url)),)
    window = goal.window or _days_to_poll(source, goal.since, now)
    pages = tuple(_page(NextPage(page.url)) for page in dated_pages(channel.url, window))
    return pages if goal.window else tuple(reversed(pages))


def next_step(
    page: WalkPage,
    answer: Answer,
    chain: Sequence[PageFacts],
    asked: Collection[str],
    goal: WalkGoal,
    now: datetime,
) -> Step:
    """Decide what follows from the answer to `page`.

    `chain` are the pages of its list in order, this one the last. `asked` are the keys of all requests of the walk.
    """
    if answer.children:
        return _children(page, answer.children, asked, goal, now)
    following = answer.following
    if goal.window is not None:
        reason = stop(chain, following, now, window=goal.window)
    else:
        reason = stop_poll(chain, following, now, since=goal.since, unfinished=goal.unfinished)
    if reason is not None or following is None:
        return Step(stopped=reason)
    if following.key in asked:
        return Step(stopped="loop")
    return Step((_page(following, chain=page.chain or page.key, number=page.number + 1),))


def history_of(
    links: Sequence[Link], known: Collection[str], goal: WalkGoal, now: datetime, *, taken: int = 0
) -> tuple[tuple[Link, str], ...]:
    """List the links of a sitemap that a poll leaves to a backfill, with the reason: `older: 2019-05-02`, `older: undated`.

    `known`: keys of addresses that were known before; `taken`: links that this poll has taken from other parts of the map.
    A sitemap shows all that there ever was.
    """
    new = [link for link in links if url_key(link.url) not in known]
    days = {link.url: published_day(link) or changed_day(link) for link in new}
    older = _older(days, goal, now)
    undated = [link.url for link in new if days[link.url] is None]
    if goal.since is None or (len(undated) > UNDATED_AT_ONCE and len(new) == len(links)):
        older |= dict.fromkeys(undated, "older: undated")
    if goal.since is None:
        room = FIRST_TAKE - taken - (len(new) - len(older))
        for url in _newest_first(older, days)[: max(0, room)]:
            del older[url]
    return tuple((link, older[link.url]) for link in new if link.url in older)


def _older(days: Mapping[str, date | None], goal: WalkGoal, now: datetime) -> dict[str, str]:
    """Return the addresses whose day is too long ago for a poll, each with the reason."""
    since = (now - LOOK_BACK if goal.since is None else min(now - LOOK_BACK, goal.since - DATED_BACK)).date()
    return {url: f"older: {day}" for url, day in days.items() if day is not None and day < since}


def _newest_first(older: Iterable[str], days: Mapping[str, date | None]) -> list[str]:
    """Sort addresses by their days, the newest first, and those without a day last. Equals keep their order."""
    return sorted(older, key=lambda url: days[url] or date.min, reverse=True)


def _days_to_poll(source: Source, since: datetime | None, now: datetime) -> Period:
    zone = zone_of(source.timezone)
    earliest = now - LOOK_BACK
    start = max(earliest, since) if since is not None else now
    return Period((start - DATED_BACK).astimezone(zone).date(), now.astimezone(zone).date())


def _children(
    page: WalkPage, children: Sequence[ChildSitemap], asked: Collection[str], goal: WalkGoal, now: datetime
) -> Step:
    if goal.window is not None:
        plan = plan_backfill(children, Walked(asked, page.number, BACKFILL_LIMIT - len(asked)), goal.window, now)
    else:
        plan = plan_poll(children, Walked(asked, page.number, POLL_LIMIT + 1 - len(asked)), now)

    def child(named: ChildSitemap) -> WalkPage:
        return _page(NextPage(named.url), number=page.number + 1)

    passed = tuple((child(named), reason) for named, reason in plan.passed if reason != "loop")
    return Step(tuple(child(named) for named in plan.ask), passed)


def _page(request: NextPage, *, chain: str = "", number: int = 1) -> WalkPage:
    return WalkPage(request.key, request.url, request.method, request.form, chain or request.key, number)
