"""Is this machine online? Asked only where a host cannot be reached at all: then the host may be dead, or we are offline.

Nobody is asked for a page to find that out. The system is asked whether it knows a way out, and the resolver for the names of
other sources, which a crawl would ask for anyway.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import ip_address

from crawler.engine.crawl import Crawl

RECENTLY = 120.0
"""Seconds for which an answer of any server shows that we are online."""
NAMES = 5
"""Names that are looked up at most."""
LOOKUP = 10.0
"""Seconds that their answers are waited for."""
OUTSIDE = "192.0.2.1"
"""An address that is nobody's (RFC 5737). Nothing is sent there: connecting a UDP socket only looks for a way."""

UNREACHED = frozenset({"host-not-found", "timeout", "connection-lost"})
"""Failures of a host from which nothing came back. A refused connection is an answer."""


async def is_offline(crawl: Crawl, names: Iterable[str]) -> bool:
    """Return whether this machine seems to be offline: no server answered lately, and either there is no way out or none of
    `names` (hosts of other sources) is known to the resolver. Without a name to try, only the way out tells."""
    loop = asyncio.get_running_loop()
    if loop.time() - crawl.heard_at < RECENTLY:
        return False
    if not await asyncio.to_thread(_has_way_out):
        return True
    fixed = {name.lower() for name in crawl.settings.resolve}
    tried = [name for name in dict.fromkeys(names) if name.lower() not in fixed and not _is_address(name)][:NAMES]
    if not tried:
        return False
    found = await asyncio.gather(*(_resolves(name) for name in tried))
    return not any(found) and loop.time() - crawl.heard_at >= RECENTLY


def _has_way_out() -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((OUTSIDE, 9))
        except OSError:
            return False
    return True


async def _resolves(name: str) -> bool:
    try:
        async with asyncio.timeout(LOOKUP):
            await asyncio.get_running_loop().getaddrinfo(name, 443, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        return False
    return True


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
