"""Leases of hosts: claims those that have tasks, renews the process's lease, notes what hosts answered, gives up idle ones."""

from __future__ import annotations

import asyncio

from archive.frontier.origins import OriginMemory, load_origins
from archive.outage import is_outage
from archive.queue import host_slots
from archive.queue.host_slots import Slot
from archive.queue.workers import BEAT, LEASE
from archive.writer.writer import Transaction
from crawler.engine.crawl import Crawl
from crawler.engine.log_events import log_database_away
from crawler.engine.pauses import LONGEST_WAIT

LOOK = 0.05
"""Seconds from one look at the wanted hosts to the next."""
IDLE = 20.0
"""Seconds after which a host without tasks is given up, for others to have."""
AWAY = 1.0
"""Seconds from one try to the next while the database is away."""
SURE = LEASE.total_seconds() - 10.0
"""Seconds since the lease was renewed for which a host is asked: a process that the database does not hear of, or that was
stopped for a while, must have left its hosts alone by the time when others may have them."""
REFUSED = 2.0
"""Seconds after which a host that another process holds is asked for again."""


class HostLeases:
    """The hosts of one fetching process, whose key in `workers` is `worker`."""

    def __init__(self, crawl: Crawl, worker: int) -> None:
        self._crawl = crawl
        self._worker = worker
        self._refused: dict[str, float] = {}

    async def run(self) -> None:
        """Claim hosts and renew the process's lease, until it is cancelled.

        Raises:
            LeaseLost: The process was taken for dead, and others may have its hosts.
        """
        loop = asyncio.get_running_loop()
        beat = loop.time() + BEAT
        self._crawl.frontier.held_until = loop.time() + SURE
        while True:
            try:
                await self._claim(loop.time())
                await self._slow_down()
            except Exception as error:  # what was claimed is wanted still, and claimed again
                if not is_outage(error):
                    raise
                log_database_away(error)
                await asyncio.sleep(AWAY)
            if (begun := loop.time()) >= beat:
                await self.note()
                self._crawl.frontier.held_until = begun + SURE
                beat = loop.time() + BEAT
            await asyncio.sleep(LOOK)

    async def _claim(self, now: float) -> None:
        frontier, clock = self._crawl.frontier, self._crawl.clock
        wanted = [host for host in frontier.wanted if self._refused.get(host, now) <= now]
        if not wanted:
            return
        delays = frontier.delays(wanted)

        def work(tx: Transaction) -> tuple[dict[str, Slot], dict[str, OriginMemory]]:
            claimed = host_slots.claim(tx.session, self._worker, wanted, clock())
            host_slots.renew(
                tx.session, self._worker, delays, {}, clock()
            )  # before the first request: we may die after it
            return claimed, load_origins(tx.session, claimed)

        found, remembered = await self._crawl.write(work)
        self._crawl.politeness.recall(remembered, clock())
        for host in wanted:
            if (slot := found.get(host)) is None:
                self._refused[host] = now + REFUSED
                continue
            self._refused.pop(host, None)
            self._crawl.limits.spent[host] = slot.requests
            if slot.failing:
                self._crawl.down.add(host)
            pause = self._crawl.politeness.pause(f"https://{host}/", clock())
            if pause is not None:
                self._crawl.pauses.say(f"https://{host}/")
            frontier.grant(host, max(slot.wait, pause[0] if pause else 0.0))
            if pause is not None and pause[0] > LONGEST_WAIT:
                await self._crawl.leave_host(host, f"{pause[1]} with Retry-After")
            else:
                await self._crawl.leave_late(host)

    async def _slow_down(self) -> None:
        """Write down the delays that have grown, because robots.txt has asked for more."""
        frontier, clock = self._crawl.frontier, self._crawl.clock
        if not frontier.slower:
            return
        grown, frontier.slower = frontier.slower, set()
        delays = frontier.delays(grown)
        await self._crawl.write(lambda tx: host_slots.renew(tx.session, self._worker, delays, {}, clock()))

    async def note(self) -> None:
        """Renew the lease. Write down requests, delays and failures, and give up the hosts that had nothing to do."""
        crawl, frontier = self._crawl, self._crawl.frontier
        requests, frontier.requests = frontier.requests, type(frontier.requests)()
        answers, crawl.failing = crawl.failing, {}
        crawl.limits.spent.update(requests)
        waits, delays = frontier.idle(IDLE), frontier.delays(requests)

        def work(tx: Transaction) -> None:
            host_slots.renew(tx.session, self._worker, delays, requests, crawl.clock())
            host_slots.record_answers(tx.session, self._worker, answers, crawl.clock())
            host_slots.release(tx.session, self._worker, waits, {}, crawl.clock())

        await crawl.write(work)
        for host in waits:
            crawl.limits.spent.pop(host, None)
            crawl.down.discard(host)
