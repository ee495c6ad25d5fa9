"""A channel's answer, read: its links sorted and written, in one transaction with what it means for the walk."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.frontier import links, walks
from archive.frontier.channels import record_unfinished_poll
from archive.frontier.links import RecordedLinks
from archive.ingest.captures import store_capture
from archive.model.capture import Capture, Exchange
from archive.model.frontier import AnswerFacts
from archive.model.link import Link
from archive.model.text.urls import url_key
from archive.model.walk import PageFacts, WalkPage
from archive.writer.writer import Transaction
from crawler.channels.poll_end import end_poll, log_end
from crawler.discover.answer import LISTS, Answer
from crawler.discover.lists.stop import seen_page
from crawler.discover.own_links import Sorted, sort_links
from crawler.discover.parsing.window import outside
from crawler.discover.walk_plan import Step, history_of, next_step
from crawler.engine.crawl import Crawl
from crawler.frontier.walk import Walk

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What an answer means: its links sorted, how many wanted ones are new, what is left of it, and how the walk goes on."""

    links: Sorted
    fresh: int
    shown: PageFacts
    step: Step


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """What came of an answer: its links, and the requests that follow."""

    links: RecordedLinks
    pages: tuple[WalkPage, ...]
    answers: int
    """How many answers of the source's channels what is known of the links was taken from."""


def is_behind_the_end(walk: Walk, page: WalkPage, status: int) -> bool:
    """Return whether an answer means that there is no such page, where that is no fault: the page of a day without articles, or
    the one after a list's last."""
    later = walk.channel.kind in LISTS and page.number > 1
    return status in (404, 410) and (later or walk.channel.kind == "archive")


async def file_answer(crawl: Crawl, walk: Walk, page: WalkPage, capture: Capture, answer: Answer) -> RecordedAnswer:
    """Write what an answer shows. The walk's lock is held: what an answer means depends on those before it. Nothing is offered
    here, since what is refused at once wants the lock as well."""
    now, exchange = crawl.clock(), capture.answer
    async with crawl.readers:
        taken = await asyncio.to_thread(_sort, crawl, walk, page, exchange.url, answer, now)
    if taken.fresh:
        crawl.pool.warm()  # while the links are written and their first pages are asked for
    last = not taken.step.ask and walk.waiting == 1
    walk.add(shown_by(answer, taken.fresh, exchange, now, known=taken.shown.links - taken.shown.fresh))

    def work(tx: Transaction) -> tuple[RecordedLinks, list[WalkPage]]:
        if exchange.status == 200:
            store_capture(tx, capture, kept="response", policy=crawl.settings.rights_policy)
        if walk.row is None:
            return _file_poll(tx, walk, taken, now, last=last), list(taken.step.ask)
        filed = walks.record_links(tx, walk.row, taken.links.wanted, taken.links.unwanted)
        assert page.pk is not None, "a request of a backfill has a row"
        if answer.problem is not None:  # what came before the break is kept; the rest may come another time
            walks.page_failed(tx.session, page.pk, answer.problem, now)
        else:
            walks.page_read(tx.session, page.pk, taken.shown, now, stopped=taken.step.stopped)
        return filed, walks.add_pages(tx.session, walk.row.pk, taken.step.ask, taken.step.passed)

    # Another answer that is written before this one makes them fewer than there are.
    answers = crawl.filed[walk.source.id] + 1
    filed, pages = await crawl.write(work)
    crawl.filed[walk.source.id] += 1
    walk.chains.setdefault(page.chain, []).append(taken.shown)
    walk.asked.update(further.key for further in (*pages, *(left for left, _ in taken.step.passed)))
    walk.waiting += len(pages) - 1
    walk.taken += len(filed.new)
    if walk.is_poll and last:
        log_end(crawl.events, walk)
    _report(crawl, walk, taken, filed, last=last)
    return RecordedAnswer(filed, tuple(pages), answers)


def _sort(crawl: Crawl, walk: Walk, page: WalkPage, url: str, answer: Answer, now: datetime) -> _Taken:
    """Decide about the links of an answer, and how the walk goes on."""
    source, goal = walk.source, walk.goal
    first = sort_links(source, url, answer.links)
    with crawl.archive.reading() as session:
        known = links.known_keys(session, source.id, [url_key(link.url) for link in answer.links])
    unwanted: tuple[tuple[Link, str], ...] = ()
    if goal.window is not None:
        window = goal.window
        reasons = ((link, outside(link, window, source.language)) for link in first.wanted)
        unwanted = tuple((link, f"outside-window: {reason}") for link, reason in reasons if reason is not None)
    elif walk.channel.kind == "sitemap":
        unwanted = history_of(first.wanted, known, goal, now, taken=walk.taken)
    left_out = {link.url for link, _ in unwanted}
    wanted = tuple(link for link in first.wanted if link.url not in left_out)
    shown = seen_page(page.key, answer.links, known, source.language)
    chain = [*walk.chains.get(page.chain, ()), shown]
    step = next_step(page, answer, chain, walk.asked, goal, now)
    fresh = sum(url_key(link.url) not in known for link in wanted)
    return _Taken(Sorted(wanted, (*first.unwanted, *unwanted)), fresh, shown, step)


def _file_poll(tx: Transaction, walk: Walk, taken: _Taken, now: datetime, *, last: bool) -> RecordedLinks:
    source_id, key = walk.source.id, walk.channel.key
    filed = links.record_links(tx, source_id, key, taken.links.wanted)
    links.record_excluded(tx, source_id, key, taken.links.unwanted)
    if last:
        end_poll(tx, walk, now)
    elif walk.channel.kind in LISTS:
        record_unfinished_poll(tx, source_id, key)
    return filed


def _report(crawl: Crawl, walk: Walk, taken: _Taken, filed: RecordedLinks, *, last: bool) -> None:
    report = crawl.report[walk.source.id]
    report.polls += walk.is_poll and last
    report.found += len(filed.new)
    for _, reason in taken.links.unwanted:
        crawl.report.exclude(walk.source.id, reason)


def shown_by(answer: Answer, fresh: int, exchange: Exchange, now: datetime, *, known: int) -> AnswerFacts:
    """Return what the schedule needs to know of an answer. Dates in the future belong to announced events."""
    past = [at for at in answer.times if at <= now]
    asked = [pause for pause in (answer.at_least, max_age(exchange)) if pause is not None]
    return AnswerFacts(
        len(answer.links),
        fresh,
        max(past, default=None),
        min(past, default=None),
        max(asked, default=None),
        answer.skip_hours,
        answer.skip_days,
        known,
    )


def max_age(exchange: Exchange) -> timedelta | None:
    """Return for how long the server says that its answer stays good (RFC 9111, 5.2.2.1). None where it says nothing."""
    found = _MAX_AGE.search(exchange.header("cache-control") or "")
    return timedelta(seconds=min(int(found[1][:9]), 86_400)) if found and int(found[1][:9]) else None
