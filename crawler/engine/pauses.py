"""The pauses that hosts asked for, as a crawl keeps them: short ones are waited for, long ones end what is to be asked."""

from __future__ import annotations

from datetime import datetime, timedelta

from archive.model.clock import Clock
from archive.model.text.urls import host_of
from crawler.engine.report import HostWait, Waits
from crawler.frontier.frontier import Frontier
from crawler.http.politeness import Politeness

LONGEST_WAIT = 120.0
"""Seconds: a host that wants to be left alone for longer is left to the next crawl, with all that waits for it."""


class HostPauses:
    """The pauses of a crawl."""

    def __init__(self, frontier: Frontier, politeness: Politeness, clock: Clock) -> None:
        self.waits: Waits | None = None
        """Told of each host that asked to be left alone, where a person waits for the crawl."""
        self._frontier = frontier
        self._politeness = politeness
        self._clock = clock

    def begin(self, url: str, seconds: float, reason: str) -> datetime:
        """Leave the host of `url` alone for so long. Return until when (UTC)."""
        until = self._clock() + timedelta(seconds=seconds)
        self._frontier.pause(host_of(url), seconds)
        self._politeness.paused(url, until, reason)
        return until

    def too_long(self, url: str) -> str | None:
        """Return why a request to the host of `url` is left to the next crawl. None where it need not be: a shorter pause is
        waited for."""
        if (pause := self._politeness.pause(url, self._clock())) is None:
            return None
        self.say(url)
        seconds, reason = pause
        if seconds > LONGEST_WAIT:
            return f"{reason} with Retry-After"
        self._frontier.pause(host_of(url), seconds)
        return None

    def say(self, url: str) -> None:
        """Tell whoever waits for the crawl, if somebody does, that the host of `url` asked to be left alone."""
        now = self._clock()
        if self.waits is None or (pause := self._politeness.paused_until(url, now)) is None:
            return
        until, reason = pause
        self.waits(HostWait(host_of(url), until, reason, (until - now).total_seconds() > LONGEST_WAIT))
