"""Lookups on both databases, and on a PostgreSQL that is restarted between two of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, bindparam, create_engine, func, make_url, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from archive.frontier import links
from archive.frontier.known_articles import article_behind
from archive.frontier.links import hints_known
from archive.model.link import Hints, Link
from archive.storage.engine import open_engine
from archive.storage.lookups import Lookups
from archive.tables import ArticleRow, LinkRow, MetaRow
from archive.testing import START, Desk

URL = "https://www.harbour-times.example/news/pact"
VALUE = select(MetaRow.value).where(MetaRow.key == bindparam("key"))
NOTHING = {"key": "nothing"}
OTHERS = "FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid() AND backend_type = 'client backend'"


@pytest.fixture
def questions(news_desk: Desk) -> Iterator[Lookups]:
    asked = Lookups(news_desk.archive.engine)
    yield asked
    asked.close()


def test_a_question_sees_what_was_committed_just_before(news_desk: Desk, questions: Lookups) -> None:
    assert article_behind(questions, "harbour-times", URL) is None
    news_desk.record()
    with news_desk.archive.reading() as session:
        pk = session.scalars(select(ArticleRow.pk)).one()
    assert article_behind(questions, "harbour-times", URL + "?utm_source=feed") == pk
    assert article_behind(questions, "another", URL) is None


def test_what_channels_claimed_of_a_link(news_desk: Desk, questions: Lookups) -> None:
    hints = Hints(title="Ministers sign", published_at=START)
    news_desk.do(lambda tx: links.record_links(tx, "harbour-times", "feed:x", [Link(URL, hints)]))
    with news_desk.archive.reading() as session:
        pk = session.scalars(select(LinkRow.pk)).one()
    assert hints_known(questions, pk) == hints
    assert hints_known(questions, pk + 1) == Hints()


@pytest.fixture
def on_server(postgres_url: str) -> Iterator[Lookups]:
    engine = open_engine(postgres_url)
    asked = Lookups(engine)
    yield asked
    asked.close()
    engine.dispose()


@pytest.fixture
def admin(postgres_server: str) -> Iterator[Engine]:
    engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


def end_connections(admin: Engine, url: str) -> int:
    """End the connections to a database, as a restart of its server does; how many there were."""
    with admin.connect() as connection:
        name = make_url(url).database
        ended = connection.scalars(text(f"SELECT pg_terminate_backend(pid, 10000) {OTHERS}"), {"name": name}).all()
    return len(ended)


@pytest.mark.postgres
def test_a_question_after_a_restart_of_the_server_is_answered(
    on_server: Lookups, postgres_url: str, admin: Engine
) -> None:
    for _ in range(3):
        assert on_server.value(VALUE, NOTHING) is None
        assert end_connections(admin, postgres_url) == 1
    assert on_server.value(VALUE, NOTHING) is None


@pytest.mark.postgres
def test_no_transaction_is_open_between_two_questions(on_server: Lookups, postgres_url: str, admin: Engine) -> None:
    on_server.value(VALUE, NOTHING)
    with admin.connect() as connection:
        states = connection.scalars(text(f"SELECT state {OTHERS}"), {"name": make_url(postgres_url).database}).all()
    assert states == ["idle"]


@pytest.mark.postgres
def test_an_error_of_the_question_is_raised_and_the_next_one_answered(on_server: Lookups) -> None:
    with pytest.raises(DBAPIError, match="nowhere"):
        on_server.value(select(func.count()).select_from(text("nowhere")), {})
    assert on_server.value(VALUE, NOTHING) is None


@pytest.mark.postgres
def test_a_database_that_is_away_answers_once_it_is_back(on_server: Lookups, postgres_url: str, admin: Engine) -> None:
    assert on_server.value(VALUE, NOTHING) is None
    with admin.connect() as connection:
        name = make_url(postgres_url).database
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        assert end_connections(admin, postgres_url) == 1
        for _ in range(2):
            with pytest.raises(OperationalError, match="not currently accepting connections"):
                on_server.value(VALUE, NOTHING)
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    assert on_server.value(VALUE, NOTHING) is None
