"""Holding hosts: claims those that have tasks, renews the process's lease, notes what hosts answered, gives up idle ones."""

from __future__ import annotations

import asyncio

import structlog

from archive import slots
from archive.hosts import recall_hosts
from archive.workers import BEAT
from archive.writer import Transaction, is_outage
from crawler.crawl import Crawl

log = structlog.get_logger()

LOOK = 0.05
"""Seconds from one look at the wanted hosts to the next."""
IDLE = 20.0
"""Seconds after which a host without tasks is given up, for others to have."""
AWAY = 1.0
"""Seconds from one try to the next while the database is away."""
REFUSED = 2.0
"""Seconds after which a host that another process holds is asked for again."""


class Holding:
    """The hosts of one fetching process, whose key in `workers` is `worker`."""

    def __init__(self, crawl: Crawl, worker: int) -> None:
        self._crawl = crawl
        self._worker = worker
        self._refused: dict[str, float] = {}

    async def run(self) -> None:
        """Until it is cancelled. Raises LeaseLost."""
        loop = asyncio.get_running_loop()
        beat = loop.time() + BEAT
        while True:
            try:
                await self._claim(loop.time())
            except Exception as error:  # what was claimed is wanted still, and claimed again
                if not is_outage(error):
                    raise
                log.warning("database_away", error=str(error).strip()[:200])
                await asyncio.sleep(AWAY)
            if loop.time() >= beat:
                await self.note()
                beat = loop.time() + BEAT
            await asyncio.sleep(LOOK)

    async def _claim(self, now: float) -> None:
        frontier, clock = self._crawl.frontier, self._crawl.clock
        wanted = [host for host in frontier.wanted if self._refused.get(host, now) <= now]
        if not wanted:
            return
        found = await self._crawl.write(lambda tx: slots.claim(tx.session, self._worker, wanted, clock()))
        if found:
            with self._crawl.archive.reading() as session:
                self._crawl.manners.recall(recall_hosts(session, found), clock())
        for host in wanted:
            if (slot := found.get(host)) is None:
                self._refused[host] = now + REFUSED
                continue
            self._refused.pop(host, None)
            self._crawl.spent[host] = slot.requests
            if slot.failing:
                self._crawl.down.add(host)
            pause = self._crawl.manners.pause(f"https://{host}/", clock())
            frontier.grant(host, max(slot.wait, pause[0] if pause else 0.0))

    async def note(self) -> None:
        """Renew the lease; write down requests, delays and failures; give up the hosts that had nothing to do."""
        crawl, frontier = self._crawl, self._crawl.frontier
        requests, frontier.requests = frontier.requests, type(frontier.requests)()
        answers, crawl.failing = crawl.failing, {}
        crawl.spent.update(requests)
        waits, delays = frontier.idle(IDLE), frontier.delays(requests)

        def work(tx: Transaction) -> None:
            slots.keep(tx.session, self._worker, delays, requests, crawl.clock())
            slots.note_answers(tx.session, self._worker, answers, crawl.clock())
            slots.release(tx.session, self._worker, waits, {}, crawl.clock())

        await crawl.write(work)
        for host in waits:
            crawl.spent.pop(host, None)
            crawl.down.discard(host)
