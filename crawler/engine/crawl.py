"""A running crawl: what all its parts share, and the rules by which tasks are offered, refused, retried and given up.

jobs ─> offer(task) ─> robots known? ── no ──> park, fetch robots.txt and TDM file, offer again
                           │ yes
                           ├─ forbidden ─> refuse(task)
                           └─> frontier ─> NewsSpider ─> response
                                              │ list ──────────> crawler.channels.polling: file links, offer new tasks
                                              │ article ───────> (rendered, where the source wants it) Look through the item pipelines
                                              │ handler ────────> to whoever waits for it: a page in the browser, a survey …
                                              │ redirect ──────> offer(the next hop)
                                              └ failure ───────> retry(task) or give_up(task)
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from archive.config import Settings
from archive.frontier import links, walks
from archive.frontier.origins import record_pause, record_robots, record_tdm
from archive.ingest import record
from archive.model.article import Article
from archive.model.capture import Exchange
from archive.model.clock import Clock
from archive.model.content_codings import ContentError, decode_content
from archive.model.failure import FailureKind
from archive.model.frontier import ChannelMemory, PendingLink
from archive.model.job import BACKFILL_SHARE, Priority
from archive.model.source import Source
from archive.model.text.urls import host_of, origin_of
from archive.outage import explain, is_outage, is_storage
from archive.storage.lookups import Lookups
from archive.storage.session import Archive
from archive.writer.writer import Needs, Transaction, Writer
from crawler.browser.lifecycle import Browser
from crawler.engine.log_events import Events
from crawler.engine.poll_end import end_poll, ending_of
from crawler.engine.report import CrawlReport, HostWait, Waits
from crawler.engine.site_learning import SiteLearning, remember
from crawler.extraction_pool.pool import ExtractionPool
from crawler.frontier.frontier import Frontier
from crawler.frontier.in_flight import InFlight
from crawler.frontier.parking import Parking
from crawler.frontier.task import Task, article_task
from crawler.frontier.unavailable import Ending
from crawler.frontier.walk import Walk
from crawler.http import tdmrep
from crawler.http.failures import Failure, backoff, retry_after
from crawler.http.politeness import UNREACHABLE, Politeness
from crawler.http.redirects import redirect_target

log = structlog.get_logger()
T = TypeVar("T")

Progress = Callable[[CrawlReport, int, int], None]
"""Called a few times a second with the report, the tasks waiting and the tasks in flight."""

LONGEST_VISIT = 6 * 3600.0
"""Seconds: with its delay a host gets no more requests in one crawl than fit into this; the others wait for the next."""

READERS = 2
"""Lists read at once: a sitemap may have 50 MB, unpacked and with all its links a multiple of that."""

SPENT = "host budget spent"
AWAY = "the database was away"
TOO_SLOW = "long crawl-delay"
LASTING = frozenset({"robots", "HTTP 404", "HTTP 410", "HTTP 451"})
"""Reasons for which a list request is not made again."""

DECODED_AT_ONCE = 4 << 10
"""Bytes of a compressed body: at most four million come out of them (deflate packs 1,032 times at best)."""
LONGEST_DECODING = 60.0
"""Seconds."""

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
    politeness: Politeness
    report: CrawlReport
    channels: dict[tuple[str, str], ChannelMemory]
    clock: Clock
    sites: SiteLearning = field(default_factory=lambda: SiteLearning(learning=False))
    events: Events = field(default_factory=Events)
    parking: Parking = field(default_factory=Parking)
    waits: Waits | None = None
    """Told of each host that asked to be left alone, where a person waits for the crawl."""
    outdated: set[str] = field(default_factory=set)
    """Sources with articles whose state was read by another version of the extractor."""
    spent: Counter[str] = field(default_factory=Counter)
    """Requests of this day that were made before, by host."""
    down: set[str] = field(default_factory=set)
    """Hosts whose last request failed."""
    failing: dict[str, FailureKind | None] = field(default_factory=dict)
    """Hosts that failed, or answered again (None), since somebody last took note."""
    readers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(READERS))
    """Held while an answer of a channel is read."""
    filed: Counter[str] = field(default_factory=Counter)
    """How many answers of channels were filed, by source."""
    walks: dict[int, int | None] = field(default_factory=dict)
    """The walks of backfills that were gone on with (`walks.pk`), each with its job."""
    browser: Browser = field(init=False)
    questions: Lookups = field(init=False)
    """What is asked for each page, from the event loop's thread. Whoever runs the crawl closes it in the end."""
    limits: dict[str, int] = field(default_factory=dict)
    """Articles that may still be offered, by source; a source not named has no limit."""
    searching: set[str] = field(default_factory=set)
    """Sources whose sites are looked around for channels."""
    search: Callable[[Source], None] | None = None
    """Looks for channels of a source whose found ones have died, beside the crawl."""

    heard_at: float = -math.inf
    """Loop time at which any server last answered anything."""
    background: set[asyncio.Task[None]] = field(default_factory=set)
    """What goes on beside the requests: reading files of others."""

    def go(self, source: Source, job: int | None, work: Coroutine[Any, Any, None]) -> None:
        """Let `work` go on beside the crawl, as a part of the job, which is not done before. A fault in it is reported."""

        held = ExitStack()
        held.enter_context(self.frontier.kept_open())
        held.enter_context(self.tasks_in_flight.offering(job))

        async def run() -> None:
            with held:
                try:
                    await work
                except Exception as error:  # a fault in one work must not end the crawl; it is reported
                    if self.halted_by(error):
                        return
                    if is_outage(error):
                        log.warning("database_away", source=source.id, error=str(error).strip()[:200])
                        self.report.postpone(source.id, AWAY)
                        return
                    log.error("errand_failed", source=source.id, error=repr(error), exc_info=error)
                    self.report.fail(source.id, f"internal-error: {error!r}", source.homepage)

        task = asyncio.create_task(run())
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    def __post_init__(self) -> None:
        self.browser = Browser(self.settings)
        self.questions = Lookups(self.archive.engine)

    async def write(self, work: Callable[[Transaction], T], needs: Needs | None = None) -> T:
        """Have the writer carry out `work`; returns when it is committed."""
        return await asyncio.wrap_future(self.writer.submit(work, needs))

    async def learn(self, source_id: str) -> None:
        """Write down what pages said of a source's site; from then on its pages are read with what was learnt."""
        if not (notes := self.sites.take(source_id)):
            return
        try:
            state = await self.write(lambda tx: remember(tx, source_id, notes))
        except Exception as error:  # the articles are recorded; other pages will teach the same
            if not self.halted_by(error):
                log.error("learning_failed", source=source_id, pages=len(notes), error=repr(error), exc_info=error)
            return
        if self.sites.learnt(source_id, state):
            self.outdated.add(source_id)

    # --- on the way out

    async def offer(self, task: Task) -> None:
        """Queue `task` if its host's rules allow it; fetch the rules first if they are not known. Nobody is asked for a page
        that could not be rendered."""
        if task.renders and (missing := self.browser.missing()) is not None:
            await self.give_up(task, Failure("browser-missing", str(missing), host=True))
            return
        if await self._put_off_by_pause(task):
            return
        for url in ruled_by(task):
            await self.politeness.read_rules(url)
            if (needed := self.politeness.missing(url, self.clock())) is not None:
                rules = self._rules_task(task, needed)
                if not self._in_time(rules):
                    await self.postpone(task, TOO_SLOW)
                    return
                self.tasks_in_flight.enter(task)
                if self.parking.park(task, url):
                    self.frontier.add(rules)
                return
            if (reason := self.politeness.refusal(url)) is not None:
                await self.refuse(task, reason)
                return
        if task.handler is not None and not await task.handler.permitted():
            return
        host, delay = host_of(task.url), self._delay(task)
        before = self.frontier.queued(host, task.priority)
        if delay > 0 and before >= max(1, LONGEST_VISIT / delay):
            await self.postpone(task, TOO_SLOW)
            return
        if not self._in_time(task, delay):
            await self.postpone(task, TOO_SLOW)
            return
        if self._spent(host) + before >= self._budget(task):
            await self.postpone(task, SPENT)
            return
        if task.purpose == "article" and task.known is None:
            self.pool.warm()
        self.frontier.require_delay(host, delay)
        self.frontier.add(task)
        await self.leave_late(host)

    def _in_time(self, task: Task, delay: float = 0.0) -> bool:
        """Whether a task can go out before a crawl that ends by itself has to end."""
        return self.frontier.endless or self.frontier.fits(host_of(task.url), LONGEST_VISIT, delay)

    async def leave_late(self, host: str) -> None:
        """Leave to the next crawl what waits for `host` and cannot go out in this one: its delay has grown, or it was asked by
        another process."""
        if not self.frontier.endless:
            await self._leave(self.frontier.beyond(host, LONGEST_VISIT), TOO_SLOW)

    async def leave_host(self, host: str, reason: str) -> None:
        """Leave to the next crawl all that waits for `host`."""
        await self._leave(self.frontier.drain(host), reason)

    async def _leave(self, tasks: Iterable[Task], reason: str) -> None:
        for task in tasks:
            await self._leave_one(task, reason)
            self.tasks_in_flight.leave(task)

    async def _leave_one(self, task: Task, reason: str) -> None:
        """Leave a task to the next crawl, and with the rules of an origin all that waits for them."""
        if task.purpose not in ("robots", "tdm"):
            await self.postpone(task, reason)
            return
        for parked in self.parking.unpark(origin_of(task.asked)):
            await self.postpone(parked, reason)
            self.tasks_in_flight.leave(parked)

    @property
    def tasks_in_flight(self) -> InFlight:
        return self.frontier.tasks_in_flight

    def _spent(self, host: str) -> int:
        """Requests to `host` on this day."""
        return self.spent[host] + self.frontier.requests[host]

    def _budget(self, task: Task) -> float:
        """Requests to a host in a day, up to which this task may be one of them."""
        return self.settings.host_budget * (BACKFILL_SHARE if task.priority >= Priority.backfill else 1.0)

    async def may_go_out(self, task: Task) -> bool:
        """Whether a task that the frontier hands out is still within the host's budget. What came in after a backfill went
        before it: then the backfill is left to another day, with all that is queued of it."""
        host = host_of(task.url)
        if task.priority < Priority.backfill or self._spent(host) <= self._budget(task):
            return True
        self.frontier.requests[host] -= 1
        await self.postpone(task, SPENT)
        for waiting in self.frontier.drain(host, lowest=Priority.backfill):
            await self.postpone(waiting, SPENT)
            self.tasks_in_flight.leave(waiting)
        return False

    async def _put_off_by_pause(self, task: Task) -> bool:
        """Whether the task's host wants to be left alone for so long that the task is left to the next crawl. A shorter
        pause is waited for."""
        pause = self.politeness.pause(task.url, self.clock())
        if pause is None:
            return False
        self.say_wait(task.url)
        if pause[0] > LONGEST_WAIT:
            await self.postpone(task, f"{pause[1]} with Retry-After")
            return True
        self.frontier.pause(host_of(task.url), pause[0])
        return False

    def say_wait(self, url: str) -> None:
        """Tell whoever waits for the crawl, if somebody does, that the host of `url` asked to be left alone."""
        now = self.clock()
        if self.waits is None or (pause := self.politeness.paused_until(url, now)) is None:
            return
        until, reason = pause
        self.waits(HostWait(host_of(url), until, reason, (until - now).total_seconds() > LONGEST_WAIT))

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
        return max(own, self.politeness.crawl_delay(task.url))

    def _rules_task(self, task: Task, url: str) -> Task:
        self.frontier.require_delay(
            host_of(url), task.source.delay if task.source.delay is not None else self.settings.delay
        )
        return Task("robots" if url.endswith("/robots.txt") else "tdm", task.source, url, job=task.job)

    async def refuse(self, task: Task, reason: str) -> None:
        """The rules forbid this task. A reason that may pass (`robots-unreachable`) leaves the link to the next crawl."""
        passing = reason.startswith(UNREACHABLE)
        if task.handler is not None:
            await task.handler.ended(task, "unavailable" if passing else "refused", reason)
            return
        if task.purpose == "list":
            await self.fail_page(task, reason, ours=not passing)
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
                    links.record_failed_attempt(tx, link.pk, reason, counts=False)
                    if passing
                    else links.settle(tx, link.pk, "excluded", reason)
                ),
            )

    async def postpone(self, task: Task, reason: str) -> None:
        """Leave the task to the next crawl: its link stays pending, its channel unpolled, its article due."""
        if task.handler is not None:
            await task.handler.ended(task, "put-off", reason)
            return
        self.report.postpone(task.source.id, reason)
        if task.purpose == "list":
            await self._page_left(task, reason)

    # --- on the way in

    def answered(self, task: Task, status: int) -> None:
        """The host gave an answer; one below 500 (and not 429) ends its failures."""
        host = host_of(task.url)
        if status < 500 and status != 429 and host in self.down:
            self.down.discard(host)
            self.failing[host] = None

    async def decode(self, exchange: Exchange) -> bytes:
        """The response's body after content decoding, beside the event loop where that may take more than some
        milliseconds. Raises ContentError."""
        coding, limit = exchange.header("content-encoding"), self.settings.max_body
        if not coding or (len(exchange.body) <= DECODED_AT_ONCE and "," not in coding):
            return decode_content(exchange.body, coding, limit=limit)
        return await asyncio.to_thread(decode_content, exchange.body, coding, limit=limit, seconds=LONGEST_DECODING)

    async def follow(self, task: Task, hop: Exchange) -> None:
        """A redirect: offer its target as the same task's next hop."""
        target = redirect_target(hop)
        if target is None:
            location = (hop.header("location") or "")[:200]
            await self.give_up(task, Failure("redirect-not-http", location))
        elif len(task.redirects) >= self.settings.max_redirects:
            await self.give_up(task, Failure("redirect-loop", f"more than {self.settings.max_redirects} redirects"))
        elif task.purpose in ("robots", "tdm") and not self._in_time(task.redirected(hop, target)):
            await self.give_up(task, Failure(TOO_SLOW))
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
                    self.tasks_in_flight.leave(waiting)
                return
        if failure.again and task.attempt < self.settings.retries and not self.frontier.closed:
            again = task.again()
            if not self._in_time(again):
                await self.give_up(task, failure)
                return
            if again.purpose in ("robots", "tdm") or not await self._put_off_by_pause(again):
                self.frontier.add(again, after=wait if wait is not None else backoff(task.attempt))
            return
        await self.give_up(task, failure)
        if failure.host:
            for waiting in self.frontier.drain(host_of(task.url), origin_of(task.url)):
                await self.give_up(waiting, failure)
                self.tasks_in_flight.leave(waiting)

    def _pause_asked(self, exchange: Exchange | None) -> float | None:
        if exchange is None or exchange.status not in (429, 503):
            return None
        return retry_after(exchange.header("retry-after"), self.clock())

    async def _pause(self, task: Task, seconds: float, reason: str) -> None:
        until = self.clock() + timedelta(seconds=seconds)
        self.frontier.pause(host_of(task.url), seconds)
        self.politeness.paused(task.url, until, reason)
        await self.write(lambda tx: record_pause(tx, origin_of(task.url), until=until, reason=reason))
        self.events.host_paused(host_of(task.url), until, seconds, reason)
        self.say_wait(task.url)

    async def _put_off(self, task: Task, failure: Failure) -> None:
        if task.purpose in ("robots", "tdm"):
            await self.give_up(task, failure)
        else:
            await self.postpone(task, f"{failure.name} with Retry-After")

    async def give_up(self, task: Task, failure: Failure) -> None:
        """The task failed for good in this crawl. The archive and the report say why."""
        log.debug("fetch_failed", source=task.source.id, url=task.asked, purpose=task.purpose, reason=failure.reason)
        match task.purpose:
            case "robots":
                await self.robots_answered(task, None, b"", failure=failure.reason)
            case "tdm":
                await self.tdm_answered(task, None)
            case "list":
                await self.fail_page(task, failure.reason, ours=not failure.host)
            case "article":
                await self._fail_article(task, failure)
            case "handler":
                assert task.handler is not None, "somebody sent for it"
                await task.handler.ended(task, _ending(failure), failure.reason)

    async def fail_page(self, task: Task, reason: str, *, ours: bool = True) -> None:
        """A list request gave nothing to read. The other requests of its walk go on; the report names it. `ours`: the fault
        counts against the page; a host that is away as a whole says nothing about its pages."""
        walk, page = task.walk, task.page
        assert walk is not None, "a list task belongs to a walk"
        assert page is not None, "a list task asks for a page"
        self.report.fail(task.source.id, reason, task.asked)
        if walk.is_poll:
            walk.failed.append(f"{task.asked}: {reason}")
            await self._page_ended(walk)
        elif page.pk is not None:
            pk, now, passing = page.pk, self.clock(), reason.partition(":")[0] not in LASTING
            if ours:
                await self.write(lambda tx: walks.page_failed(tx.session, pk, reason, now, again=passing))

    async def _page_left(self, task: Task, reason: str) -> None:
        """A list request is left to the next crawl. A poll that has begun ends without it."""
        walk = task.walk
        assert walk is not None, "a list task belongs to a walk"
        if walk.is_poll:
            if walk.read or walk.waiting > 1:
                walk.failed.append(f"{task.asked}: left for later: {reason}")
            await self._page_ended(walk)

    async def _page_ended(self, walk: Walk) -> None:
        """One request of a poll less is under way; with the last one the poll is over."""
        async with walk.lock:
            walk.waiting -= 1
            if walk.waiting or not (walk.read or walk.failed):
                return
            now = self.clock()
            dead = await self.write(lambda tx: end_poll(tx, walk, now))
            self.poll_ended(walk)
            if dead and self.search is not None:
                self.search(walk.source)
        report = self.report[walk.source.id]
        report.polls += 1
        report.polls_failed += not walk.read

    def poll_ended(self, walk: Walk) -> None:
        """Say how a poll ended, now that it is written."""
        if (ending := ending_of(walk)) is not None:
            self.events.poll_ended(
                walk.source.id, walk.channel.key, ending.outcome, links=walk.taken, reason=ending.reason
            )

    async def _fail_article(self, task: Task, failure: Failure) -> None:
        self.report.fail(task.source.id, failure.reason, task.asked)

        def work(tx: Transaction) -> None:
            if task.known is not None:
                record.record_look(tx, task.known.pk, "failed", detail=failure.reason)
            if task.link is not None:
                links.record_failed_attempt(tx, task.link.pk, failure.reason, counts=not failure.host)

        await self.settle_link(task, work)

    async def settle_link(self, task: Task, work: Callable[[Transaction], object]) -> None:
        """Write a link's end; pages that only waited for it as their canonical address are then read as they are."""
        key = task.link.url_key if task.link is not None else None

        def settle(tx: Transaction) -> list[PendingLink]:
            work(tx)
            return links.release_aliases(tx, task.source.id, key) if key is not None else []

        for link in await self.write(settle):
            await self.offer(article_task(task.source, link, task))
        await self.article_link_ended(task, None)

    async def article_link_ended(self, task: Task, article: Article | None) -> None:
        """A link of a walk was looked at, and showed this article."""
        if task.link is not None and task.walk is not None and task.walk.article_link_ended is not None:
            await task.walk.article_link_ended(task.link, article)

    def close_walks(self, tx: Transaction, ended: Collection[int | None]) -> None:
        """These jobs have nothing in hand any more: end their walks, as far as everything in them has its end."""
        for pk, job in self.walks.items():
            if job in ended:
                walks.close_if_done(tx.session, pk, tx.now)

    # --- the rules of an origin

    async def robots_answered(self, task: Task, status: int | None, body: bytes, *, failure: str | None = None) -> None:
        origin = origin_of(task.asked)
        now = self.clock()
        robots = self.politeness.learn_robots(origin, status, body, now, failure=failure)
        await self.politeness.read_rules(origin)
        await self.write(lambda tx: record_robots(tx, origin, state=robots.state, body=robots.text, fetched_at=now))
        await self._rules_known(task, origin)

    async def tdm_answered(self, task: Task, body: str | None) -> None:
        origin = origin_of(task.asked)
        now = self.clock()
        self.politeness.learn_tdm(origin, body, now)
        await self.write(lambda tx: record_tdm(tx, origin, body=body, fetched_at=now))
        await self._rules_known(task, origin)

    async def _rules_known(self, task: Task, origin: str) -> None:
        waiting = self.parking.unpark(origin)
        for parked in waiting:
            await self.offer(parked)
            self.tasks_in_flight.leave(parked)

    async def rules_answered(self, task: Task, exchange: Exchange) -> None:
        """An answer to robots.txt or the TDM file."""
        if (wait := self._pause_asked(exchange)) is not None:
            await self._pause(task, wait, f"HTTP {exchange.status}")
        try:
            body = await self.decode(exchange)
        except ContentError:
            body = b""
        if task.purpose == "robots":
            await self.robots_answered(task, exchange.status, body)
        else:
            text = body[: tdmrep.LIMIT].decode("utf-8", "replace").replace("\x00", "")
            await self.tdm_answered(task, text if exchange.status == 200 else None)

    def halted_by(self, error: BaseException) -> bool:
        """Whether `error` ends the crawl: there is no room to save anything more, so nothing more is asked for. A database that is
        away does not: it is waited for."""
        if not is_storage(error) or (explained := explain(error)) is None:
            return False
        if self.report.halted is None:
            log.error("crawl_halted", error=explained.message)
            self.report.halted = f"{explained.message}. {explained.hint}" if explained.hint else explained.message
        self.frontier.close()
        return True

    def fault(self, task: Task, error: BaseException) -> None:
        """A fault of ours or of the archive while `task` was handled. It is reported; nothing that waits is lost. What came while
        the database was away is no fault: it is left to the next crawl, which asks again."""
        halted = self.halted_by(error)
        if not halted and is_outage(error):
            log.warning("database_away", source=task.source.id, url=task.asked, error=str(error).strip()[:200])
            self.go(task.source, task.job, self._leave_one(task, AWAY))
            return
        if halted:
            reason = "stopped"
            self.report.postpone(task.source.id, reason)
        else:
            log.error("look_failed", source=task.source.id, url=task.asked, error=repr(error), exc_info=error)
            reason = f"internal-error: {error!r}"[:300]
            self.report.fail(task.source.id, reason, task.asked)
        if task.purpose in ("robots", "tdm"):
            for parked in self.parking.unpark(origin_of(task.asked)):
                if parked.handler is not None:
                    parked.handler.faulted(reason)
                if halted:
                    self.report.postpone(parked.source.id, reason)
                else:
                    self.report.fail(parked.source.id, reason, parked.asked)
                self.tasks_in_flight.leave(parked)
        if task.handler is not None:
            task.handler.faulted(reason)
        if halted:
            return
        if task.link is not None:
            pk = task.link.pk
            self.writer.submit(lambda tx: links.record_failed_attempt(tx, pk, reason))
        elif task.page is not None and task.page.pk is not None:
            page, now = task.page.pk, self.clock()
            self.writer.submit(lambda tx: walks.page_failed(tx.session, page, reason, now))


def _ending(failure: Failure) -> Ending:
    return "away" if failure.host else "unavailable" if failure.again else "failed"


def ruled_by(task: Task) -> tuple[str, ...]:
    """The addresses whose hosts' robots rules a task obeys: of a copy that others keep of a page the publisher's as well."""
    other = task.handler.also_ruled_by if task.handler is not None else None
    return (task.url,) if other is None else (other, task.url)
