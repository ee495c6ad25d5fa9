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
from twisted.python.failure import Failure as TwistedFailure

from crawler.jobs.consumer import JobConsumer
from crawler.spiders.news import NewsSpider

log = structlog.get_logger()

LONGEST_STOP = 15.0
"""Seconds that requests and pages under way have to end once the process is told to stop; what is left is handed back."""


class WorkSpider(NewsSpider):
    """Ends on SIGTERM and SIGINT; with `managed` also when standard input ends. SIGHUP reads the registry again."""

    name = "work"

    def __init__(self, consumer: JobConsumer, managed: bool, **kwargs: Any) -> None:
        super().__init__(seeds=self._begin, **kwargs)
        self._consumer = consumer
        self._managed = managed
        self._hung_up = False

    async def start(self) -> AsyncIterator[Request]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop, signal.Signals(number).name)
        loop.add_signal_handler(signal.SIGHUP, self._consumer.reload)
        if self._managed:
            loop.add_reader(sys.stdin, self._parent_gone)
        async for request in super().start():
            yield request

    async def _begin(self) -> None:
        self.crawl.background.accompany(self._consumer.run())

    def _look_at_disk(self) -> None:
        self._consumer.look_at_disk()  # a long-lived process waits for room

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

        # reactor.stop() would wait for the downloads to end.
        log.warning("worker_hangs_up", in_flight=self.crawl.frontier.in_flight)
        self._hung_up = True
        reactor.disconnectAll()

    async def unanswered(self, failure: TwistedFailure) -> None:
        if self._hung_up:
            return  # that says nothing about the host: the task stays in hand, and its job is handed back
        await super().unanswered(failure)
