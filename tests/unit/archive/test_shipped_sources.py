"""The registry that comes with the product."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.model.source import Source
from archive.model.text.urls import url_key
from archive.registry import Registry, load, shipped_folder
from archive.sources.state import (
    enabled_at_first,
    new_states,
    polled_channels,
    source_states,
    starter_set,
    sync_sources,
)
from archive.storage.engine import open_engine
from archive.storage.schema import migrate
from archive.storage.session import Archive
from archive.testing import a_source

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def shipped() -> Registry:
    """Loading it checks ids, countries, languages, time zones, addresses and patterns: `archive.registry.checks`."""
    return load([shipped_folder()])


def the_sources(registry: Registry) -> list[Source]:
    return list(registry.sources.values())


def test_it_covers_the_field(shipped: Registry) -> None:
    sources = the_sources(shipped)
    assert len(sources) >= 300
    assert len({source.country for source in sources}) >= 70
    assert len({tag for source in sources for tag in source.language}) >= 35
    kinds = Counter(source.kind for source in sources)
    assert kinds["foreign-ministry"] >= 50
    for kind in ("presidency/government", "wire", "newspaper", "broadcaster", "journal/think-tank"):
        assert kinds[kind] >= 25, kind
    assert kinds["intergovernmental"] >= 10
    assert kinds["aggregator"] >= 3


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


def test_most_sources_have_a_channel_and_the_others_say_why_not(shipped: Registry) -> None:
    asked = [source for source in the_sources(shipped) if source.status != "refused"]
    assert sum(bool(polled_channels(source)) for source in asked) >= 200
    assert sum(bool(source.discover) for source in asked) >= 300
    for source in asked:
        assert source.discover or source.note, source.origin


def test_no_address_is_followed_twice(shipped: Registry) -> None:
    addresses = Counter(url_key(channel.url) for source in the_sources(shipped) for channel in source.discover)
    assert [url for url, count in addresses.items() if count > 1] == []
    homepages = Counter(url_key(source.homepage) for source in the_sources(shipped))
    assert [url for url, count in homepages.items() if count > 1] == []


def test_each_source_has_a_file_of_its_name_in_the_folder_of_its_country(shipped: Registry) -> None:
    places = {source.id: Path(source.origin.rpartition(":")[0]) for source in the_sources(shipped)}
    for source in the_sources(shipped):
        expected = shipped_folder() / (source.country or "").lower() / f"{source.id}.yaml"
        assert places[source.id] == expected
    assert sorted(places.values()) == sorted(shipped_folder().rglob("*.y*ml"))


def test_ids_are_permanent(shipped: Registry) -> None:
    """A sample of those that went out first: articles refer to them."""
    first = {"us-state", "gb-fcdo", "un-news", "yonhap-en", "anadolu-tr", "bbc-world", "fulcrum-iseas", "the-namibian"}
    assert first <= set(shipped.sources)


# --- the starter set


def test_the_starter_set_spreads_over_the_field(shipped: Registry) -> None:
    starters = [shipped.sources[source_id] for source_id in starter_set()]  # each of them exists
    assert 20 <= len(starters) <= 30
    for source in starters:
        assert source.status != "refused", source.id
        assert any(channel.kind == "feed" for channel in source.discover), source.id
        assert not source.render, source.id
    assert len({tag for source in starters for tag in source.language}) >= 12
    assert len({source.country for source in starters}) >= 18
    assert len({source.kind for source in starters}) >= 7
    assert max(Counter(source.country for source in starters).values()) <= 3


def test_a_new_archive_enables_the_starter_set_and_nothing_else(shipped: Registry) -> None:
    archive = Archive(open_engine("sqlite://"))
    migrate(archive.engine)
    before = new_states(shipped.sources.values())
    with archive.writing() as session:
        assert source_states(session, shipped.sources.values()) == before
        sync_sources(session, shipped, NOW)
        states = source_states(session, shipped.sources.values())
    archive.engine.dispose()
    assert {state.source.id for state in states if state.enabled} == starter_set()
    assert {state.source.id for state in before if state.enabled} == starter_set()
    assert not any(state.polled for state in states), "a check comes first"


def test_a_source_of_the_users_own_is_enabled(shipped: Registry, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "sources: [{id: mine, name: Mine, homepage: 'https://mine.example/'}]", encoding="utf-8"
    )
    both = load([shipped_folder(), tmp_path]).sources
    assert enabled_at_first(both.values()) == starter_set() | {"mine"}
    assert enabled_at_first([a_source("made-here")]) == {"made-here"}
    assert enabled_at_first([]) == set()
    unlisted = next(source for source in the_sources(shipped) if source.id not in starter_set())
    copy = tmp_path / "copy.yaml"
    copy.write_text(Path(unlisted.origin.rpartition(":")[0]).read_text(encoding="utf-8"), encoding="utf-8")
    assert enabled_at_first([unlisted]) == set()
    assert enabled_at_first(load([copy]).sources.values()) == {unlisted.id}
