"""Channels that autodiscovery found, as the archive remembers them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from archive.model.source import Channel, Next
from archive.registry import Registry
from archive.sources.discovered_channels import (
    DEAD_AFTER,
    SEARCH_AGAIN,
    are_dead,
    complete_registry,
    record_discovered_channels,
    with_discovered_channels,
)
from archive.sources.state import sync_sources
from archive.storage.session import Archive
from archive.tables import ChannelRow
from archive.testing import START, a_source

SILENT = a_source("quiet-times")
NAMED = a_source("loud-times", discover=(Channel("feed", "https://www.loud-times.example/rss"),))
REFUSED = a_source("shut-times", status="refused", note="answers 403")
FOUND = (
    Channel("feed", "https://www.quiet-times.example/feed/"),
    Channel(
        "json",
        "https://www.quiet-times.example/posts",
        items="[]",
        links="link",
        title="title.rendered",
        date="join('', [date_gmt, 'Z'])",
        next=Next(url="https://www.quiet-times.example/posts?page={page}"),
    ),
)
REGISTRY = Registry({source.id: source for source in (SILENT, NAMED, REFUSED)})


@pytest.fixture
def known(archive: Archive) -> Archive:
    with archive.writing() as session:
        sync_sources(session, REGISTRY, START)
        for source_id in REGISTRY.sources:
            record_discovered_channels(session, source_id, FOUND, START)
    return archive


def test_they_stand_in_for_what_the_registry_does_not_name(known: Archive) -> None:
    with known.reading() as session:
        completed = complete_registry(session, REGISTRY).sources
    assert (completed[SILENT.id].discover, completed[SILENT.id].found) == (FOUND, True)
    assert completed[NAMED.id] == NAMED
    assert completed[REFUSED.id] == REFUSED
    assert list(completed) == list(REGISTRY.sources)


def test_those_of_another_homepage_do_not(known: Archive) -> None:
    moved = replace(SILENT, homepage="https://quiet.example/")
    with known.reading() as session:
        assert with_discovered_channels(session, [moved]) == [moved]


def test_a_search_that_finds_nothing_takes_nothing_away(known: Archive) -> None:
    with known.writing() as session:
        record_discovered_channels(session, SILENT.id, (), START + timedelta(days=2))
    with known.reading() as session:
        assert with_discovered_channels(session, [SILENT])[0].discover == FOUND


def test_channels_are_dead_when_all_have_failed_several_times_and_nobody_searched_lately(known: Archive) -> None:
    def dead(failures: tuple[int, ...], after: timedelta = SEARCH_AGAIN) -> bool:
        with known.writing() as session:
            for channel, count in zip(FOUND, failures, strict=False):
                session.merge(ChannelRow(source_id=SILENT.id, key=channel.key, failures=count, weight=0.0))
            session.flush()
            [source] = with_discovered_channels(session, [SILENT])
            return are_dead(session, source, START + after)

    assert not dead(())
    assert not dead((DEAD_AFTER, DEAD_AFTER - 1))
    assert dead((DEAD_AFTER, DEAD_AFTER))
    assert not dead((DEAD_AFTER, DEAD_AFTER), SEARCH_AGAIN / 2)
    with known.reading() as session:
        assert not are_dead(session, NAMED, START + SEARCH_AGAIN)
