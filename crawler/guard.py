"""The address guard: which addresses a public crawler may connect to.

Checked on the address that a name resolved to, at every connection, so redirects, odd spellings of addresses and DNS
answers that point inside cannot lead to the local network or to a cloud's metadata service.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


def permitted(address: str, allowed: Sequence[Network]) -> bool:
    """Whether `address` (a literal IP address) is public, or inside one of the `allowed` networks.

    Not public: private, loopback, link-local (169.254.0.0/16 holds the metadata services), shared (RFC 6598), multicast,
    reserved, unspecified, and IPv4 addresses of these kinds wrapped in IPv6 (mapped, 6to4, Teredo, NAT64).
    """
    ip = ip_address(address.partition("%")[0])
    if any(ip.version == network.version and ip in network for network in allowed):
        return True
    if isinstance(ip, IPv6Address):
        inner = _wrapped(ip)
        if inner is not None:
            return permitted(str(inner), allowed)
    return ip.is_global and not ip.is_multicast


_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052


def _wrapped(ip: IPv6Address) -> IPv4Address | None:
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    if ip.sixtofour:
        return ip.sixtofour
    if ip.teredo:
        return ip.teredo[1]
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return None
