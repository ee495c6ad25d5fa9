"""robots.txt (RFC 9309): what an origin allows, and how fast.

We choose the group ourselves, Protego matches the paths: Protego takes a group for `Date` as meant for `Dateline`, not
one for `Dateline/1.0`, and lets an unknown line split a group (checked with 0.7).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from protego import Protego

from archive.model.clock import LONGEST_PAUSE

State = Literal["ok", "unavailable", "unreachable"]
"""ok: parsed; unavailable: there is none, all is allowed; unreachable: nobody knows, nothing is allowed."""

TEXT_LIMIT = 512 << 10
"""Bytes that are read and kept; RFC 9309 (2.5) asks for at least 500 KiB."""

RULES = 5_000
"""Different rules of our group that are weighed against each other. All of them are looked at for each address, which takes
some milliseconds with so many. A group with more is read strictly: see `_strictly`."""

LONG = 16 << 10
"""Characters of a robots.txt that are read at once. A longer one is read in a thread: the longest takes half a second."""

LONGEST_DELAY = LONGEST_PAUSE.total_seconds()
"""Seconds: a longer Crawl-delay means nothing else than this one."""

LONGEST_AGE = timedelta(hours=24)
"""RFC 9309, 2.4."""
UNREACHABLE_AGE = timedelta(hours=1)
"""An outage is asked about again sooner: until then the whole origin is closed to us."""

_FIELDS = {
    "user-agent": "agent",
    "useragent": "agent",
    "user agent": "agent",
    "allow": "allow",
    "disallow": "disallow",
    # Misspellings that are common enough for Google's and Protego's parsers to know them.
    "dissallow": "disallow",
    "dissalow": "disallow",
    "disalow": "disallow",
    "diasllow": "disallow",
    "disallaw": "disallow",
    "crawl-delay": "delay",
    "crawl delay": "delay",
    "crawldelay": "delay",
    # They say something about the group they stand in, so the next User-agent line begins another one.
    "request-rate": "member",
    "visit-time": "member",
    "content-signal": "member",
    "content-usage": "member",
}
_LINE = re.compile(r"\s*([a-z]+(?:[- ](?:agent|delay|rate|time|signal|usage))?)\s*(?::|\s)\s*(.*)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z_-]+")
_SITEMAP = re.compile(r"^[^\S\r\n]*site-?map\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_WILDCARD = re.compile(r"[*$]")
_SECONDS = re.compile(r"\d+(?:\.\d*)?|\.\d+")


@dataclass(frozen=True, slots=True)
class _Group:
    """All that a robots.txt says to one crawler."""

    rules: Protego
    delay: float | None


@dataclass(slots=True)
class Robots:
    """The robots.txt of one origin. `text` is what the archive stores to recall it; None unless the state is `ok`."""

    state: State
    text: str | None = None
    _groups: dict[str, _Group] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def recall(cls, state: str, body: str | None) -> Robots:
        """What the archive remembers. A state that nobody knows counts as unreachable."""
        if state not in get_args(State):
            return cls("unreachable")
        return cls(cast(State, state), (body or "")[:TEXT_LIMIT] if state == "ok" else None)

    def allows(self, url: str, token: str) -> bool:
        """Return whether the crawler with the product token `token` may ask for `url`. /robots.txt itself always may be."""
        if self.state == "unavailable" or urlsplit(url).path == "/robots.txt":
            return True
        if self.state == "unreachable":
            return False
        return bool(self._group(token).rules.can_fetch(url, "*"))

    def crawl_delay(self, token: str) -> float | None:
        """Return the seconds between two requests that the origin asks for. None where it asks for none. Not in the RFC, but in
        use."""
        return self._group(token).delay if self.state == "ok" else None

    async def read_for(self, token: str) -> None:
        """Read what the file says to `token`, a long file beside the event loop. Without this it is read when it is first
        asked for."""
        if token not in self._groups and len(self.text or "") > LONG:
            self._groups[token] = await asyncio.to_thread(_select, self.text or "", token)

    def _group(self, token: str) -> _Group:
        group = self._groups.get(token)
        if group is None:
            group = self._groups[token] = _select(self.text or "", token)
        return group


def parse_robots(status: int | None, body: bytes) -> Robots:
    """The meaning of an answer for /robots.txt; `status` None: there was no answer (RFC 9309, 2.3.1).

    A redirect that is left over (too many of them, no target) counts as unavailable. So does every 4xx but 429, which
    speaks about us and not about the file: it counts as unreachable.
    """
    if status is None or status == 429:
        return Robots("unreachable")
    if 200 <= status < 300:
        return Robots("ok", _decode(body))
    if 300 <= status < 500:
        return Robots("unavailable")
    return Robots("unreachable")


def sitemaps_in(text: str | None) -> tuple[str, ...]:
    """Return the addresses of the Sitemap lines, as written. They belong to no group (sitemaps.org, "Submitting Your Sitemap")."""
    return tuple(dict.fromkeys(match[1] for match in _SITEMAP.finditer(text or "")))


def fresh(fetched_at: datetime, now: datetime, state: str = "ok") -> bool:
    """Return whether a robots.txt fetched at `fetched_at` may still be used: for a day, an unreachable one for an hour."""
    return timedelta(0) <= now - fetched_at <= (UNREACHABLE_AGE if state == "unreachable" else LONGEST_AGE)


def _decode(body: bytes) -> str:
    if len(body) > TEXT_LIMIT:
        body = body[:TEXT_LIMIT]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]  # half a path would forbid more than was meant
    encoding = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return body.decode(encoding, "replace").replace("\x00", "")  # PostgreSQL cannot store U+0000


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """(field, value) of each line that is understood; the rest is skipped (RFC 9309, 2.2 and 2.5)."""
    for line in re.split(r"[\r\n]+", text.removeprefix("\ufeff")):
        match = _LINE.fullmatch(line.partition("#")[0].rstrip())
        if match and (name := _FIELDS.get(match[1].lower())):
            yield name, match[2]


def _select(text: str, token: str) -> _Group:
    """Merge all groups for `token`; if there are none, all groups for `*` (RFC 9309, 2.2.1). A group counts once for a
    crawler, however often its agent lines name it."""
    own, general = _Collector(), _Collector()
    for_us = for_all = in_agents = False
    for name, value in _lines(text):
        if name == "agent":
            if not in_agents:
                for_us = for_all = False
            in_agents = True
            product = _TOKEN.match(value)
            if product and product[0].lower() == token.lower():
                own.named = for_us = True
            elif value.split(maxsplit=1)[:1] == ["*"]:
                for_all = True
            continue
        in_agents = False
        if for_us:
            own.add(name, value)
        if for_all:
            general.add(name, value)
    chosen = own if own.named else general
    rules = chosen.rules if len(chosen.rules) <= RULES else _strictly(chosen.rules)
    lines = "".join(f"{name}: {value}\n" for name, value in rules)
    return _Group(Protego.parse("User-agent: *\n" + lines), chosen.delay)


def _strictly(rules: Iterable[tuple[str, str]]) -> dict[tuple[str, str], None]:
    """Rules that forbid all that `rules` forbid, and are looked up at once however many they are: what is allowed
    does not count, and a path counts up to its first wildcard."""
    paths = (value for name, value in rules if name == "Disallow")
    return {("Disallow", _WILDCARD.split(path, maxsplit=1)[0] or "/"): None for path in paths}


@dataclass(slots=True)
class _Collector:
    named: bool = False
    rules: dict[tuple[str, str], None] = field(default_factory=dict)
    """Each rule once: its field and its path."""
    delay: float | None = None
    """Seconds."""

    def add(self, name: str, value: str) -> None:
        if name == "delay":
            if number := _SECONDS.match(value):
                self.delay = max(self.delay or 0.0, min(float(number[0]), LONGEST_DELAY))
        elif name != "member" and value:
            self.rules[name.capitalize(), value] = None
