"""No statement that comes again and again reads a table to its end that grows with the archive.

What SQLite plans to do tells, and without ANALYZE, which is never run, it plans the same for ten rows as for ten million: so a
small archive shows what would take half a minute on a large one. PostgreSQL, which counts its rows, cannot be asked that way.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from archive.frontier import links, walks
from archive.frontier.channels import load_channels, record_failed_poll, record_poll
from archive.frontier.known_articles import article_behind, known_article, known_articles, read_by_others
from archive.ingest.record import record_look
from archive.ingest.site_templates import PageNote, load_evidence, load_sites, record_pages
from archive.model.decisions.health import LEAST_BLOCKED
from archive.model.frontier import AnswerFacts, ChannelMemory
from archive.model.history import Rhythm
from archive.model.job import LeasedJob, Priority
from archive.model.link import Hints, Link
from archive.model.period import Period
from archive.model.site_memory import Evidence
from archive.model.source import Channel
from archive.model.walk import PageFacts, WalkPage
from archive.planning.polls import sync_channels
from archive.query import overview
from archive.queue import host_slots, jobs, workers
from archive.registry import Registry
from archive.sources.discovered_channels import complete_registry
from archive.sources.state import POLLED_KINDS, polled_sources
from archive.storage.engine import open_engine
from archive.storage.lookups import Lookups
from archive.storage.session import Archive
from archive.tables import Base
from archive.testing import EXTRACTOR, START, Desk, a_capture, a_source, an_article, desk
from archive.writer.writer import Needs
from scheduler import ticks
from scheduler.monitoring.upkeep import upkeep
from scheduler.policy.backfill import order_for
from scheduler.policy.polling import Limits, expected, usual_gap

STATEMENTS = frozenset(("SELECT", "WITH", "UPDATE", "DELETE", "INSERT"))
FEW = frozenset({
    "alarms", "channels", "host_slots", "hosts", "meta", "site_memories", "sources",  # some for each source or host
    "runs", "templates", "walks", "workers",  # some for each source, order of a person or start of a process
})  # fmt: skip
"""Tables that an archive of many articles has not more of."""
GROWING = "|".join(sorted(Base.metadata.tables.keys() - FEW, key=len, reverse=True))
OF_THE_WANTED = frozenset(
    str(index.name)
    for table in Base.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
)
"""Indexes of nothing but the rows that their questions want: they may be read to the end."""

WHOLE = re.compile(rf"SCAN (?:{GROWING})(?:_\d+)?\b(?!.* USING (?:COVERING )?INDEX (?:{'|'.join(OF_THE_WANTED)})\b)")
AD_HOC = re.compile(r"AUTOMATIC|BLOOM FILTER")
"""An index that is made for one statement: by reading all of the table."""
MANY = re.compile(rf"SEARCH (?:{GROWING})(?:_\d+)?\b.*\((?:source_id|state)=\?\)$")
"""All rows of a source or in a state, unless the statement ends early: they grow as well, only slower."""

ALLOWED = {
    r"SELECT jobs\.state, count\(\*\) .* FROM jobs GROUP BY jobs\.state$": "counts all; jobs are kept for a day",
    r"FROM evidence WHERE evidence\.source_id = \?": "evidence is kept of a few hundred articles of a source",
    r"SELECT sources\.id, \(SELECT min\(articles\.state_extractor\)": "the first and the last entry of the index",
    r"SELECT max\(links\.found_at\) .* WHERE links\.source_id = sources\.id\)": "the last entry of the index",
    r"\(SELECT articles\.pk .* ORDER BY articles\.first_seen_at DESC, articles\.pk DESC LIMIT \?": "ends early",
    r"FROM links WHERE links\.source_id IN \([?, ]+\)$": "the first count of the ledger",
    r"FROM gaps$": "the first count of the ledger",
    r"FROM links WHERE links\.source_id = \? AND links\.channel = \? AND NOT .* = links\.pk\)\)$": "a channel's first plan",
    r"SELECT DISTINCT links\.source_id FROM links JOIN sources": "asks for all that waits",
    r"links\.tried_at >= \? AND links\.state = \? GROUP BY": "looks at all that waits, every five minutes",
}
"""Statements that may do it, and why. One that does no longer leaves this list."""


@dataclass
class Watch:
    """The plan of each statement that an archive is asked to carry out, and who asked."""

    archive: Archive
    plans: dict[str, list[str]] = field(default_factory=dict)
    callers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        event.listen(self.archive.engine, "after_cursor_execute", self._note)

    def _note(self, connection: Connection, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement in self.plans or statement.split(None, 1)[0] not in STATEMENTS:
            return
        ask: Any = connection.connection.driver_connection
        steps = ask.execute(f"EXPLAIN QUERY PLAN {statement}", values[0] if isinstance(values, list) else values)
        self.plans[statement] = [step for *_, step in steps]
        ours = [frame for frame in traceback.extract_stack() if re.search(r"/(archive|scheduler)/", frame.filename)]
        self.callers[statement] = " < ".join(f"{Path(at.filename).stem}.{at.name}" for at in ours[:-4:-1])

    def faults(self) -> dict[str, list[str]]:
        """The statements that read too much, with who asked and the steps of their plans that do."""
        found = {statement: [step for step in steps if _reads_all(step)] for statement, steps in self.plans.items()}
        return {statement: [self.callers[statement], *steps] for statement, steps in found.items() if steps}


def _reads_all(step: str) -> bool:
    return any(pattern.search(step) for pattern in (WHOLE, AD_HOC, MANY))


@pytest.fixture
def archive(sqlite_template: Path, tmp_path: Path) -> Iterator[Archive]:
    engine = open_engine(f"sqlite:///{copyfile(sqlite_template, tmp_path / 'archive.sqlite')}")
    yield Archive(engine)
    engine.dispose()


def a_feed(source_id: str) -> Channel:
    return Channel("feed", f"https://www.{source_id}.example/rss")


SOURCES = {i: a_source(i, discover=(a_feed(i),)) for i in ("harbour-times", "coast-post", "delta-news")}
ONE = "harbour-times"
SITE = f"https://www.{ONE}.example"
WINDOW = Period(date(2026, 3, 1), date(2026, 3, 31))
MINUTE = timedelta(minutes=1)


class Day:
    """What the daemon and a fetching process do all day, on a clock that is moved by hand."""

    def __init__(self, news: Desk) -> None:
        self.news = news
        self.registry = Registry(SOURCES)
        self.planner = ticks.TickContext(news.archive, Limits(5 * MINUTE, 1440 * MINUTE), 5000)
        for source in SOURCES.values():
            if source.id != ONE:
                news.add_source(source)
        with news.archive.reading() as session:
            polled = polled_sources(session, complete_registry(session, self.registry))
        self.write(lambda session: sync_channels(session, polled, POLLED_KINDS, START))
        self.planner.follow(polled, POLLED_KINDS)
        self.worker: int = self.write(lambda session: workers.enlist(session, "machine:1"))

    def write(self, work: Callable[[Any], Any]) -> Any:
        with self.news.archive.writing() as session:
            return work(session)

    def plan(self) -> None:
        """The daemon's ticks."""
        ticks.plan_polls(self.planner, self.news.now)
        ticks.plan_revisits(self.planner, self.news.now)
        ticks.plan_backfills(self.planner, self.news.now)
        ticks.reap(self.planner, self.news.now)

    def take(self) -> list[LeasedJob]:
        """Look for jobs, take them, and recall what is known of their sources."""
        with self.news.archive.reading() as session:
            jobs.is_any_ready(session)
            jobs.is_any_ready(session, backfill_of=[ONE])
            jobs.open_polls(session)
        own = self.write(lambda session: jobs.lease(session, self.worker, limit=1, backfill_of=[ONE]))
        urgent = self.write(lambda session: jobs.lease(session, self.worker, limit=9, lowest=Priority.revisit))
        taken: list[LeasedJob] = [*own, *urgent, *self.write(lambda s: jobs.lease(s, self.worker, limit=9))]
        with self.news.archive.reading() as session:
            load_channels(session, SOURCES)
            read_by_others(session, dict.fromkeys(SOURCES, EXTRACTOR))
            load_sites(session, SOURCES)
            links.pending(session, list(SOURCES), self.news.now, after_backoff=True)
            for job in taken:
                known_articles(session, job.articles)
        return taken

    def poll(self, *names: str) -> list[int]:
        """A feed that shows these links, and one that fails."""
        key, now = a_feed(ONE).key, self.news.now

        def work(tx: Any) -> list[int]:
            filed = links.record_links(tx, ONE, key, [Link(f"{SITE}/{name}") for name in names])
            links.record_excluded(tx, ONE, key, [(Link(f"{SITE}/video"), "rule")])
            shown = AnswerFacts(len(names), len(filed.new), now, now - MINUTE, known=filed.known)
            record_poll(tx, ONE, key, memory=ChannelMemory(), polled_at=now, outcome="ok", shown=shown)
            record_failed_poll(tx, "coast-post", a_feed("coast-post").key, polled_at=now, reason="HTTP 503")
            return [link.pk for link in filed.new]

        pks: list[int] = self.news.do(work)
        return pks

    def fetch(self, pks: list[int]) -> None:
        """An article for each link but the last ones, which fail; then another look at each article, which one refuses."""
        refused = pks[-LEAST_BLOCKED:]
        for number, pk in enumerate(pks[: -LEAST_BLOCKED - 1]):
            for title in ("Pact signed", "Pact signed in May"):
                article = an_article(f"{SITE}/{number}", title=f"{title} {number}")
                self.news.record(article, link=pk)
        self.news.do(lambda tx: links.record_alias(tx, ONE, f"{SITE}/amp", Link(f"{SITE}/0"), link=None))
        for pk in refused:
            self.news.do(lambda tx, pk=pk: links.record_failed_attempt(tx, pk, "HTTP 403", answered=True))
        needs = Needs(ONE, (f"www.{ONE}.example/0",), link=pks[0], article=1)
        for each in ("same", "missing", "blocked"):
            look = partial(record_look, pk=1, outcome=each, capture=a_capture(f"{SITE}/0", at=self.news.now))
            self.news.writer.submit(look, needs).result(30)
        self.news.do(lambda tx: links.settle(tx, pks[-LEAST_BLOCKED - 1], "excluded", "rule"))
        self.news.do(lambda tx: record_pages(tx, ONE, [PageNote(1, f"{SITE}/0", True, "", Evidence())]))
        self.news.do(lambda tx: load_evidence(tx, ONE))
        questions = Lookups(self.news.archive.engine)
        links.hints_known(questions, pks[0])
        article_behind(questions, ONE, f"{SITE}/0")
        questions.close()
        with self.news.archive.reading() as session:
            known_article(session, ONE, f"{SITE}/0")
            links.known_keys(session, ONE, [f"www.{ONE}.example/0"])

    def backfill(self) -> None:
        """Begin a walk and read its list: it rests with the links that are left."""
        channel = f"listing:{SITE}/news"
        self.write(lambda s: jobs.enqueue(s, [order_for(ONE, channel, WINDOW, self.news.now)], self.news.now))
        (job,) = self.write(lambda s: jobs.lease(s, self.worker, limit=1, backfill_of=[ONE]))

        def work(tx: Any) -> None:
            walk = walks.begin(tx.session, ONE, channel, WINDOW, tx.now)
            walks.add_pages(tx.session, walk.pk, [WalkPage("1", f"{SITE}/news")])
            for page in walks.waiting_pages(tx.session, walk.pk):
                assert page.pk is not None
                walks.page_read(tx.session, page.pk, PageFacts(page.key, 1, 1), tx.now)
            dated = Hints(published_at=START - 300 * 1440 * MINUTE)
            walks.record_links(tx, walk, [Link(f"{SITE}/old/{number}", dated) for number in range(50)])
            walks.pending_links(tx.session, walk.pk, tx.now, after_backoff=True)
            walks.close_if_done(tx.session, walk.pk, tx.now)

        self.news.do(work)
        self.write(lambda session: jobs.complete(session, self.worker, [job.pk], self.news.now))

    def ask_hosts(self) -> None:
        host, now = f"www.{ONE}.example", self.news.now
        self.write(lambda session: host_slots.claim(session, self.worker, [host], now))
        self.write(lambda session: host_slots.renew(session, self.worker, {host: 1.0}, {host: 3}, now))
        self.write(lambda session: host_slots.record_answers(session, self.worker, {host: "hard"}, now))
        self.write(lambda session: host_slots.release(session, self.worker, {host: 1.0}, {}, now))

    def finish(self, taken: list[LeasedJob]) -> None:
        pks = [job.pk for job in taken]
        for pk in pks:
            self.write(partial(jobs.mark_polled, pk=pk))
        self.write(lambda session: workers.renew(session, self.worker, 1))
        self.write(lambda session: jobs.complete(session, self.worker, pks[:-1], self.news.now))
        self.write(lambda session: jobs.fail(session, self.worker, pks[-1], self.news.now, "no such channel"))

    def keep_up(self) -> None:
        upkeep(
            self.news.archive,
            self.registry,
            self.news.now,
            expected=lambda rhythm, start, end: expected(Rhythm.from_dict(rhythm), start, end),
            usual_gap=lambda rhythm: usual_gap(Rhythm.from_dict(rhythm)),
        )
        overview(self.news.archive, self.news.now)

    def end(self) -> None:
        self.write(lambda session: workers.end(session, self.worker, "stopped", now=self.news.now))
        dead = self.write(lambda session: workers.enlist(session, "machine:2", timedelta(0)))
        ticks.reap(self.planner, self.news.now)
        with suppress(workers.LeaseLost):
            self.write(lambda session: workers.renew(session, dead))


