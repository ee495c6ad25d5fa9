"""An archive of schema 0003, with a crawl's work in it, becomes one that is scheduled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, select
from support.old_schema import archive_of_schema, stored_time

from archive.model.link import Hints, stored_hints
from archive.planning import polls, revisits
from archive.storage.schema import migrate
from archive.storage.session import Archive
from archive.tables import ArticleRow, ChannelRow, LinkRow
from archive.testing import START

HOUR = timedelta(hours=1)
SEOUL = timezone(9 * HOUR)
LOOKS = {
    1: ["changed"],
    2: ["changed", "same", "changed", "failed", "changed"],
    3: ["changed", "missing", "gone"],
}


@pytest.fixture
def old(empty_database: str) -> Iterator[Engine]:
    """An engine over an empty archive of schema 0003."""
    with archive_of_schema(empty_database, "0003") as engine:
        yield engine


def _fill(engine: Engine) -> None:
    """As a crawl of that version wrote it."""
    tables = MetaData()
    tables.reflect(engine)
    now = stored_time(engine, START)

    def at(hours: float) -> Any:
        return stored_time(engine, START + hours * HOUR)

    with engine.begin() as connection:
        connection.execute(
            tables.tables["sources"]
            .insert()
            .values(id="harbour-times", name="H", homepage="https://h.example/", enabled=True, added_at=now)
        )
        connection.execute(
            tables.tables["channels"]
            .insert()
            .values(source_id="harbour-times", key="feed:x", polled_at=now, outcome="ok", items=3, failures=0)
        )
        hints: list[dict[str, Any]] = [
            stored_hints(Hints(published="x", published_at=START - 5 * HOUR, title="five hours old")),
            stored_hints(Hints(published_at=(START - 2 * HOUR).astimezone(SEOUL))),
            stored_hints(Hints(published_at=START + 9 * HOUR)),
            stored_hints(Hints(title="no date")),
            {},
        ]
        for number, hint in enumerate(hints):
            connection.execute(
                tables.tables["links"]
                .insert()
                .values(
                    source_id="harbour-times",
                    url_key=f"k{number}",
                    url=f"https://h.example/{number}",
                    channel="feed:x",
                    hints=hint,
                    found_at=now,
                    seen_at=at(1),
                    state="pending",
                    attempts=number,
                )
            )
        for pk, outcomes in LOOKS.items():
            connection.execute(
                tables.tables["articles"]
                .insert()
                .values(
                    pk=pk,
                    id=f"article-{pk}",
                    source_id="harbour-times",
                    url=f"https://h.example/{pk}",
                    canonical_url=f"https://h.example/{pk}",
                    status="live",
                    text_scope="full",
                    first_seen_at=now,
                    last_seen_at=now,
                    looked_at=at(len(outcomes)),
                    changed_at=now,
                    state_hashes={},
                    state_extractor="x",
                    hints={},
                )
            )
            for number, outcome in enumerate(outcomes):
                connection.execute(
                    tables.tables["observations"]
                    .insert()
                    .values(article_pk=pk, observed_at=at(number), outcome=outcome)
                )


def test_what_was_collected_is_dated_and_counted(old: Engine) -> None:
    _fill(old)
    migrate(old)
    archive = Archive(old)
    with archive.reading() as session:
        links = list(session.scalars(select(LinkRow).order_by(LinkRow.url_key)))
        assert [row.dated_at for row in links] == [START - 5 * HOUR, START - 2 * HOUR, START, START, START]
        assert [(row.attempts, row.found_at, row.seen_at) for row in links] == [
            (number, START, START + HOUR) for number in range(5)
        ]
        assert links[0].hints["title"] == "five hours old"
        counted = {
            row.pk: (row.looks, row.changes, row.look_unplanned, row.next_look_at)
            for row in session.scalars(select(ArticleRow))
        }
        assert counted == {1: (1, 0, True, None), 2: (5, 2, True, None), 3: (3, 0, True, None)}
        channel = session.get_one(ChannelRow, ("harbour-times", "feed:x"))
        assert (channel.weight, channel.next_poll_at, channel.polled_at) == (0.0, None, START)


def test_a_migrated_archive_can_be_planned(old: Engine) -> None:
    _fill(old)
    migrate(old)
    with Archive(old).reading() as session:
        (facts,) = polls.unplanned_channels(session, 10)
        assert (facts.history.added_at, facts.history.answered_at, facts.fired_at) == (START, START, None)
        assert len(revisits.unplanned_articles(session, 10)) == 3
        assert polls.sources_with_pending(session, START) == ["harbour-times"]


def test_an_empty_archive_is_migrated(old: Engine) -> None:
    migrate(old)
    with Archive(old).reading() as session:
        assert list(session.scalars(select(LinkRow))) == []
