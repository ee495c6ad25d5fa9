"""Facts about sources, and the alarms they leave, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from archive.frontier.channels import record_failed_poll, record_poll
from archive.frontier.links import record_failed_attempt, record_links
from archive.ingest.record import record_look
from archive.model.capture import Rights
from archive.model.decisions.health import FIELDS, AlarmKind
from archive.model.frontier import AnswerFacts, ChannelMemory
from archive.model.link import Link
from archive.monitoring import health
from archive.tables import AlarmRow, RevisionRow
from archive.testing import START, WITHHOLD, Desk, a_capture, a_source, an_article

SITE = "https://www.harbour-times.example"
HOUR = timedelta(hours=1)
SILENT: tuple[AlarmKind, str] = ("silent", "nothing new")
FAILING: tuple[AlarmKind, str] = ("failing", "HTTP 500")


def raised(desk: Desk, *found: tuple[AlarmKind, str], source: str = "harbour-times") -> tuple[list[str], list[str]]:
    with desk.archive.writing() as session:
        opened, closed = health.raise_alarms(session, {source: list(found)}, desk.now)
    return [each.kind for each in opened], [each.kind for each in closed]


def poll(desk: Desk, key: str, **shown: Any) -> None:
    answer = AnswerFacts(items=5, fresh=0, known=5, **shown)
    desk.do(
        lambda tx: record_poll(
            tx, "harbour-times", key, memory=ChannelMemory(), polled_at=desk.now, outcome="ok", shown=answer
        )
    )


# --- facts


def test_channel_facts(news_desk: Desk) -> None:
    poll(news_desk, "feed:a", newest_at=START)
    news_desk.now += HOUR
    poll(news_desk, "feed:a", newest_at=START - 48 * HOUR)  # the newest item is older than before
    news_desk.do(lambda tx: record_failed_poll(tx, "harbour-times", "feed:b", polled_at=START, reason="HTTP 500"))
    with news_desk.archive.reading() as session:
        facts = health.channel_facts(session)["harbour-times"]
    assert (facts["feed:a"].answered_at, facts["feed:a"].failures) == (START + HOUR, 0)
    assert (facts["feed:a"].newest_at, facts["feed:a"].latest_at) == (START - 48 * HOUR, START)
    assert (facts["feed:b"].answered_at, facts["feed:b"].failures, facts["feed:b"].detail) == (None, 1, "HTTP 500")


def test_when_something_new_was_found_last(news_desk: Desk) -> None:
    news_desk.now += HOUR
    news_desk.add_source(a_source("kabar"))
    news_desk.do(lambda tx: record_links(tx, "harbour-times", "feed:a", [Link(f"{SITE}/a")]))
    news_desk.now += HOUR
    news_desk.do(lambda tx: record_links(tx, "harbour-times", "feed:a", [Link(f"{SITE}/a")]))  # seen again: not new
    with news_desk.archive.reading() as session:
        assert health.found_since(session) == {"harbour-times": START + HOUR, "kabar": START + HOUR}


def test_refused_looks(news_desk: Desk) -> None:
    known = news_desk.record().article_pk
    for _ in range(4):
        news_desk.do(lambda tx: record_look(tx, known, "blocked", detail="HTTP 403"))
    with news_desk.archive.reading() as session:
        assert health.look_facts(session, news_desk.now) == {}  # four are few
    (link,) = news_desk.do(lambda tx: record_links(tx, "harbour-times", "feed:a", [Link(f"{SITE}/a")])).new
    (gone,) = news_desk.do(lambda tx: record_links(tx, "harbour-times", "feed:a", [Link(f"{SITE}/b")])).new
    news_desk.do(lambda tx: record_failed_attempt(tx, link.pk, "challenge: are you human", answered=True))
    news_desk.do(lambda tx: record_failed_attempt(tx, gone.pk, "HTTP 404", answered=True))  # no refusal
    with news_desk.archive.reading() as session:
        assert health.look_facts(session, news_desk.now) == {"harbour-times": (6, 5)}
        assert health.look_facts(session, news_desk.now + 25 * HOUR) == {}


def test_article_facts_are_of_the_newest_texts(news_desk: Desk) -> None:
    for number in range(3):
        url = f"{SITE}/{number}"
        news_desk.record(an_article(url, body="x" * (number + 1), authors=()), a_capture(url))
        news_desk.now += HOUR
    selected = an_article(f"{SITE}/s", lead=None, published=None, provenance={"body": "registry", "title": "json-ld"})
    news_desk.record(selected, a_capture(f"{SITE}/s"))
    news_desk.record(
        an_article(f"{SITE}/closed"), a_capture(f"{SITE}/closed", rights=Rights(noarchive=True)), policy=WITHHOLD
    )
    news_desk.add_source(a_source("kabar"))
    with news_desk.archive.reading() as session:
        facts = health.article_facts(session, ["kabar", "harbour-times"])
    assert facts["kabar"] == []
    newest, *rest = facts["harbour-times"]
    assert [each.length for each in rest] == [3, 2, 1]
    assert dict(zip(FIELDS, newest.there, strict=True)) == {
        "title": True, "lead": False, "authors": True, "published_at": False, "body": True
    }  # fmt: skip
    assert dict(zip(FIELDS, newest.selected, strict=True)) == dict.fromkeys(FIELDS, False) | {"body": True}
    assert not rest[0].there[FIELDS.index("authors")]


def test_an_article_is_judged_by_the_revision_last_seen(news_desk: Desk) -> None:
    news_desk.record(an_article(body="long enough"))
    news_desk.now += HOUR
    news_desk.record(an_article(body="short"))
    with news_desk.archive.reading() as session:
        assert len(session.scalars(select(RevisionRow)).all()) == 2
        (facts,) = health.article_facts(session, ["harbour-times"])["harbour-times"]
    assert facts.length == len("short")


def test_texts_are_judged_in_turn(news_desk: Desk) -> None:
    sources = ["a", "b", "c", "d", "e"]
    turns = []
    for _ in range(3):
        with news_desk.archive.writing() as session:
            turn = health.next_in_turn(session, sources, 2)
            health.mark_turn(session, turn)
        turns.append(turn)
    assert turns == [["a", "b"], ["c", "d"], ["e", "a"]]
    with news_desk.archive.reading() as session:
        assert health.next_in_turn(session, ["a"], 2) == ["a"]
        assert health.next_in_turn(session, [], 2) == []


# --- alarms


def test_alarms_open_once_and_close(news_desk: Desk) -> None:
    assert raised(news_desk, SILENT) == (["silent"], [])
    news_desk.now += HOUR
    assert raised(news_desk, SILENT, FAILING) == (["failing"], [])
    news_desk.now += HOUR
    assert raised(news_desk, FAILING) == ([], ["silent"])
    with news_desk.archive.reading() as session:
        assert health.open_alarms(session) == {"harbour-times": {"failing": "HTTP 500"}}
        rows = session.scalars(select(AlarmRow).order_by(AlarmRow.pk)).all()
    assert [(row.kind, row.opened_at, row.closed_at) for row in rows] == [
        ("silent", START, START + 2 * HOUR),
        ("failing", START + HOUR, None),
    ]
    news_desk.now += HOUR
    assert raised(news_desk, SILENT, FAILING) == (["silent"], [])  # a new alarm, not the old one again


def test_alarms_of_sources_that_nobody_follows_any_more_close(news_desk: Desk) -> None:
    raised(news_desk, SILENT)
    with news_desk.archive.writing() as session:
        opened, (closed,) = health.raise_alarms(session, {}, news_desk.now)
    assert opened == []
    assert (closed.event, closed.source_name, closed.closed_at) == ("alarm.closed", "Harbour Times", START)


def test_what_was_not_told_is_told_in_order(news_desk: Desk) -> None:
    raised(news_desk, SILENT)
    news_desk.now += HOUR
    raised(news_desk, FAILING)
    news_desk.now += HOUR

    def news() -> list[tuple[str, str]]:
        with news_desk.archive.reading() as session:
            return [(each.kind, each.event) for each in health.undelivered_events(session, news_desk.now, 10)]

    assert news() == [("silent", "alarm.opened"), ("silent", "alarm.closed"), ("failing", "alarm.opened")]
    with news_desk.archive.writing() as session:
        health.mark_delivered(session, health.undelivered_events(session, news_desk.now, 10)[:1], news_desk.now)
    assert news() == [("silent", "alarm.closed"), ("failing", "alarm.opened")]
    news_desk.now += 48 * HOUR
    raised(news_desk)
    assert ("silent", "alarm.closed") in news()  # its opening was told: so must be its end, however late
    news_desk.now += 48 * HOUR
    assert news() == [("silent", "alarm.closed")]  # the other came and went long ago, and nobody heard of it
