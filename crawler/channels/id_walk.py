"""Channels of sequential ids: there is no list; the articles' own pages are asked for, some ids at a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import partial

from archive.frontier import links, walks
from archive.frontier.known_articles import channel_articles, known_article
from archive.frontier.links import RecordedLinks
from archive.model.article import Article
from archive.model.frontier import AnswerFacts, PendingLink
from archive.model.link import Link
from archive.model.period import Period
from archive.model.source import IdWalk
from archive.model.walk import PageFacts, WalkPage
from archive.writer.writer import Transaction
from crawler.channels.poll_end import end_poll, log_end
from crawler.discover.lists.ids import id_of, id_url, next_ids, window_ids
from crawler.discover.parsing.window import MARGIN
from crawler.engine.article_handler import walk_task
from crawler.engine.crawl import Crawl
from crawler.frontier.walk import MISSED, Walk

BATCH = 5
"""Ids asked at once: some are asked in vain where the last one is near."""
POLL_LIMIT = 100
"""Ids that one poll asks for."""


async def start_ids(crawl: Crawl, walk: Walk, page: WalkPage | None, waiting: Iterable[PendingLink] = ()) -> None:
    """Ask for the first ids.

    `page` is the row that keeps a backfill's walk open until all is asked. `waiting` are the links that an earlier job of it
    left.
    """
    await _load(crawl, walk)
    walk.link_ended = partial(_link_ended, crawl, walk, page)
    again = [link for link in waiting if not crawl.tasks_in_flight.has_link(link.pk)]
    walk.ids.outstanding = {n for link in again if (n := _id(walk, link.url)) is not None}
    for link in again:
        await crawl.offer(walk_task(crawl, walk, link))
    if not again:
        await _ask(crawl, walk, page)


async def _load(crawl: Crawl, walk: Walk) -> None:
    """Let the walk know which ids the archive has come across. The walk of a backfill has come across its articles, too."""
    with crawl.archive.reading() as session:
        found = channel_articles(session, walk.source.id, walk.channel.key)
        left_out = walks.left_out(session, walk.row.pk) if walk.row is not None else []
    walk.ids.known = {n: at.date() if at else None for url, at in found if (n := _id(walk, url)) is not None}
    walk.ids.missed = {n for url in left_out if (n := _id(walk, url)) is not None}
    if walk.row is not None:
        row, known = walk.row, _of_window(walk, [url for url, _ in found])
        await crawl.write(lambda tx: walks.record_links(tx, row, known))


async def _link_ended(
    crawl: Crawl, walk: Walk, page: WalkPage | None, link: PendingLink, article: Article | None
) -> None:
    """Note what an id led to, and ask for the next ones after the last of those that were asked for."""
    number = _id(walk, link.url)
    if number is None or number not in walk.ids.outstanding:
        return
    walk.ids.outstanding.discard(number)
    if article is None:
        walk.ids.missed.add(number)
    else:
        walk.ids.known[number] = article.published.at.date() if article.published else None
        walk.taken += 1
    if not walk.ids.outstanding:  # with the last one, and no other
        await _ask(crawl, walk, page)


def _of_window(walk: Walk, urls: Iterable[str]) -> list[Link]:
    """Those of these articles, which the archive has already, that lie in the window: the walk has come across them, too."""
    window = walk.goal.window
    assert window is not None, "a backfill has a window"
    days = walk.ids.known
    near = Period(window.first - MARGIN, window.last + MARGIN)
    ids = ((url, days.get(n)) for url in urls if (n := _id(walk, url)) is not None)
    return [Link(url) for url, day in ids if day is not None and near.first <= day <= near.last]


async def _ask(crawl: Crawl, walk: Walk, page: WalkPage | None) -> None:
    """Ask for the next ids, or end the walk."""
    while True:
        numbers = _next(walk)
        if not numbers:
            await _end(crawl, walk, page)
            return
        walk.ids.asked += len(numbers)
        addresses = {url: n for n in numbers if (url := id_url(walk.channel.url, n)) is not None}
        filed, captured = await crawl.write(lambda tx: _file(tx, walk, addresses))  # noqa: B023  # it is awaited
        fresh = [link for link in filed.new if not crawl.tasks_in_flight.has_link(link.pk)]
        crawl.report[walk.source.id].found += len(fresh)
        asked = {n for link in fresh if (n := _id(walk, link.url)) is not None}
        for n in set(numbers) - asked:  # known by other ways, or left out by the source's rules
            if n in captured:
                walk.ids.known[n] = None
            else:
                walk.ids.missed.add(n)
        walk.ids.outstanding = set(asked)
        for link in fresh:
            task = walk_task(crawl, walk, link)
            if crawl.admit(task):
                await crawl.offer(task)
        if asked:
            return


def _next(walk: Walk) -> tuple[int, ...]:
    ids, order = walk.ids, walk.channel.ids or IdWalk()
    if walk.goal.window is not None:
        return window_ids(order, ids.known, ids.missed, walk.goal.window, BATCH)
    return next_ids(order, ids.known, ids.missed, min(BATCH, POLL_LIMIT - ids.asked))


def _file(tx: Transaction, walk: Walk, addresses: dict[str, int]) -> tuple[RecordedLinks, set[int]]:
    """Store these ids as links to be fetched. Return them, and which of the ids are articles already."""
    source = walk.source
    wanted = [Link(url) for url in addresses if source.article_urls.admits(url)]
    unwanted = [(Link(url), "rule") for url in addresses if not source.article_urls.admits(url)]
    if walk.row is not None:
        filed = walks.record_links(tx, walk.row, wanted, unwanted)
    else:
        filed = links.record_links(tx, source.id, walk.channel.key, wanted, reopened={MISSED})
        links.record_excluded(tx, source.id, walk.channel.key, unwanted)
    captured = {n for url, n in addresses.items() if known_article(tx.session, source.id, url) is not None}
    return filed, captured


async def _end(crawl: Crawl, walk: Walk, page: WalkPage | None) -> None:
    now = crawl.clock()
    if walk.row is not None:
        if page is not None and page.pk is not None:
            pk, shown = page.pk, PageFacts(page.key, len(walk.ids.known), walk.taken)
            await crawl.write(lambda tx: walks.page_read(tx.session, pk, shown, now))
        return
    if walk.ids.known:
        walk.add(AnswerFacts(len(walk.ids.known), walk.taken, _newest(walk.ids.known.values())))
    else:
        walk.failed.append(f"{walk.channel.url}: no id leads to an article")
    await crawl.write(lambda tx: end_poll(tx, walk, now))
    log_end(crawl.events, walk)
    report = crawl.report[walk.source.id]
    report.polls += 1
    report.polls_failed += not walk.read
    report.polls_unchanged += bool(walk.read) and not walk.taken


def _newest(days: Iterable[date | None]) -> datetime | None:
    newest = max((day for day in days if day is not None), default=None)
    return datetime.combine(newest, time(), UTC) if newest else None


def _id(walk: Walk, url: str) -> int | None:
    return id_of(walk.channel.url, url)
