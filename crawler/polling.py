"""A channel's answer: feed bytes -> links filed -> tasks offered."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archive import jobs, links
from archive.captures import store_capture
from archive.channels import ChannelMemory, Shown, remember_poll
from archive.known import KnownArticle
from archive.model.capture import Capture, Exchange, digest
from archive.model.content import ContentError
from archive.model.link import Link
from archive.model.source import Source
from archive.model.urls import same_site
from archive.writer import Transaction
from crawler.crawl import Crawl, article_task
from crawler.discover.feed import Feed, parse_feed
from crawler.extract.directives import combine, header_rights
from crawler.failures import Failure, of_status
from crawler.tasks import Task

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sorted:
    """The links of a feed: those that may be articles of the source, and the others with the reason."""

    wanted: tuple[Link, ...]
    unwanted: tuple[tuple[Link, str], ...]


def sort_links(source: Source, feed_url: str, found: tuple[Link, ...]) -> Sorted:
    """Apply the source's URL rules. Without an `allow` rule a link must stay on the site of the homepage or the feed:
    feeds of press mentions link to other publishers, whose articles are not this source's."""
    wanted, unwanted = [], []
    for link in found:
        if not source.article_urls.admits(link.url):
            unwanted.append((link, "rule"))
        elif not source.article_urls.allow and not (
            same_site(link.url, source.homepage) or same_site(link.url, feed_url)
        ):
            unwanted.append((link, "other-site"))
        else:
            wanted.append(link)
    return Sorted(tuple(wanted), tuple(unwanted))


async def take_feed(crawl: Crawl, task: Task, exchange: Exchange) -> None:
    """File what a feed's answer shows. The channel counts as polled in the transaction that files its links."""
    assert task.channel is not None, "a feed task polls a channel"
    key = (task.source.id, task.channel.key)
    memory = crawl.channels.get(key, ChannelMemory())
    now = crawl.clock()
    if exchange.status == 304:
        await _unchanged(crawl, task, memory, now, "not-modified")
        return
    if (failure := of_status(exchange.status)) is not None:
        await crawl.retry(task, failure, exchange)
        return
    if exchange.status != 200:
        await crawl.fail_poll(task, f"HTTP {exchange.status}")
        return
    try:
        body = crawl.decode(exchange)
    except ContentError as error:
        await crawl.give_up(task, Failure(error.reason))
        return
    memory = ChannelMemory(exchange.header("etag"), exchange.header("last-modified"), digest(body))
    if memory.body_digest == crawl.channels.get(key, ChannelMemory()).body_digest:
        await _unchanged(crawl, task, memory, now, "same-body")
        return
    feed = await asyncio.to_thread(parse_feed, body, exchange.url, exchange.header("content-type"))
    if feed.problem is not None:
        await crawl.fail_poll(task, feed.problem)
        return
    await _file(crawl, task, exchange, body, feed, memory, now)


async def _unchanged(crawl: Crawl, task: Task, memory: ChannelMemory, now: datetime, outcome: str) -> None:
    report = crawl.report[task.source.id]
    report.polls += 1
    report.polls_unchanged += 1
    source_id, channel = task.source.id, task.channel
    assert channel is not None, "a feed task polls a channel"

    def work(tx: Transaction) -> None:
        remember_poll(tx, source_id, channel.key, memory=memory, polled_at=now, outcome=outcome)
        jobs.polled(tx.session, task.job)

    await crawl.write(work)


async def _file(
    crawl: Crawl, task: Task, exchange: Exchange, body: bytes, feed: Feed, memory: ChannelMemory, now: datetime
) -> None:
    source, channel = task.source, task.channel
    assert channel is not None, "a feed task polls a channel"
    sorted_links = sort_links(source, exchange.url, feed.links)
    rights = combine(crawl.manners.file_rights(exchange.url), header_rights(exchange.response_headers))
    capture = Capture(source.id, task.asked, exchange, body, task.redirects, rights)

    def work(tx: Transaction) -> links.FiledLinks:
        store_capture(tx, capture, kept="response", tdm=crawl.settings.tdm)
        jobs.polled(tx.session, task.job)
        filed = links.file_links(tx, source.id, channel.key, sorted_links.wanted)
        known = filed.known + links.file_excluded(tx, source.id, channel.key, sorted_links.unwanted)
        remember_poll(
            tx,
            source.id,
            channel.key,
            memory=memory,
            polled_at=now,
            outcome="ok",
            shown=replace(shown_by(feed, len(filed.new), exchange, now), known=known),
        )
        return filed

    filed = await crawl.write(work)
    report = crawl.report[source.id]
    report.polls += 1
    report.found += len(filed.new)
    for _, reason in sorted_links.unwanted:
        crawl.report.exclude(source.id, reason)
    for link in filed.new:
        fresh = article_task(source, link, task)
        if not crawl.in_hand.has_link(link.pk) and crawl.admit(fresh):
            await crawl.offer(fresh)
    for known in filed.updated:
        if crawl.in_hand.has_article(known.pk):
            continue  # it is looked at anyway
        if crawl.admit(again := revisit_task(source, known, task.job, task.priority)):
            await crawl.offer(again)


def shown_by(feed: Feed, fresh: int, exchange: Exchange, now: datetime) -> Shown:
    """What the schedule needs to know of a feed's answer. Dates in the future belong to announced events."""
    past = [at for at in feed.times if at <= now]
    asked = [pause for pause in (feed.at_least, max_age(exchange)) if pause is not None]
    return Shown(
        len(feed.links),
        fresh,
        max(past, default=None),
        min(past, default=None),
        max(asked, default=None),
        feed.skip_hours,
        feed.skip_days,
    )


def max_age(exchange: Exchange) -> timedelta | None:
    """For how long the server says that its answer stays good (RFC 9111, 5.2.2.1), None where it says nothing."""
    found = _MAX_AGE.search(exchange.header("cache-control") or "")
    return timedelta(seconds=min(int(found[1][:9]), 86_400)) if found and int(found[1][:9]) else None


def revisit_task(source: Source, known: KnownArticle, job: int | None, priority: int) -> Task:
    """The task of looking at a known article again. Its hints are those of the first look, so that looks compare."""
    return Task("article", source, known.url, known=known, hints=known.hints, job=job, priority=priority)
