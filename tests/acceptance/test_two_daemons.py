"""Two daemons on one archive: on PostgreSQL one stands by and takes over; on SQLite the second is refused."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from support import soundness
from support.chaos import write_registry
from support.fast import FastClock
from support.processes import Daemon, kill, tree, until
from support.reader import Reader
from support.waiting import ENOUGH

from archive.tables import HostSlotRow, JobRow, WorkerRow
from dateline.newsroom import START, Newsroom

SPEED = 600.0


def test_on_sqlite_the_second_is_refused(room: Newsroom, tmp_path: Path) -> None:
    reader = Reader(room, tmp_path / "home")
    with Daemon.real(reader, tmp_path / "first.log") as first:
        until(lambda: room.log(), what="fetching")
        pids = tree(first.pid)
        second = reader.start("daemon")
        _, errors = second.communicate(timeout=ENOUGH)
        assert second.returncode == 1
        assert "another daemon is running for this archive" in errors
        assert "Traceback" not in errors
        assert set(pids) <= set(tree(first.pid)), "the first one goes on"
        assert first.stop() == 0
    assert first.events("worker_died", "worker_lost", "tick_failed") == []
    archive = reader.archive()
    with archive.reading() as session:
        assert [row.ended_because for row in session.scalars(select(WorkerRow))] == ["stopped"]
    archive.engine.dispose()


@pytest.mark.postgres
def test_the_other_one_goes_on(room: Newsroom, tmp_path: Path, empty_postgres: str) -> None:
    registry = write_registry(room, tmp_path / "newsroom.yaml", {"kabar": 900.0})
    extra = {"DATELINE_SOURCES": str(registry)}
    one = Reader(room, tmp_path / "one", empty_postgres, extra)
    two = Reader(room, tmp_path / "two", empty_postgres, extra)
    one.run("init")
    clock = FastClock.at(START, SPEED, after=3.0)
    room.run_from(START, began=clock.began, speed=SPEED)
    with (
        Daemon.fast(one, clock, tmp_path / "one.log") as first,
        Daemon.fast(two, clock, tmp_path / "two.log") as second,
    ):
        until(lambda: first.events("leading") or second.events("leading"), what="a leader")
        leader, other = (first, second) if first.events("leading") else (second, first)
        until(lambda: len(room.log()) > 60, what="fetching")
        assert other.events("standing_by")
        assert not other.events("leading", "worker_launched")
        assert not other.workers()

        archive = one.archive()
        leader.kill_all()
        killed = time.time()
        with archive.reading() as session:
            (dead,) = session.scalars(select(WorkerRow.pk))
            left = set(session.scalars(select(JobRow.pk).where(JobRow.state == "leased", JobRow.worker_pk == dead)))
        seconds = until(lambda: other.events("leading"), 45.0, what="the takeover")
        # Not only when its lease has run out, which takes 60 s.
        seconds += until(lambda: other.events("worker_lost"), 45.0, what="the return of the dead one's jobs and hosts")
        print(f"leading, with all jobs to be had, {seconds:.1f} s after the death of the other")
        until(lambda: any(r.at.timestamp() > killed + 0.5 for r in room.log()), what="fetching")
        with archive.reading() as session:
            (worker,) = session.scalars(select(WorkerRow.pk).where(WorkerRow.pk != dead))
        quiet_since = clock()
        time.sleep(15.0)
        end = clock()
        assert soundness.until_nothing_is_lost(room, one.export, quiet_since + timedelta(minutes=30), end) == []
        end = clock()
        assert other.stop() == 0
    with archive.reading() as session:
        rows = list(session.scalars(select(JobRow)))
    assert {row.pk for row in rows if row.leases > 1} <= left, "only what the dead one had was taken again"
    assert all(row.leases <= 2 for row in rows)
    assert {row.state for row in rows if row.pk in left} == {"done"}
    assert {row.worker_pk for row in rows if row.pk in left} == {worker}
    held = one.export()
    assert soundness.untrue(room, held, end) == []
    assert soundness.twice(archive, room) == []
    assert soundness.stuck(archive) == []
    assert soundness.damaged(archive, one.home / "warc", two.home / "warc") == []
    delays = {room.site("kabar").host: 900.0}
    assert soundness.rude(room.log(), SPEED, delays, interrupted=[killed]) == []
    archive.engine.dispose()


@pytest.mark.postgres
def test_a_delay_outlives_the_process_that_owes_it(room: Newsroom, tmp_path: Path, empty_postgres: str) -> None:
    """The process that asked a host is killed; another, which runs already, does not ask it before the delay is over."""
    delay, speed = 60.0, 10.0
    delays = dict.fromkeys(room.sites, delay)
    registry = write_registry(room, tmp_path / "newsroom.yaml", delays)
    reader = Reader(room, tmp_path / "home", empty_postgres, {"DATELINE_SOURCES": str(registry)})
    reader.run("init")
    clock = FastClock.at(START, speed)
    room.run_from(START, began=clock.began, speed=speed)
    archive, deaths = reader.archive(), list[float]()
    with Daemon.fast(reader, clock, tmp_path / "daemon.log", workers=2) as daemon:
        until(room.log, what="a request")
        asked_first = {request.host for request in room.log()}
        with archive.reading() as session:
            noted = {slot.host.partition(":")[0]: slot.delay for slot in session.scalars(select(HostSlotRow))}
        assert {noted.get(host) for host in asked_first} == {delay}, "noted before the first request"
        for _ in range(2):
            asked = len(room.log())
            until(lambda: len(daemon.workers()) == 2 and len(room.log()) > asked + 3, what="requests")  # noqa: B023
            victim = daemon.workers()[0]
            deaths.append(time.time())
            kill(victim)
            time.sleep(7.0)
        assert daemon.stop() == 0
    hosts = {room.site(name).host: delay for name in delays}
    assert soundness.rude(room.log(), speed, hosts, interrupted=deaths) == []
    assert soundness.stuck(archive) == []
    archive.engine.dispose()
