"""Name resolution for Scrapy: through the address guard, with our own host map, and with a cache that expires."""

from __future__ import annotations

import socket
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from time import monotonic
from typing import Any

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings
from twisted.internet import defer
from twisted.internet.base import ThreadedResolver
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IReactorThreads, IResolverSimple
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.http.address_guard import Network, permitted

CACHE_SECONDS = 300.0
CACHE_NAMES = 10_000

# Twisted's endpoint turns every failed lookup into the same DNSLookupError without cause; what the guard refused is
# noted here, so that the outcome of a request can say so.
_refused: OrderedDict[str, str] = OrderedDict()


def refusal_of(host: str) -> str | None:
    """Return the address because of which the guard refused `host` lately. None where it did not."""
    return _refused.get(host.lower())


@implementer(IResolverSimple)
class GuardedResolver(ThreadedResolver):
    """Resolves names to IPv4 addresses and refuses those that the guard does not permit.

    Scrapy's own resolver caches for ever; a crawler that runs for weeks must notice that a host has moved.
    """

    def __init__(self, reactor: Any, hosts: Mapping[str, str], allowed: Sequence[Network], timeout: float) -> None:
        super().__init__(reactor)
        self._hosts = hosts
        self._allowed = allowed
        self._seconds = timeout
        self._cache: OrderedDict[str, tuple[float, str]] = OrderedDict()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: IReactorThreads) -> GuardedResolver:
        return cls.from_settings(crawler.settings, reactor)

    @classmethod
    def from_settings(cls, settings: BaseSettings, reactor: IReactorThreads) -> GuardedResolver:
        return cls(
            reactor,
            settings.getdict("DATELINE_RESOLVE"),
            settings.get("DATELINE_ALLOW_NETWORKS", ()),
            settings.getfloat("DNS_TIMEOUT"),
        )

    def install_on_reactor(self) -> None:
        self.reactor.installResolver(self)  # type: ignore[arg-type]  # zope's interface, not known to mypy

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        """Return the address of `name`, as Twisted asks for it.

        Raises:
            DNSLookupError: The name is not known, or leads to an address that the guard refuses (through the Deferred).
        """
        fixed = self._hosts.get(name.lower()) or _literal(name)
        if fixed is not None:
            return self._checked(fixed, name)
        cached = self._cache.get(name)
        if cached is not None and cached[0] > monotonic():
            return self._checked(cached[1], name)
        looked_up: Deferred[str] = super().getHostByName(name, (round(self._seconds),))
        return looked_up.addCallback(self._remember, name).addCallback(self._checked, name)

    def _remember(self, address: str, name: str) -> str:
        self._cache[name] = (monotonic() + CACHE_SECONDS, address)
        self._cache.move_to_end(name)
        if len(self._cache) > CACHE_NAMES:
            self._cache.popitem(last=False)
        return address

    def _checked(self, address: str, name: str) -> Deferred[str]:
        if permitted(address, self._allowed):
            return defer.succeed(address)
        _refused[name.lower()] = address
        _refused.move_to_end(name.lower())
        if len(_refused) > CACHE_NAMES:
            _refused.popitem(last=False)
        return defer.fail(DNSLookupError(f"{name} leads to {address}, which is not a public address"))


def _literal(name: str) -> str | None:
    """The address that `name` spells, in any way that the C library reads: 127.1, 0x7f.2, 2130706433, ::1."""
    try:
        return str(ip_address(name.strip("[]")))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except (OSError, ValueError):
        return None
