from __future__ import annotations

from ipaddress import ip_network

import pytest

from crawler.guard import permitted
from crawler.resolver import _literal


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::6810:84e5", "::ffff:8.8.8.8"])
def test_public(address: str) -> None:
    assert permitted(address, ())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
        "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "64:ff9b::a00:1",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not permitted(address, ())


def test_allowed_networks_only() -> None:
    allowed = (ip_network("127.0.0.0/8"),)
    assert permitted("127.0.0.1", allowed)
    assert not permitted("10.0.0.1", allowed)
    assert not permitted("::1", allowed)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0x7f.2", "127.0.0.2"),
        ("2130706433", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("[::1]", "::1"),
        ("news.example", None),
    ],
)
def test_every_spelling_of_an_address_is_read(name: str, address: str | None) -> None:
    assert _literal(name) == address
