"""What goes on beside the requests of a crawl: parts of its jobs, and companions that only watch and count.

work of a job ─> the crawl does not end before it; a fault in it is reported, and the crawl goes on
companion ─────> ends with the crawl; a fault in it ends the crawl
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import Any

import structlog

from archive.model.source import Source
from archive.outage import explain, is_outage, is_storage
from crawler.engine.log_events import log_database_away
from crawler.engine.report import CrawlReport
from crawler.frontier.frontier import Frontier

log = structlog.get_logger()

AWAY = "the database was away"
"""The reason of what is left to the next crawl because of that."""


def halted_by(error: BaseException, report: CrawlReport, frontier: Frontier) -> bool:
    """Halt the crawl if there is no room to save anything more. Return whether `error` says so. A database that is away does
    not halt it: that is waited for."""
    if not is_storage(error) or (explained := explain(error)) is None:
        return False
    if report.halted is None:
        log.error("crawl_halted", error=explained.message)
        report.halted = f"{explained.message}. {explained.hint}" if explained.hint else explained.message
    frontier.close()
    return True


class Background:
    """The work beside the requests that go through `frontier`. Faults are entered in `report`."""

    def __init__(self, frontier: Frontier, report: CrawlReport) -> None:
        self._frontier = frontier
        self._report = report
        self._works: set[asyncio.Task[None]] = set()
        self._companions: set[asyncio.Task[None]] = set()

    def go(self, source: Source, job: int | None, work: Coroutine[Any, Any, None]) -> None:
        """Let `work` go on as a part of the job, which is not done before."""
        held = ExitStack()
        held.enter_context(self._frontier.kept_open())
        held.enter_context(self._frontier.tasks_in_flight.offering(job))

        async def run() -> None:
            with held:
                try:
                    await work
                except Exception as error:  # noqa: BLE001  # a fault in one work must not end the crawl; it is reported
                    self._failed(source, error)

        task = asyncio.create_task(run())
        self._works.add(task)
        task.add_done_callback(self._works.discard)

    def _failed(self, source: Source, error: Exception) -> None:
        if halted_by(error, self._report, self._frontier):
            return
        if is_outage(error):
            log_database_away(error, source=source.id)
            self._report.postpone(source.id, AWAY)
            return
        log.error("errand_failed", source=source.id, error=repr(error), exc_info=error)
        self._report.fail(source.id, f"internal-error: {error!r}", source.homepage)

    def accompany(self, work: Coroutine[Any, Any, None]) -> None:
        """Let `work` go on until the crawl ends. If it fails, the crawl ends, with what is on its way recorded."""
        task = asyncio.create_task(work)
        self._companions.add(task)
        task.add_done_callback(self._companion_ended)

    def _companion_ended(self, task: asyncio.Task[None]) -> None:
        self._companions.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if not halted_by(error, self._report, self._frontier):
            log.error("crawl_halted", error=repr(error), exc_info=error)
            self._report.halted = str(error)
            self._frontier.close()

    async def settled(self) -> None:
        """Wait until no work of a job goes on."""
        await asyncio.gather(*self._works)

    async def end(self) -> None:
        """Cancel all that still goes on."""
        for task in (*self._companions, *self._works):
            task.cancel()
        await asyncio.gather(*self._works, return_exceptions=True)
