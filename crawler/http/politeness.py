"""What each origin allows: its robots.txt and its TDM file, fetched before anything else and at most a day old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from archive.frontier.origins import OriginMemory
from archive.model.capture import Rights
from archive.model.clock import LONGEST_PAUSE
from archive.model.text.urls import host_of, origin_of
from crawler.http.robots import Robots, fresh, parse_robots
from crawler.http.tdmrep import TdmFile, parse_tdmrep

ROBOTS_PATH = "/robots.txt"
TDM_PATH = "/.well-known/tdmrep.json"
UNREACHABLE = "robots-unreachable"
"""RFC 9309, 2.3.1.4: where robots.txt cannot be had, everything is forbidden for the time being."""
TDM_AGE = timedelta(hours=24)


@dataclass(slots=True)
class _Origin:
    robots: Robots | None = None
    tdm: TdmFile | None = None
    robots_at: datetime | None = None
    tdm_at: datetime | None = None
    unreachable_because: str | None = None


class Politeness:
    """Knows the rules of every origin met; says what must be fetched before an URL of it may be asked for."""

    def __init__(self, remembered: Mapping[str, OriginMemory], token: str, now: datetime) -> None:
        self._token = token
        self._origins: dict[str, _Origin] = {}
        self._pauses: dict[str, tuple[datetime, str]] = {}
        self.recall(remembered, now)

    def recall(self, remembered: Mapping[str, OriginMemory], now: datetime) -> None:
        """Take over what the archive knows of origins that other processes may have asked meanwhile."""
        for origin, memory in remembered.items():
            known = self._origins.setdefault(origin, _Origin())
            robots_at, tdm_at = memory.robots_fetched_at, memory.tdm_fetched_at
            if memory.robots_state and robots_at and fresh(robots_at, now, memory.robots_state):
                if known.robots_at is None or known.robots_at < robots_at:
                    known.robots, known.robots_at = Robots.recall(memory.robots_state, memory.robots_body), robots_at
                if tdm_at and _young(tdm_at, now) and (known.tdm_at is None or known.tdm_at < tdm_at):
                    known.tdm, known.tdm_at = parse_tdmrep(memory.tdm_body), tdm_at
            if memory.paused_until and now < memory.paused_until <= now + LONGEST_PAUSE:
                self.paused(origin, memory.paused_until, memory.pause_reason or "paused")

    def robots(self, url: str) -> Robots | None:
        """Return the robots.txt of an address's origin. None where it is not known."""
        known = self._origins.get(origin_of(url))
        return known.robots if known else None

    async def read_rules(self, url: str) -> None:
        """Read what is known of the rules for `url` before they are asked for; a long robots.txt beside the event loop."""
        if (robots := self.robots(url)) is not None:
            await robots.read_for(self._token)

    def missing(self, url: str, now: datetime) -> str | None:
        """Return the address of the robots or the TDM file that must be fetched before `url` may be. None when all is known and
        young enough."""
        origin = origin_of(url)
        known = self._origins.get(origin)
        if known is None or known.robots is None or known.robots_at is None:
            return origin + ROBOTS_PATH
        if not fresh(known.robots_at, now, known.robots.state):
            return origin + ROBOTS_PATH
        tdm_url = origin + TDM_PATH
        young = known.tdm_at is not None and _young(known.tdm_at, now)
        if not young and known.robots.state != "unreachable" and known.robots.allows(tdm_url, self._token):
            return tdm_url
        return None

    def refusal(self, url: str) -> str | None:
        """Return why `url` may not be asked for: `robots` (a rule forbids it) or `robots-unreachable: <why>`. None when it may."""
        known = self._origins.get(origin_of(url))
        if known is None or known.robots is None or known.robots.allows(url, self._token):
            return None
        if known.robots.state != "unreachable":
            return "robots"
        return UNREACHABLE + (f": {known.unreachable_because}" if known.unreachable_because else "")

    def crawl_delay(self, url: str) -> float:
        """Return the seconds that robots.txt asks for between requests. 0 where it says nothing."""
        robots = self.robots(url)
        return (robots.crawl_delay(self._token) if robots else None) or 0.0

    def pause(self, url: str, now: datetime) -> tuple[float, str] | None:
        """Return the seconds for which the host asked to be left alone, and why. None when it did not, or the time is over."""
        pause = self.paused_until(url, now)
        return ((pause[0] - now).total_seconds(), pause[1]) if pause is not None else None

    def paused_until(self, url: str, now: datetime) -> tuple[datetime, str] | None:
        """Return until when the host asked to be left alone, and why. None when it did not, or the time is over."""
        until, reason = self._pauses.get(host_of(url), (now, ""))
        return (until, reason) if until > now else None

    def paused(self, url: str, until: datetime, reason: str) -> None:
        """Leave a host alone until then, because it asked for that. It is the host that is paused, whatever the scheme."""
        known = self._pauses.get(host_of(url))
        if known is None or known[0] < until:
            self._pauses[host_of(url)] = (until, reason)

    def file_rights(self, url: str) -> Rights:
        """What the origin's TDM file says about `url`."""
        known = self._origins.get(origin_of(url))
        if known is None or known.tdm is None:
            return Rights()
        parts = urlsplit(url)
        reserved, policy = known.tdm.reservation(parts.path + (f"?{parts.query}" if parts.query else ""))
        if reserved is None:
            return Rights()
        return Rights(tdm_reservation=reserved, tdm_policy=policy, evidence=(f"file:tdm-reservation={int(reserved)}",))

    def learn_robots(
        self, origin: str, status: int | None, body: bytes, now: datetime, *, failure: str | None = None
    ) -> Robots:
        """Take in the answer for an origin's robots.txt (`status` None: there was none) and return what it means.

        `failure` says why there is no rule to go by, for those who read of the refusal.
        """
        robots = parse_robots(status, body)
        known = self._origins.setdefault(origin, _Origin())
        known.robots, known.robots_at = robots, now
        known.unreachable_because = failure or (f"HTTP {status}" if status else None)
        return robots

    def learn_tdm(self, origin: str, body: str | None, now: datetime) -> None:
        """Take in an origin's TDM file. None means that it has none."""
        known = self._origins.setdefault(origin, _Origin())
        known.tdm, known.tdm_at = parse_tdmrep(body), now

    def forget_robots(self, url: str) -> None:
        """Have the robots file of this address's origin fetched anew before the next request that goes by it."""
        if (known := self._origins.get(origin_of(url))) is not None:
            known.robots = known.robots_at = None


def _young(fetched_at: datetime, now: datetime) -> bool:
    """Return whether a TDM file fetched then may still be used. One from the future was noted by a clock that was wrong."""
    return timedelta(0) <= now - fetched_at < TDM_AGE
