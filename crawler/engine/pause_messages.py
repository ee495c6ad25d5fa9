"""Telling people what is waited for: a host that asked to be left alone for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive.model.clock import Clock
from archive.model.source import Source
from archive.model.text.urls import host_of
from archive.sources.state import polled_addresses

if TYPE_CHECKING:
    from crawler.http.politeness import Politeness

LOOK = 0.5
"""Seconds from one look for pauses to the next."""
WAITING = "waiting: "
"""With this such a line begins."""

Say = Callable[[str], None]
"""Called with what goes on, in a few words."""


def waiting_for(host: str, until: datetime) -> str:
    """The line that tells of a host that is left alone until then (UTC)."""
    return f"{WAITING}{host} asked to be left alone until {until:%H:%M:%S} UTC"


async def tell_pauses(politeness: Politeness, clock: Clock, sources: Iterable[Source], say: Say) -> None:
    """Say which hosts of `sources` are waited for, until it is cancelled."""
    urls = {host_of(url): url for source in sources for url in polled_addresses(source)}
    told: dict[str, datetime] = {}
    while True:
        now = clock()
        for host, url in urls.items():
            if (pause := politeness.pause(url, now)) is None:
                continue
            until = (now + timedelta(seconds=pause[0])).replace(microsecond=0)
            if abs(told.get(host, datetime.min.replace(tzinfo=until.tzinfo)) - until) > timedelta(seconds=2):
                told[host] = until
                say(waiting_for(host, until))
        await asyncio.sleep(LOOK)
