"""The spider of a long-lived process: jobs come in until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import structlog
from scrapy import Request

from crawler.intake import Intake
from crawler.spiders.poll import PollSpider

log = structlog.get_logger()

LONGEST_STOP = 20.0
"""Seconds that requests and pages under way have to end once the process is told to stop; what is left is handed back."""


class WorkSpider(PollSpider):
    """Ends on SIGTERM and SIGINT; with `managed` also when standard input ends. SIGHUP reads the registry again."""

    name = "work"

    def __init__(self, intake: Intake, managed: bool, **kwargs: Any) -> None:
        super().__init__(jobs=(), **kwargs)
        self._intake = intake
        self._managed = managed

    async def start(self) -> AsyncIterator[Request]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, signal.Signals(number).name)
        loop.add_signal_handler(signal.SIGHUP, self._intake.reload)
        if self._managed:
            loop.add_reader(sys.stdin, self._parent_gone)
        async for request in super().start():
            yield request

    async def orders(self) -> None:
        self.accompany(self._intake.run())

    def _parent_gone(self) -> None:
        if not os.read(sys.stdin.fileno(), 1):
            asyncio.get_running_loop().remove_reader(sys.stdin)
            self._stop("the daemon is gone")

    def _stop(self, because: str) -> None:
        if self.crawl.frontier.closed:
            return
        log.info("worker_stops", because=because, in_flight=self.crawl.frontier.in_flight)
        self.crawl.frontier.close()
        asyncio.get_running_loop().call_later(LONGEST_STOP, self._give_up)

    def _give_up(self) -> None:
        from twisted.internet import reactor

        log.warning("worker_stops_hard", in_flight=self.crawl.frontier.in_flight)
        reactor.stop()  # type: ignore[misc]
