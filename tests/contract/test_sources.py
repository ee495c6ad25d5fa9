"""The state of sources in the archive, on each database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from archive.errors import UsageError
from archive.model.source import Channel, Source
from archive.registry import Registry
from archive.sources.state import (
    choose_sources,
    mark_verified,
    polled_sources,
    set_enabled,
    source_states,
    sync_sources,
)
from archive.storage.session import Archive
from archive.tables import ChannelRow, SourceRow
from archive.testing import a_source

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
FEED = (Channel("feed", "https://www.example.org/rss.xml"), Channel("sitemap", "https://www.example.org/s.xml"))

VERIFIED = a_source("verified", discover=FEED)
UNVERIFIED = a_source("unverified", discover=FEED, status="unverified")
REFUSED = a_source("refused", discover=FEED, status="refused", note="403")
PAST = a_source("past", discover=(Channel("wayback", "https://www.example.org/"),))
ALL = (VERIFIED, UNVERIFIED, REFUSED, PAST)


def registry(*sources: Source) -> Registry:
    return Registry({source.id: source for source in sources})


def sync(archive: Archive, *sources: Source, at: datetime = NOW) -> Registry:
    found = registry(*sources)
    with archive.writing() as session:
        sync_sources(session, found, at)
    return found


def polled(archive: Archive, found: Registry) -> list[str]:
    with archive.reading() as session:
        return [source.id for source in polled_sources(session, found)]


def test_a_row_for_every_source(archive: Archive) -> None:
    sync(archive, *ALL)
    with archive.reading() as session:
        row = session.get_one(SourceRow, "verified")
        assert (row.name, row.country, row.language, row.timezone) == ("Verified", "US", "en", "America/New_York")
        assert (row.enabled, row.verified_at, row.added_at) == (True, None, NOW)
        assert len(session.scalars(select(SourceRow)).all()) == len(ALL)


def test_the_registry_changes_the_description_and_not_the_state(archive: Archive) -> None:
    sync(archive, VERIFIED)
    with archive.writing() as session:
        set_enabled(session, "verified", False)
        mark_verified(session, "verified", NOW)
    sync(archive, replace(VERIFIED, name="New name", language=("fr", "en")), at=NOW + timedelta(days=1))
    with archive.reading() as session:
        row = session.get_one(SourceRow, "verified")
        assert (row.name, row.language) == ("New name", "fr")
        assert (row.enabled, row.verified_at, row.added_at) == (False, NOW, NOW)


def test_a_source_that_left_the_registry_keeps_its_row(archive: Archive) -> None:
    sync(archive, VERIFIED, UNVERIFIED)
    left = sync(archive, VERIFIED)
    with archive.reading() as session:
        assert session.get(SourceRow, "unverified") is not None
    assert polled(archive, left) == ["verified"]


def test_which_sources_are_polled(archive: Archive) -> None:
    found = sync(archive, *ALL)
    assert polled(archive, found) == ["verified"]
    with archive.writing() as session:
        for source in ALL:
            mark_verified(session, source.id, NOW)
    assert polled(archive, found) == ["verified", "unverified"]
    with archive.writing() as session:
        set_enabled(session, "verified", False)
    assert polled(archive, found) == ["unverified"]


def test_why_a_source_is_not_polled(archive: Archive) -> None:
    found = sync(archive, *ALL)
    with archive.writing() as session:
        set_enabled(session, "verified", False)
    with archive.reading() as session:
        states = source_states(session, found.sources.values())
    assert [state.why_not for state in states] == ["disabled", "unverified", "refused", "no channel"]


def test_the_health_of_channels(archive: Archive) -> None:
    found = sync(archive, VERIFIED)
    with archive.writing() as session:
        session.add(
            ChannelRow(
                source_id="verified",
                key=FEED[0].key,
                polled_at=NOW,
                outcome="failed",
                detail="HTTP 503",
                items=20,
                newest_at=NOW - timedelta(hours=1),
                failures=2,
            )
        )
        session.add(ChannelRow(source_id="verified", key="feed:https://www.example.org/old", outcome="ok", failures=0))
    with archive.reading() as session:
        (state,) = source_states(session, found.sources.values())
    assert [channel.key for channel in state.channels] == [channel.key for channel in FEED]
    first, second = state.channels
    assert (first.outcome, first.detail, first.items, first.failures) == ("failed", "HTTP 503", 20, 2)
    assert (second.outcome, second.polled_at) == (None, None)
    assert state.newest_at == NOW - timedelta(hours=1)
    assert state.failing == (first,)


def test_a_source_without_a_row_is_new(archive: Archive) -> None:
    with archive.reading() as session:
        (state,) = source_states(session, [VERIFIED])
    assert (state.enabled, state.verified_at, state.added_at, state.polled) == (True, None, None, True)


def test_an_unknown_source_cannot_be_changed(archive: Archive) -> None:
    with archive.writing() as session:
        with pytest.raises(UsageError, match="no such source in this archive: ghost"):
            set_enabled(session, "ghost", True)
        with pytest.raises(UsageError, match="no such source in this archive: ghost"):
            mark_verified(session, "ghost", NOW)


def test_sources_are_chosen_by_id() -> None:
    found = registry(*ALL)
    assert choose_sources(found, ["unverified", "verified", "unverified"]) == [UNVERIFIED, VERIFIED]
    with pytest.raises(UsageError, match="no such source: ghost, spook"):
        choose_sources(found, ["ghost", "verified", "spook"])
