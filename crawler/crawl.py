"""A running crawl: what all its parts share, and the rules by which tasks are offered, refused, retried and given up.

jobs ─> offer(task) ─> robots known? ── no ──> park, fetch robots.txt and TDM file, offer again
                           │ yes
                           ├─ forbidden ─> refuse(task)
                           └─> frontier ─> PollSpider ─> response
                                              │ feed ──────────> crawler.polling: file links, offer new tasks
                                              │ article ───────> Look through the item pipelines
                                              │ redirect ──────> offer(the next hop)
                                              └ failure ───────> retry(task) or give_up(task)
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urljoin

import structlog

from archive import ingest, jobs, links
from archive.channels import ChannelMemory, remember_failed_poll
from archive.config import Settings
from archive.hosts import remember_pause, remember_robots, remember_tdm
from archive.model.capture import Exchange
from archive.model.clock import Clock
from archive.model.content import ContentError, decode_content
from archive.model.failure import FailureKind
from archive.model.job import CrawlJob
from archive.model.source import Source
from archive.model.urls import host_of, is_http
from archive.session import Archive
from archive.writer import Needs, Transaction, Writer
from crawler.failures import Failure, backoff, retry_after
from crawler.frontier import Frontier
from crawler.in_hand import InHand
from crawler.manners import UNREACHABLE, Manners
from crawler.pool import ExtractionPool
from crawler.report import CrawlReport
from crawler.tasks import Task, origin_of

log = structlog.get_logger()
T = TypeVar("T")

Progress = Callable[[CrawlReport, int, int], None]
"""Called a few times a second with the report, the tasks waiting and the tasks in flight."""

LONGEST_VISIT = 6 * 3600.0
"""Seconds: with its delay a host gets no more requests in one crawl than fit into this; the others wait for the next."""

TDM_LIMIT = 512 * 1024
"""Bytes of a TDM file that are read."""

LONGEST_WAIT = 120.0
"""Seconds: a host that wants to be left alone for longer is left to the next crawl, with all that waits for it."""


@dataclass(slots=True)
class Crawl:
    """What the spider and the pipelines of one crawl work with."""

    settings: Settings
    archive: Archive
    writer: Writer
    pool: ExtractionPool
    frontier: Frontier
    manners: Manners
    report: CrawlReport
    channels: dict[tuple[str, str], ChannelMemory]
    clock: Clock
    outdated: set[str] = field(default_factory=set)
    """Sources with articles whose state was read by another version of the extractor."""
    spent: Counter[str] = field(default_factory=Counter)
    """Requests of this day that were made before, by host."""
    down: set[str] = field(default_factory=set)
    """Hosts whose last request failed."""
    failing: dict[str, FailureKind | None] = field(default_factory=dict)
    """Hosts that failed, or answered again (None), since somebody last took note."""
    limits: dict[str, int] = field(default_factory=dict)
    """Articles that may still be offered, by source; a source not named has no limit."""

    async def write(self, work: Callable[[Transaction], T], needs: Needs | None = None) -> T:
        """Have the writer carry out `work`; returns when it is committed."""
        return await asyncio.wrap_future(self.writer.submit(work, needs))

    # --- on the way out

    async def offer(self, task: Task) -> None:
        """Queue `task` if its host's rules allow it; fetch the rules first if they are not known."""
        if self._put_off_by_pause(task):
            return
        if (needed := self.manners.missing(task.url, self.clock())) is not None:
            rules = self._rules_task(task, needed)
            self.in_hand.enter(task)
            if self.manners.park(task):
                self.frontier.add(rules)
            return
        if (reason := self.manners.refusal(task.url)) is not None:
            await self.refuse(task, reason)
            return
        host, delay = host_of(task.url), self._delay(task)
        if delay > 0 and self.frontier.queued(host) >= max(1, LONGEST_VISIT / delay):
            self.postpone(task, "long crawl-delay")
            return
        if self.spent[host] + self.frontier.requests[host] + self.frontier.queued(host) >= self.settings.host_budget:
            self.postpone(task, "host budget spent")
            return
        self.frontier.require_delay(host, delay)
        self.frontier.add(task)

    @property
    def in_hand(self) -> InHand:
        return self.frontier.in_hand

    def _put_off_by_pause(self, task: Task) -> bool:
        """Whether the task's host wants to be left alone for so long that the task is left to the next crawl. A shorter
        pause is waited for."""
        pause = self.manners.pause(task.url, self.clock())
        if pause is None:
            return False
        if pause[0] > LONGEST_WAIT:
            self.postpone(task, f"{pause[1]} with Retry-After")
            return True
        self.frontier.pause(host_of(task.url), pause[0])
        return False

    def admit(self, task: Task) -> bool:
        """Whether the limit of the task's source leaves room for one more article. Counts it if so."""
        left = self.limits.get(task.source.id)
        if left is None:
            return True
        if left <= 0:
            self.report.postpone(task.source.id, "limit")
            return False
        self.limits[task.source.id] = left - 1
        return True

    def _delay(self, task: Task) -> float:
        own = task.source.delay if task.source.delay is not None else self.settings.delay
        return max(own, self.manners.crawl_delay(task.url))

    def _rules_task(self, task: Task, url: str) -> Task:
        self.frontier.require_delay(
            host_of(url), task.source.delay if task.source.delay is not None else self.settings.delay
        )
        return Task("robots" if url.endswith("/robots.txt") else "tdm", task.source, url, job=task.job)

    async def refuse(self, task: Task, reason: str) -> None:
        """The rules forbid this task. A reason that may pass (`robots-unreachable`) leaves the link to the next crawl."""
        passing = reason.startswith(UNREACHABLE)
        if task.purpose == "feed":
            await self.fail_poll(task, reason)
            return
        if passing:
            self.report.fail(task.source.id, reason, task.asked)
        else:
            self.report.exclude(task.source.id, reason)
        if task.link is not None:
            link = task.link
            await self.settle_link(
                task,
                lambda tx: (
                    links.attempt(tx, link.pk, reason, ours=False)
                    if passing
                    else links.settle(tx, link.pk, "excluded", reason)
                ),
            )

    def postpone(self, task: Task, reason: str) -> None:
        """Leave the task to the next crawl: its link stays pending, its channel unpolled, its article due."""
        self.report.postpone(task.source.id, reason)

    # --- on the way in

    def answered(self, task: Task, status: int) -> None:
        """The host gave an answer; one below 500 (and not 429) ends its failures."""
        host = host_of(task.url)
        if status < 500 and status != 429 and host in self.down:
            self.down.discard(host)
            self.failing[host] = None

    def decode(self, exchange: Exchange) -> bytes:
        """The response's body after content decoding. Raises ContentError."""
        return decode_content(exchange.body, exchange.header("content-encoding"), limit=self.settings.max_body)

    async def follow(self, task: Task, hop: Exchange) -> None:
        """A redirect: offer its target as the same task's next hop."""
        target = redirect_target(hop)
        if target is None:
            location = (hop.header("location") or "")[:200]
            await self.give_up(task, Failure("redirect-not-http", location))
        elif len(task.redirects) >= self.settings.max_redirects:
            await self.give_up(task, Failure("redirect-loop", f"more than {self.settings.max_redirects} redirects"))
        elif task.purpose in ("robots", "tdm"):
            self.frontier.add(task.redirected(hop, target))  # these files are always allowed, wherever they are
        else:
            await self.offer(task.redirected(hop, target))

    async def retry(self, task: Task, failure: Failure, exchange: Exchange | None = None) -> None:
        """Try once more if that may help and tries are left; else give up. A host that asks for a pause gets it."""
        wait = self._pause_asked(exchange)
        self.down.add(host_of(task.url))
        self.failing[host_of(task.url)] = failure.kind
        if wait is not None:
            await self._pause(task, wait, failure.name)
            if wait > LONGEST_WAIT:
                await self._put_off(task, failure)
                for waiting in self.frontier.drain(host_of(task.url)):
                    await self._put_off(waiting, failure)
                    self.in_hand.leave(waiting)
                return
        if failure.again and task.attempt < self.settings.retries and not self.frontier.closed:
            again = task.again()
            if again.purpose in ("robots", "tdm") or not self._put_off_by_pause(again):
                self.frontier.add(again, after=wait if wait is not None else backoff(task.attempt))
            return
        await self.give_up(task, failure)
        if failure.host:
            for waiting in self.frontier.drain(host_of(task.url), origin_of(task.url)):
                await self.give_up(waiting, failure)
                self.in_hand.leave(waiting)

    def _pause_asked(self, exchange: Exchange | None) -> float | None:
        if exchange is None or exchange.status not in (429, 503):
            return None
        return retry_after(exchange.header("retry-after"), self.clock())

    async def _pause(self, task: Task, seconds: float, reason: str) -> None:
        until = self.clock() + timedelta(seconds=seconds)
        self.frontier.pause(host_of(task.url), seconds)
        self.manners.paused(task.url, until, reason)
        log.info("host_paused", host=host_of(task.url), seconds=seconds, reason=reason)
        await self.write(lambda tx: remember_pause(tx, origin_of(task.url), until=until, reason=reason))

    async def _put_off(self, task: Task, failure: Failure) -> None:
        if task.purpose in ("robots", "tdm"):
            await self.give_up(task, failure)
        else:
            self.postpone(task, f"{failure.name} with Retry-After")

    async def give_up(self, task: Task, failure: Failure) -> None:
        """The task failed for good in this crawl. The archive and the report say why."""
        log.info("fetch_failed", source=task.source.id, url=task.asked, purpose=task.purpose, reason=failure.reason)
        match task.purpose:
            case "robots":
                await self.robots_answered(task, None, b"", failure=failure.reason)
            case "tdm":
                await self.tdm_answered(task, None)
            case "feed":
                await self.fail_poll(task, failure.reason)
            case "article":
                await self._fail_article(task, failure)

    async def fail_poll(self, task: Task, reason: str) -> None:
        assert task.channel is not None, "a feed task polls a channel"
        self.report[task.source.id].polls += 1
        self.report[task.source.id].polls_failed += 1
        self.report.fail(task.source.id, reason, task.asked)
        source_id, key, now = task.source.id, task.channel.key, self.clock()

        def work(tx: Transaction) -> None:
            remember_failed_poll(tx, source_id, key, polled_at=now, reason=reason)
            jobs.polled(tx.session, task.job)

        await self.write(work)

    async def _fail_article(self, task: Task, failure: Failure) -> None:
        self.report.fail(task.source.id, failure.reason, task.asked)

        def work(tx: Transaction) -> None:
            if task.known is not None:
                ingest.record_look(tx, task.known.pk, "failed", detail=failure.reason)
            if task.link is not None:
                links.attempt(tx, task.link.pk, failure.reason, ours=not failure.host)

        await self.settle_link(task, work)

    async def settle_link(self, task: Task, work: Callable[[Transaction], object]) -> None:
        """Write a link's end; pages that only waited for it as their canonical address are then read as they are."""
        key = task.link.url_key if task.link is not None else None

        def settle(tx: Transaction) -> list[links.PendingLink]:
            work(tx)
            return links.release_aliases(tx, task.source.id, key) if key is not None else []

        for link in await self.write(settle):
            await self.offer(article_task(task.source, link, task))

    # --- the rules of an origin

    async def robots_answered(self, task: Task, status: int | None, body: bytes, *, failure: str | None = None) -> None:
        origin = origin_of(task.asked)
        now = self.clock()
        robots = self.manners.learn_robots(origin, status, body, now, failure=failure)
        await self.write(lambda tx: remember_robots(tx, origin, state=robots.state, body=robots.text, fetched_at=now))
        await self._rules_known(task, origin)

    async def tdm_answered(self, task: Task, body: str | None) -> None:
        origin = origin_of(task.asked)
        now = self.clock()
        self.manners.learn_tdm(origin, body, now)
        await self.write(lambda tx: remember_tdm(tx, origin, body=body, fetched_at=now))
        await self._rules_known(task, origin)

    async def _rules_known(self, task: Task, origin: str) -> None:
        waiting = self.manners.unpark(origin)
        for parked in waiting:
            await self.offer(parked)
            self.in_hand.leave(parked)

    async def rules_answered(self, task: Task, exchange: Exchange) -> None:
        """An answer to robots.txt or the TDM file."""
        if (wait := self._pause_asked(exchange)) is not None:
            await self._pause(task, wait, f"HTTP {exchange.status}")
        try:
            body = self.decode(exchange)
        except ContentError:
            body = b""
        if task.purpose == "robots":
            await self.robots_answered(task, exchange.status, body)
        else:
            text = body[:TDM_LIMIT].decode("utf-8", "replace").replace("\x00", "")
            await self.tdm_answered(task, text if exchange.status == 200 else None)

    def fault(self, task: Task, error: BaseException) -> None:
        """A fault of ours or of the archive while `task` was handled. It is reported; nothing that waits is lost."""
        log.error("look_failed", source=task.source.id, url=task.asked, error=repr(error), exc_info=error)
        self.report.fail(task.source.id, f"internal-error: {error!r}", task.asked)
        if task.purpose in ("robots", "tdm"):
            for parked in self.manners.unpark(origin_of(task.asked)):
                self.report.fail(parked.source.id, f"internal-error: {error!r}", parked.asked)
                self.in_hand.leave(parked)
        elif task.link is not None:
            pk, reason = task.link.pk, f"internal-error: {error!r}"[:300]
            self.writer.submit(lambda tx: links.attempt(tx, pk, reason))


def redirect_target(hop: Exchange) -> str | None:
    """The absolute http(s) address to which a redirect leads, or None. Locations beyond ASCII are mostly UTF-8."""
    raw = (hop.header("location") or "").strip().encode("latin-1", "replace")
    try:
        location = raw.decode("utf-8")
    except UnicodeDecodeError:
        location = raw.decode("latin-1")
    try:
        target = urljoin(hop.url, location)
        host_of(target)  # a port that is no number raises
    except ValueError:
        return None
    return target if is_http(target) else None


def article_task(source: Source, link: links.PendingLink, cause: Task | CrawlJob) -> Task:
    """The task of fetching a link of `source`, on behalf of the job or the task that led to it."""
    return Task(
        "article",
        source,
        link.url,
        link=link,
        hints=link.hints,
        take_as_is=link.take_as_is,
        job=cause.pk if isinstance(cause, CrawlJob) else cause.job,
        priority=cause.priority,
    )
