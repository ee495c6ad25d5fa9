from __future__ import annotations

from ipaddress import ip_network

import pytest

from crawler.http.address_guard import permitted
from crawler.http.resolver import _literal


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


@pytest.mark.parametrize(
    "address",
    [
        "fec0::1", "feff::1",  # site-local
        "64:ff9b:1::a00:1", "64:ff9b:1::808:808", "64:ff9b:1:ffff::1",  # a translator of one's own
        "::10.0.0.1", "::127.0.0.1", "::ffff:0:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
        "2002:a00:1::1", "2002:a9fe:a9fe::", "2001:0:808:808::f5ff:fffe", "2001:0:a00:1::f7f7:f7f7",
        "2001:4860::5efe:10.0.0.1", "2001:4860::200:5efe:192.168.1.1",  # ISATAP
        "168.63.129.16", "::ffff:168.63.129.16", "::168.63.129.16", "64:ff9b::a83f:8110", "2002:a83f:8110::1",
        "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::123", "fd20:ce::254",
        "100::1", "2001:db8::1", "3fff::1", "5f00::1", "0.1.2.3", "198.18.0.1",
    ],
)  # fmt: skip
def test_what_leads_inside_under_another_name(address: str) -> None:
    assert not permitted(address, ())


@pytest.mark.parametrize(
    "address",
    [
        "::8.8.8.8",
        "::ffff:0:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "2001:4860::5efe:8.8.8.8",
        "2001:4860::5eff:a00:1",
    ],
)
def test_a_wrapped_address_is_judged_as_what_it_leads_to(address: str) -> None:
    assert permitted(address, ())


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("10.0.0.0/8", "::10.0.0.1"),
        ("10.0.0.0/8", "64:ff9b::a00:1"),
        ("168.63.129.16/32", "168.63.129.16"),
        ("fec0::/10", "fec0::1"),
        ("64:ff9b:1::/48", "64:ff9b:1::a00:1"),
        ("fd00:ec2::254/128", "fd00:ec2::254"),
    ],
)
def test_what_is_allowed_by_name_is_let_through(network: str, address: str) -> None:
    assert not permitted(address, ())
    assert permitted(address, (ip_network(network),))


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
