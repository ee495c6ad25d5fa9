"""A running crawl: what all its parts share, and the rules by which tasks are offered, refused, retried and given up.

jobs ─> offer(task) ─> robots known? ── no ──> it waits in OriginFiles, which fetch the rules and offer it again
                           │ yes
                           ├─ forbidden ─> refuse(task) ──────────────> handler.ended
                           └─> frontier ─> NewsSpider ─> response
                                              │ answer ───────────────> handler.answered
                                              │ redirect ─> offer(the next hop)
                                              └ failure ──> retry(task) or give_up(task) ─> handler.ended

What a task is for is known to its handler alone: `OriginFile`, `ListHandler`, `ArticleHandler`, or whoever waits for an answer.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import structlog

from archive.config import Settings
from archive.frontier import walks
from archive.frontier.origins import record_pause
from archive.model.capture import Exchange
from archive.model.clock import Clock
from archive.model.content_codings import decode_content
from archive.model.failure import FailureKind
from archive.model.frontier import ChannelMemory
from archive.model.source import Source
from archive.model.text.urls import host_of, origin_of
from archive.outage import is_outage
from archive.storage.lookups import Lookups
from archive.storage.session import Archive
from archive.writer.writer import Needs, Transaction, Writer
from crawler.browser.lifecycle import Browser
from crawler.engine.background import AWAY, Background, halted_by
from crawler.engine.limits import LONGEST_VISIT, SPENT, TOO_SLOW, Limits
from crawler.engine.log_events import Events, log_database_away
from crawler.engine.origin_files import OriginFiles
from crawler.engine.pauses import LONGEST_WAIT, HostPauses
from crawler.engine.report import CrawlReport
from crawler.engine.site_learning import SiteLearning, remember
from crawler.extraction_pool.pool import ExtractionPool
from crawler.frontier.frontier import Frontier
from crawler.frontier.in_flight import InFlight
from crawler.frontier.task import Task
from crawler.frontier.unavailable import Ending, Fault
from crawler.http.failures import Failure, backoff
from crawler.http.politeness import UNREACHABLE, Politeness
from crawler.http.redirects import redirect_target
from crawler.http.retry_after import pause_asked

log = structlog.get_logger()
T = TypeVar("T")

Progress = Callable[[CrawlReport, int, int], None]
"""Called a few times a second with the report, the tasks waiting and the tasks in flight."""

READERS = 2
"""Lists read at once: a sitemap may have 50 MB, unpacked and with all its links a multiple of that."""

LASTING = frozenset({"robots", "HTTP 404", "HTTP 410", "HTTP 451"})
"""Reasons for which a list request is not made again."""

DECODED_AT_ONCE = 4 << 10
"""Bytes of a compressed body: at most four million come out of them (deflate packs 1,032 times at best)."""
LONGEST_DECODING = 60.0
"""Seconds."""


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
    outdated: set[str] = field(default_factory=set)
    """Sources with articles whose state was read by another version of the extractor."""
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
    searching: set[str] = field(default_factory=set)
    """Sources whose sites are looked around for channels."""
    search_again: Callable[[Source], None] | None = None
    """Looks for other channels of a source whose found ones have died. None where nothing is polled."""
    longest_delay: float = math.inf
    """Seconds: where robots.txt asks for more between two requests, nothing is asked for."""
    heard_at: float = -math.inf
    """Loop time at which any server last answered anything."""
    background: Background = field(init=False)
    origin_files: OriginFiles = field(init=False)
    limits: Limits = field(init=False)
    pauses: HostPauses = field(init=False)

    def __post_init__(self) -> None:
        self.browser = Browser(self.settings)
        self.questions = Lookups(self.archive.engine)
        self.background = Background(self.frontier, self.report)
        self.origin_files = OriginFiles(self)
        self.limits = Limits(self.frontier, self.settings.host_budget)
        self.pauses = HostPauses(self.frontier, self.politeness, self.clock)

    async def write(self, work: Callable[[Transaction], T], needs: Needs | None = None) -> T:
        """Have the writer carry out `work`, and return its result when it is committed."""
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
        if (reason := self.pauses.too_long(task.url)) is not None:
            await self.postpone(task, reason)
            return
        if not await self._rules_allow(task) or not await task.handler.permitted():
            return
        asked = self.politeness.crawl_delay(task.url)
        if asked > self.longest_delay:
            await self.postpone(task, f"{TOO_SLOW}: robots.txt asks for {asked:g} s between two requests")
            return
        delay = max(task.source.delay_or(self.settings.delay), asked)
        if (reason := self.limits.reached(task, delay)) is not None:
            await self.postpone(task, reason)
            return
        host = host_of(task.url)
        self.frontier.require_delay(host, delay)
        self.frontier.add(task)
        task.handler.queued(task)
        await self.leave_late(host)

    async def _rules_allow(self, task: Task) -> bool:
        """Return whether robots rules allow the task now. If not, it has ended, or waits for the rules to be fetched."""
        for url in filter(None, (task.handler.also_ruled_by, task.url)):
            await self.politeness.read_rules(url)
            if (needed := self.politeness.missing(url, self.clock())) is not None:
                file = self.origin_files.task(needed, task)
                if self.limits.is_in_time(file):
                    self.origin_files.fetch_for(task, url, file)
                else:
                    await self.postpone(task, TOO_SLOW)
                return False
            if (reason := self.politeness.refusal(url)) is not None:
                await self.refuse(task, reason)
                return False
        return True

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
            await self.postpone(task, reason)
            self.tasks_in_flight.leave(task)

    @property
    def tasks_in_flight(self) -> InFlight:
        """The tasks queued, parked or under way."""
        return self.frontier.tasks_in_flight

    async def may_go_out(self, task: Task) -> bool:
        """Return whether a task that the frontier hands out is still within the host's budget. If not, it is left to another
        day, with all that is queued of its backfill."""
        if (overtaken := self.limits.overtaken(task)) is None:
            return True
        await self.postpone(task, SPENT)
        await self._leave(overtaken, SPENT)
        return False

    def admit(self, task: Task) -> bool:
        """Return whether the limit of the task's source leaves room for one more article. Count it if so."""
        if self.limits.admit(task.source.id):
            return True
        self.report.postpone(task.source.id, "limit")
        return False

    async def refuse(self, task: Task, reason: str) -> None:
        """End a task that the rules forbid. Where robots.txt is not to be had (`robots-unreachable`), it is left to the next
        crawl."""
        await task.handler.ended(task, "rules-unknown" if reason.startswith(UNREACHABLE) else "refused", reason)

    async def postpone(self, task: Task, reason: str) -> None:
        """Leave the task to the next crawl: its link stays pending, its channel unpolled, its article due."""
        await task.handler.ended(task, "put-off", reason)

    # --- on the way in

    def answered(self, task: Task, status: int) -> None:
        """Note that the host gave an answer. One with a status below 500 that is not 429 ends the host's failures."""
        host = host_of(task.url)
        if status < 500 and status != 429 and host in self.down:
            self.down.discard(host)
            self.failing[host] = None

    async def decode(self, exchange: Exchange) -> bytes:
        """Return the body of a response after content decoding. What may take more than some milliseconds is done beside the
        event loop.

        Raises:
            ContentError: The body is not coded as the response says, or is too large.
        """
        coding, limit = exchange.header("content-encoding"), self.settings.max_body
        if not coding or (len(exchange.body) <= DECODED_AT_ONCE and "," not in coding):
            return decode_content(exchange.body, coding, limit=limit)
        return await asyncio.to_thread(decode_content, exchange.body, coding, limit=limit, seconds=LONGEST_DECODING)

    async def follow(self, task: Task, hop: Exchange) -> None:
        """Offer the address to which an answer redirects as the same task's next hop."""
        target = redirect_target(hop)
        if target is None:
            location = (hop.header("location") or "")[:200]
            await self.give_up(task, Failure("redirect-not-http", location))
        elif len(task.redirects) >= self.settings.max_redirects:
            await self.give_up(task, Failure("redirect-loop", f"more than {self.settings.max_redirects} redirects"))
        elif task.handler.obeys_rules:
            await self.offer(task.redirected(hop, target))
        elif self.limits.is_in_time(further := task.redirected(hop, target)):
            self.frontier.add(further)
        else:
            await self.give_up(task, Failure(TOO_SLOW))

    async def retry(self, task: Task, failure: Failure, exchange: Exchange | None = None) -> None:
        """Try once more if that may help and tries are left; else give up. A host that asks for a pause gets it."""
        wait = pause_asked(exchange, self.clock()) if exchange is not None else None
        self.down.add(host_of(task.url))
        self.failing[host_of(task.url)] = failure.kind
        if wait is not None:
            await self.pause(task.url, wait, failure.name)
            if wait > LONGEST_WAIT:
                await self._put_off(task, failure)
                for waiting in self.frontier.drain(host_of(task.url)):
                    await self._put_off(waiting, failure)
                    self.tasks_in_flight.leave(waiting)
                return
        if failure.again and task.attempt < self.settings.retries and not self.frontier.closed:
            again = task.again()
            if not self.limits.is_in_time(again):
                await self.give_up(task, failure)
                return
            if again.handler.obeys_rules and (reason := self.pauses.too_long(again.url)) is not None:
                await self.postpone(again, reason)
            else:
                self.frontier.add(again, after=wait if wait is not None else backoff(task.attempt))
            return
        await self.give_up(task, failure)
        if failure.host:
            for waiting in self.frontier.drain(host_of(task.url), origin_of(task.url)):
                await self.give_up(waiting, failure)
                self.tasks_in_flight.leave(waiting)

    async def pause(self, url: str, seconds: float, reason: str) -> None:
        """Leave the host of `url` alone for so long, because its answer asked for that."""
        until = self.pauses.begin(url, seconds, reason)
        await self.write(lambda tx: record_pause(tx, origin_of(url), until=until, reason=reason))
        self.events.host_paused(host_of(url), until, seconds, reason)
        self.pauses.say(url)

    async def _put_off(self, task: Task, failure: Failure) -> None:
        if task.handler.obeys_rules:
            await self.postpone(task, f"{failure.name} with Retry-After")
        else:
            await self.give_up(task, failure)

    async def give_up(self, task: Task, failure: Failure) -> None:
        """End a task that failed for good in this crawl. Its handler notes why."""
        reason = failure.reason
        log.debug("fetch_failed", source=task.source.id, url=task.asked, purpose=task.handler.name, reason=reason)
        await task.handler.ended(task, _ending(failure), reason)

    def close_walks(self, tx: Transaction, ended: Collection[int | None]) -> None:
        """End the walks of jobs that have nothing in hand any more, as far as everything in them has its end."""
        for pk, job in self.walks.items():
            if job in ended:
                walks.close_if_done(tx.session, pk, tx.now)

    # --- what goes wrong here

    def halted_by(self, error: BaseException) -> bool:
        """Return whether `error` ends the crawl: see `crawler.engine.background.halted_by`."""
        return halted_by(error, self.report, self.frontier)

    def fault(self, task: Task, error: BaseException) -> None:
        """Report a fault of ours or of the archive while an answer for `task` was taken in. Nothing that waits is lost.

        What came while the database was away is no fault: it is left to the next crawl, which asks again.
        """
        halted = self.halted_by(error)
        if not halted and is_outage(error):
            log_database_away(error, source=task.source.id, url=task.asked)
            self.background.go(task.source, task.job, self.postpone(task, AWAY))
            return
        if not halted:
            log.error("look_failed", source=task.source.id, url=task.asked, error=repr(error), exc_info=error)
        self.report_fault(task, Fault("stopped" if halted else f"internal-error: {error!r}"[:300], halted))

    def report_fault(self, task: Task, fault: Fault) -> None:
        """Report a fault that struck a task, and tell its handler."""
        if fault.halted:
            self.report.postpone(task.source.id, fault.reason)
        else:
            self.report.fail(task.source.id, fault.reason, task.asked)
        task.handler.faulted(task, fault)


def _ending(failure: Failure) -> Ending:
    return "away" if failure.host else "unavailable" if failure.again else "failed"
