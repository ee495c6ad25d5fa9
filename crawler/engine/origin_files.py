"""The files in which origins say what they allow, robots.txt and the TDM file: fetched before anything else, while the tasks that
go by them wait.

fetch_for(task) ─> parked ─> file asked for ─┬─ answered, or there is none ─> rules learnt and recorded ─> offered again
                                             ├─ put off ─> put off with it
                                             └─ a fault ─> reported with it
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from archive.config import Settings
from archive.frontier.origins import record_robots, record_tdm
from archive.model.capture import Exchange
from archive.model.clock import Clock
from archive.model.content_codings import ContentError
from archive.model.text.urls import host_of, origin_of
from archive.writer.writer import Transaction
from crawler.frontier.frontier import Frontier
from crawler.frontier.parking import Parking
from crawler.frontier.task import Task, TaskHandler
from crawler.frontier.unavailable import Ending, Fault
from crawler.http import tdmrep
from crawler.http.failures import Failure, of_status
from crawler.http.politeness import ROBOTS_PATH, Politeness
from crawler.http.retry_after import pause_asked

T = TypeVar("T")


class Requests(Protocol):
    """What the files need of the crawl (`crawler.engine.crawl.Crawl`)."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def politeness(self) -> Politeness: ...
    @property
    def frontier(self) -> Frontier: ...
    async def offer(self, task: Task) -> None: ...
    async def retry(self, task: Task, failure: Failure, exchange: Exchange | None = None) -> None: ...
    async def pause(self, url: str, seconds: float, reason: str) -> None: ...
    async def decode(self, exchange: Exchange) -> bytes: ...
    async def write(self, work: Callable[[Transaction], T]) -> T: ...
    def report_fault(self, task: Task, fault: Fault) -> None: ...


class OriginFiles:
    """The files of the origins of a crawl, and the tasks that wait for them."""

    def __init__(self, crawl: Requests) -> None:
        self._crawl = crawl
        self._parking = Parking()

    def task(self, url: str, cause: Task) -> Task:
        """The task of fetching the file at `url`, because `cause` goes by it."""
        source = cause.source
        self._crawl.frontier.require_delay(host_of(url), source.delay_or(self._crawl.settings.delay))
        return Task(OriginFile(self, "robots" if url.endswith(ROBOTS_PATH) else "tdm"), source, url, job=cause.job)

    def fetch_for(self, task: Task, url: str, file: Task) -> None:
        """Let `task` wait until the origin of `url` has answered for `file`, which is asked for unless it is already."""
        self._crawl.frontier.tasks_in_flight.enter(task)
        if self._parking.park(task, url):
            self._crawl.frontier.add(file)

    async def learn_robots(
        self, origin: str, status: int | None, body: bytes = b"", *, failure: str | None = None
    ) -> None:
        """Go by an origin's robots.txt from now on.

        `status` is None where there was no answer; `failure` then says why.
        """
        crawl, now = self._crawl, self._crawl.clock()
        robots = crawl.politeness.learn_robots(origin, status, body, now, failure=failure)
        await crawl.politeness.read_rules(origin)
        await crawl.write(lambda tx: record_robots(tx, origin, state=robots.state, body=robots.text, fetched_at=now))
        await self._offer_parked(origin)

    async def learn_tdm(self, origin: str, body: str | None) -> None:
        """Go by an origin's TDM file from now on. None means that it has none."""
        crawl, now = self._crawl, self._crawl.clock()
        crawl.politeness.learn_tdm(origin, body, now)
        await crawl.write(lambda tx: record_tdm(tx, origin, body=body, fetched_at=now))
        await self._offer_parked(origin)

    async def _offer_parked(self, origin: str) -> None:
        for parked in self._parking.unpark(origin):
            await self._crawl.offer(parked)
            self._leave(parked)

    async def put_off(self, origin: str, reason: str) -> None:
        """Leave to the next crawl all that waits for the file of an origin."""
        for parked in self._parking.unpark(origin):
            await parked.handler.ended(parked, "put-off", reason)
            self._leave(parked)

    def faulted(self, origin: str, fault: Fault) -> None:
        """Report a fault that met the file of an origin for all that waits for it."""
        for parked in self._parking.unpark(origin):
            self._crawl.report_fault(parked, Fault(fault.reason, halted=fault.halted, waiting=True))
            self._leave(parked)

    async def answered(self, task: Task, name: FileName, exchange: Exchange) -> None:
        """Take in an answer of any status."""
        crawl, origin = self._crawl, origin_of(task.asked)
        failure = of_status(exchange.status)
        if failure is not None and failure.again and task.attempt < crawl.settings.retries:
            await crawl.retry(task, failure, exchange)
            return
        if (wait := pause_asked(exchange, crawl.clock())) is not None:
            await crawl.pause(task.url, wait, f"HTTP {exchange.status}")
        try:
            body = await crawl.decode(exchange)
        except ContentError:
            body = b""
        if name == "robots":
            await self.learn_robots(origin, exchange.status, body)
        else:
            text = body[: tdmrep.LIMIT].decode("utf-8", "replace").replace("\x00", "")
            await self.learn_tdm(origin, text if exchange.status == 200 else None)

    def _leave(self, task: Task) -> None:
        self._crawl.frontier.tasks_in_flight.leave(task)


FileName = Literal["robots", "tdm"]


@dataclass(frozen=True, slots=True, eq=False)
class OriginFile(TaskHandler):
    """The handler of one kind of file. No rules apply to it: RFC 9309 lets everybody read robots.txt, and the TDM file is only
    asked for where robots.txt allows it."""

    files: OriginFiles
    name: FileName
    lane = 0
    obeys_rules = False
    takes_failures = True

    async def answered(self, task: Task, exchange: Exchange) -> None:
        await self.files.answered(task, self.name, exchange)

    async def ended(self, task: Task, how: Ending, reason: str) -> None:
        """Without an answer, robots.txt forbids everything for the time being, and no TDM file reserves nothing."""
        origin = origin_of(task.asked)
        if how == "put-off":
            await self.files.put_off(origin, reason)
        elif self.name == "robots":
            await self.files.learn_robots(origin, None, failure=reason)
        else:
            await self.files.learn_tdm(origin, None)

    def faulted(self, task: Task, fault: Fault) -> None:
        self.files.faulted(origin_of(task.asked), fault)
