"""The registry that comes with the product."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from archive.model.source import Source
from archive.registry import Registry, load, shipped_folder


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return load([shipped_folder()])


def the_sources(registry: Registry) -> list[Source]:
    return list(registry.sources.values())


def test_it_covers_the_field(shipped: Registry) -> None:
    sources = the_sources(shipped)
    assert len(sources) >= 60
    assert len({source.country for source in sources}) >= 30
    assert len({tag for source in sources for tag in source.language}) >= 15
    kinds = Counter(source.kind for source in sources)
    for kind in ("foreign-ministry", "wire", "newspaper", "broadcaster", "journal/think-tank", "intergovernmental"):
        assert kinds[kind] >= 3, kind


def test_every_entry_says_where_when_and_in_what_language(shipped: Registry) -> None:
    for source in the_sources(shipped):
        assert source.country, source.origin
        assert source.language, source.origin
        assert source.timezone, source.origin
        assert source.kind, source.origin


def test_nothing_counts_as_verified_before_somebody_checked_it(shipped: Registry) -> None:
    assert {source.status for source in the_sources(shipped)} == {"unverified", "refused"}


def test_a_refused_source_says_why_and_is_given_no_channel(shipped: Registry) -> None:
    refused = [source for source in the_sources(shipped) if source.status == "refused"]
    assert refused
    for source in refused:
        assert source.note, source.origin
        assert not source.discover, source.origin


def test_every_other_source_has_a_feed(shipped: Registry) -> None:
    for source in the_sources(shipped):
        if source.status != "refused":
            assert any(channel.kind == "feed" for channel in source.discover), source.origin


def test_no_feed_is_followed_twice(shipped: Registry) -> None:
    addresses = Counter(channel.url for source in the_sources(shipped) for channel in source.discover)
    assert [url for url, count in addresses.items() if count > 1] == []


def test_files_stand_in_the_folder_of_their_country(shipped: Registry) -> None:
    for source in the_sources(shipped):
        folder, name = source.origin.rpartition(":")[0].split("/")[-2:]
        assert folder == (source.country or "").lower(), source.origin
        assert re.fullmatch(r"[a-z0-9-]+\.yaml", name), source.origin
