"""The address guard: which addresses a public crawler may connect to.

Checked on the address that a name resolved to, at every connection, so redirects, odd spellings of addresses and DNS
answers that point inside cannot lead to the local network or to a cloud's metadata service.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network


def permitted(address: str, allowed: Sequence[Network]) -> bool:
    """Return whether `address` (a literal IP address) is public, or inside one of the `allowed` networks.

    Not public: private, loopback, link-local (169.254.0.0/16 holds the metadata services), shared (RFC 6598), site-local (RFC
    3879), multicast, reserved, unspecified, the hosts of clouds that have an address like public ones, and IPv4 addresses of
    these kinds wrapped in IPv6 (mapped, compatible, translated, 6to4, Teredo, NAT64).

    A wrapped address is unwrapped and judged. A translator for local use (RFC 8215) leads where its owner wants, so nobody's
    prefix is public.
    """
    ip = ip_address(address.partition("%")[0])
    if any(ip.version == network.version and ip in network for network in allowed):
        return True
    if isinstance(ip, IPv6Address):
        if inner := _wrapped(ip):
            return all(permitted(str(address), allowed) for address in inner)
        if ip.is_site_local or not all(permitted(str(address), allowed) for address in _tunnelled(ip)):
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _INSIDE)


_INSIDE = (
    IPv4Network("168.63.129.16/32"),  # Azure: the host of a virtual machine
    IPv4Network("100.100.100.200/32"),  # Alibaba Cloud: metadata
    IPv4Network("192.0.0.0/24"),  # RFC 6890; Oracle Cloud has metadata in it
    IPv6Network("fd00:ec2::/32"),  # Amazon: metadata, name and time servers
    IPv6Network("64:ff9b:1::/48"),  # RFC 8215
    IPv6Network("3fff::/20"),  # RFC 9637
    IPv6Network("5f00::/16"),  # RFC 9602
)
"""Never public. Some of them lie in networks that are not public anyway; they stand here so that nobody has to look that up."""

_LAST_32_BITS = (
    IPv6Network("64:ff9b::/96"),  # NAT64 (RFC 6052)
    IPv6Network("::ffff:0:0:0/96"),  # translated (SIIT, RFC 2765)
    IPv6Network("::/96"),  # compatible (RFC 4291, 2.5.5.1)
)
"""Networks whose addresses end in an IPv4 address."""


def _wrapped(ip: IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses to which `ip` leads; none: it is an address of its own."""
    if ip.ipv4_mapped:
        return (ip.ipv4_mapped,)
    if ip.sixtofour:
        return (ip.sixtofour,)
    if ip.teredo:
        return ip.teredo
    if any(ip in network for network in _LAST_32_BITS):
        return (IPv4Address(int(ip) & 0xFFFFFFFF),)
    return ()


def _tunnelled(ip: IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 address at the end of an address of ISATAP (RFC 5214, 6.1), which is one of the network in front of it, too."""
    if (int(ip) >> 32) & 0xFDFFFFFF == 0x5EFE:
        return (IPv4Address(int(ip) & 0xFFFFFFFF),)
    return ()