def test_what_comes_again_and_again_reads_no_table_to_its_end(archive: Archive, tmp_path: Path) -> None:
    watch = Watch(archive)
    with desk(archive, tmp_path / "warc") as news:
        day = Day(news)
        for turn in range(3):
            day.plan()
            taken = day.take()
            assert taken or turn, "the first tick orders polls"
            day.ask_hosts()
            if pks := day.poll(*(f"{turn}/{number}" for number in range(LEAST_BLOCKED + 3))):
                day.fetch(pks)
            if taken:
                day.finish(taken)
            day.backfill()
            news.now += timedelta(hours=20)
            day.keep_up()
        day.plan()
        day.end()
    found = {" ".join(statement.split()): steps for statement, steps in watch.faults().items()}
    assert {plain: steps for plain, steps in found.items() if not any(re.search(each, plain) for each in ALLOWED)} == {}
    assert [each for each in ALLOWED if not any(re.search(each, plain) for plain in found)] == [], (
        "nothing does this any more"
    )


@pytest.mark.parametrize(
    ("statement", "is_seen"),
    [
        ("SELECT count(*) FROM jobs WHERE state = 'ready'", True),
        ("SELECT jobs_1.pk FROM jobs AS jobs_1 WHERE jobs_1.state = 'ready'", True),
        ("SELECT source_id, min(first_seen_at) FROM articles GROUP BY source_id", True),
        ("SELECT a.pk FROM links JOIN articles a ON a.url = links.url WHERE links.pk < 5", True),
        ("SELECT DISTINCT state_extractor FROM articles WHERE source_id = 'x'", True),
        ("SELECT pk FROM articles WHERE look_unplanned", False),
        ("SELECT pk FROM jobs WHERE finished_at IS NULL AND state = 'ready'", False),
        ("SELECT id FROM sources WHERE enabled", False),
    ],
)
def test_such_a_statement_is_noticed(archive: Archive, statement: str, is_seen: bool) -> None:
    watch = Watch(archive)
    with archive.reading() as session:
        session.execute(text(statement))
    assert list(watch.faults()) == [statement] * is_seen
