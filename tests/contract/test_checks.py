"""Checks of sources as orders, on both databases: asked once, taken by whoever may, settled with what follows from it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from archive.model.job import LeasedJob, Order, Priority
from archive.model.source import Channel, IdWalk, Next, Selectors, Source
from archive.planning import checks
from archive.planning.checks import Finding
from archive.queue import jobs, workers
from archive.registry import Registry
from archive.sources.discovered_channels import with_discovered_channels
from archive.sources.state import mark_verified, set_enabled, source_states, sync_sources
from archive.storage.session import Archive
from archive.tables import HostRow, JobRow, SourceRow
from archive.testing import START, a_source
from scheduler.source_checks import AT_ONCE, plan_checks

FEED = Channel("feed", "https://www.new.example/rss.xml")
NEW = a_source("new", discover=(FEED,), status="unverified")
SILENT = a_source("silent", status="unverified")
VERIFIED = a_source("verified", discover=(Channel("feed", "https://www.verified.example/rss.xml"),))
REFUSED = a_source("refused", status="refused", note="403")
PAST = a_source("past", status="unverified", discover=(Channel("wayback", "https://www.past.example/"),))
ALL = Registry({source.id: source for source in (NEW, SILENT, VERIFIED, REFUSED, PAST)})
LIVE = {"source": "new", "channel": FEED.url, "kind": "feed", "outcome": "live", "alive": True}
DEAD = LIVE | {"outcome": "dead", "alive": False, "detail": "HTTP 404"}
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _sources(archive: Archive) -> None:
    with archive.writing() as session:
        sync_sources(session, ALL, START)


@pytest.fixture
def worker(archive: Archive) -> int:
    return enlist(archive)


def enlist(archive: Archive, name: str = "machine:1") -> int:
    with archive.writing() as session:
        return workers.enlist(session, name)


def ask(archive: Archive, *sources: Source, priority: int = Priority.asked) -> dict[str, int]:
    with archive.writing() as session:
        return checks.order_checks(session, sources, START, why="asked for", priority=priority)


def take(archive: Archive, worker: int, **which: object) -> list[LeasedJob]:
    with archive.writing() as session:
        return jobs.lease(session, worker, limit=100, **which)  # type: ignore[arg-type]


def settle(archive: Archive, worker: int, job: LeasedJob, finding: Finding, at: timedelta = MINUTE) -> bool:
    with archive.writing() as session:
        return checks.settle(session, worker, job, finding, START + at)


def the_check(archive: Archive, pk: int) -> checks.Check:
    with archive.reading() as session:
        (found,) = checks.checks_of(session, [pk])
        return found


def resting(archive: Archive) -> dict[str, tuple[timedelta, int]]:
    """When each check that rests is due, from the start on, and after how many failures."""
    with archive.reading() as session:
        rows = session.scalars(select(JobRow).where(JobRow.state == "resting"))
        return {row.source_id: (row.due_at - START, row.payload.get("failures", 0)) for row in rows}


def states(archive: Archive) -> dict[str, str | None]:
    with archive.reading() as session:
        return {
            s.source.id: s.why_not
            for s in source_states(session, with_discovered_channels(session, ALL.sources.values()))
        }


# --- orders


def test_a_check_is_ordered_once_and_brings_its_source_along(archive: Archive, worker: int) -> None:
    first = ask(archive, NEW, SILENT)
    assert ask(archive, NEW, priority=Priority.poll) == {"new": first["new"]}
    changed = a_source("new", name="New name", discover=(FEED,), status="unverified")
    assert ask(archive, changed) == {"new": first["new"]}  # nobody has begun: today's entry counts
    new, silent = sorted(take(archive, worker), key=lambda job: job.source_id)
    assert (new.kind, new.priority, new.pk) == ("check", Priority.asked, first["new"])
    assert checks.source_to_check(new) == changed
    assert checks.source_to_check(silent) == SILENT
    assert ask(archive, NEW) == {"new": first["new"]}  # somebody is at it
    assert the_check(archive, first["new"]).state == "leased"


def test_an_order_that_waited_becomes_as_urgent_as_the_new_one(archive: Archive, worker: int) -> None:
    pk = ask(archive, NEW, priority=Priority.poll)["new"]
    assert take(archive, worker, checks=()) == []  # nobody waits for it
    assert ask(archive, NEW) == {"new": pk}
    assert [job.pk for job in take(archive, worker, checks=())] == [pk]


def test_every_part_of_an_entry_comes_along(archive: Archive, worker: int) -> None:
    channels = (
        Channel("listing", "https://x.example/l", links="a", next=Next(css="a.next"), items="li", date="time"),
        Channel("ids", "https://x.example/{id}", ids=IdWalk(7, 2, 5)),
    )
    source = a_source(
        "silent",
        discover=channels,
        render=True,
        delay=2.5,
        expect_per_day=(1, 9),
        extract=Selectors(title="h1"),
        found=True,
    )
    ask(archive, source)
    (job,) = take(archive, worker)
    assert checks.source_to_check(job) == source


def test_an_entry_of_another_version_is_no_source(archive: Archive, worker: int) -> None:
    pk = ask(archive, NEW)["new"]
    with archive.writing() as session:
        session.execute(update(JobRow).where(JobRow.pk == pk).values(payload={"entry": {"id": "new", "odd": 1}}))
    (job,) = take(archive, worker)
    assert checks.source_to_check(job) is None


# --- who takes them


def test_processes_with_work_of_their_own_take_only_checks_that_somebody_waits_for(archive: Archive) -> None:
    asked = ask(archive, NEW)["new"]
    by_itself = ask(archive, SILENT, priority=Priority.poll)["silent"]
    backfill = Order("verified", "backfill", "k", START, "asked for", Priority.backfill, channel="feed:x")
    poll = Order("verified", "poll", "feed:x", START, "due", Priority.poll)
    with archive.writing() as session:
        jobs.enqueue(session, [backfill, poll], START)
        assert jobs.is_any_ready(session, checks=())
        assert jobs.is_any_ready(session, checks=(by_itself,))
        assert not jobs.is_any_ready(session, checks=(10_000,))
    crawl, backfiller, command, daemon = (enlist(archive, f"machine:{n}") for n in range(4))
    assert [job.pk for job in take(archive, command, checks=(by_itself,))] == [by_itself]
    assert {job.kind for job in take(archive, backfiller, backfill_of=["verified"])} == {"check", "backfill"}
    assert take(archive, crawl, checks=()) == []
    with archive.writing() as session:
        workers.end(session, backfiller, "lost", now=START)
    assert [job.pk for job in take(archive, crawl, checks=())] == [asked]  # handed back
    assert {job.kind for job in take(archive, daemon)} == {"poll", "backfill"}


def test_who_lost_the_job_writes_nothing(archive: Archive, worker: int) -> None:
    pk = ask(archive, NEW)["new"]
    (job,) = take(archive, worker)
    with archive.writing() as session:
        workers.end(session, worker, "lost", now=START)
    assert not settle(archive, worker, job, Finding([LIVE], alive=True))
    assert (the_check(archive, pk).state, states(archive)["new"]) == ("ready", "unverified")
    other = enlist(archive, "machine:2")
    (again,) = take(archive, other)
    assert settle(archive, other, again, Finding([LIVE], alive=True))
    assert not settle(archive, other, again, Finding([DEAD], alive=False))
    assert states(archive)["new"] is None


# --- verdicts


def test_a_source_that_is_alive_is_verified(archive: Archive, worker: int) -> None:
    pk = ask(archive, SILENT)["silent"]
    (job,) = take(archive, worker)
    found = Channel("feed", "https://www.silent.example/feed")
    assert settle(archive, worker, job, Finding([LIVE], alive=True, found=(found,)))
    check = the_check(archive, pk)
    assert (check.is_over, check.outcome, check.again_at) == (True, checks.ALIVE, None)
    assert [dict(row) for row in check.channels] == [LIVE]
    assert (states(archive)["silent"], resting(archive)) == (None, {})


def test_one_that_is_not_alive_rests_longer_each_time(archive: Archive, worker: int) -> None:
    pauses = []
    for turn in range(6):
        at = timedelta(days=turn)
        pk = ask(archive, NEW)["new"]
        assert resting(archive) == {}  # asked for: it does not rest any more
        (job,) = take(archive, worker)
        settle(archive, worker, job, Finding([DEAD], alive=False), at)
        ((due, failures),) = resting(archive).values()
        assert the_check(archive, pk).again_at == START + due
        assert failures == turn + 1
        pauses.append(due - at)
    assert pauses == [timedelta(hours=h) for h in (0.25, 1, 4, 16, 24, 24)]
    assert states(archive)["new"] == "unverified"


def test_sources_that_nobody_follows_do_not_rest(archive: Archive, worker: int) -> None:
    with archive.writing() as session:
        set_enabled(session, "new", False)
        mark_verified(session, "silent", START)
    ask(archive, NEW, SILENT, VERIFIED)
    for job in take(archive, worker):
        settle(archive, worker, job, Finding([DEAD], alive=False))
    assert resting(archive) == {}


@pytest.mark.parametrize(
    ("finding", "outcome", "due"),
    [
        (Finding([DEAD], alive=False, found=(), offline=True), checks.OFFLINE, timedelta(minutes=6)),
        (Finding([DEAD], alive=False, found=(), until=START + timedelta(hours=3)), checks.PUT_OFF, timedelta(hours=3)),
    ],
)
def test_what_says_nothing_about_the_source_is_no_verdict(
    archive: Archive, worker: int, finding: Finding, outcome: str, due: timedelta
) -> None:
    pk = ask(archive, SILENT)["silent"]
    (job,) = take(archive, worker)
    settle(archive, worker, job, finding)
    check = the_check(archive, pk)
    assert (check.outcome, check.until) == (outcome, finding.until)
    assert resting(archive) == {"silent": (due, 0)}
    with archive.reading() as session:
        row = session.get_one(SourceRow, "silent")
        assert (row.verified_at, row.found_at) == (None, None)


def test_a_crawl_that_checks_by_itself_notes_the_same(archive: Archive, worker: int) -> None:
    ask(archive, NEW)
    with archive.writing() as session:
        checks.withdraw_check(session, "new")
        checks.record_verdict(session, NEW, Finding([DEAD], alive=False), START)
        checks.record_verdict(session, NEW, Finding([DEAD], alive=False), START)
    assert take(archive, worker) == []
    assert resting(archive) == {"new": (timedelta(hours=1), 2)}
    with archive.writing() as session:
        checks.record_verdict(session, NEW, Finding([LIVE], alive=True), START)
    assert (states(archive)["new"], resting(archive)) == (None, {})


def test_rests_outlive_the_jobs_that_are_over(archive: Archive, worker: int) -> None:
    ask(archive, NEW)
    (job,) = take(archive, worker)
    settle(archive, worker, job, Finding([DEAD], alive=False))
    with archive.writing() as session:
        assert jobs.forget(session, START + timedelta(days=400)) == 1
    assert list(resting(archive)) == ["new"]


def test_pauses_of_a_sources_hosts(archive: Archive) -> None:
    until = START + timedelta(hours=2)
    with archive.writing() as session:
        session.add(HostRow(origin="https://www.new.example", paused_until=until, pause_reason="HTTP 429", failures=1))
        session.add(HostRow(origin="https://else.example", paused_until=until, failures=1))
    with archive.reading() as session:
        assert checks.pauses(session, NEW, START) == [("www.new.example", until, "HTTP 429")]
        assert checks.pauses(session, SILENT, START) == []
        assert checks.pauses(session, NEW, until) == []


# --- the daemon's orders


def test_the_daemon_orders_checks_of_what_nobody_has_seen_alive(archive: Archive, worker: int) -> None:
    planned = plan_checks(archive, ALL, START)
    assert (planned.ordered, planned.polled) == (2, frozenset({"verified"}))
    assert plan_checks(archive, ALL, START).ordered == 0  # ordered already
    taken = take(archive, worker)
    assert {(job.source_id, job.priority) for job in taken} == {("new", Priority.poll), ("silent", Priority.poll)}
    for job in taken:
        settle(archive, worker, job, Finding([DEAD], alive=job.source_id == "silent"))
    assert states(archive)["silent"] == "no channel"  # alive, as its check said; which channels is another matter
    assert plan_checks(archive, ALL, START + timedelta(minutes=15)).ordered == 0
    assert plan_checks(archive, ALL, START + timedelta(minutes=16)).ordered == 1
    (again,) = take(archive, worker)
    assert (again.source_id, again.failures) == ("new", 1)


def test_a_source_held_back_is_not_checked_and_one_given_up_does_not_rest(archive: Archive, worker: int) -> None:
    with archive.writing() as session:
        session.get_one(SourceRow, "new").paused_at = START
        session.add(HostRow(origin="http://www.silent.example", paused_until=START + MINUTE, failures=1))
    assert plan_checks(archive, ALL, START).ordered == 0
    ask(archive, NEW)
    (job,) = take(archive, worker)
    settle(archive, worker, job, Finding([DEAD], alive=False))
    with archive.writing() as session:
        set_enabled(session, "new", False)
    assert plan_checks(archive, ALL, START + MINUTE * 2).ordered == 1  # the pause of the other one's host is over
    assert resting(archive) == {}


def test_not_all_of_a_large_registry_at_once(archive: Archive, worker: int) -> None:
    many = [a_source(f"s{n:03}", status="unverified") for n in range(3 * AT_ONCE)]
    registry = Registry({source.id: source for source in many})
    assert plan_checks(archive, registry, START).ordered == AT_ONCE
    assert plan_checks(archive, registry, START).ordered == 0
    for job in take(archive, worker)[:5]:
        settle(archive, worker, job, Finding([LIVE], alive=True))
    assert plan_checks(archive, registry, START).ordered == 5
