"""Fetching processes started, watched, replaced and stopped: real processes, which do nothing but live and die."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from support.waiting import until

from archive.model.clock import SystemClock
from archive.model.job import Order, Priority
from archive.queue import jobs, workers
from archive.storage.engine import open_engine
from archive.storage.schema import migrate
from archive.storage.session import Archive
from archive.tables import JobRow, SourceRow, WorkerRow
from archive.testing import START
from scheduler import launcher as launcher_module
from scheduler.launcher import RECYCLED, Launcher

WORKING = """
import signal, sys, threading
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.signal(signal.SIGHUP, lambda *_: print("reloaded", file=open(sys.argv[1], "a")))
print("ready", file=open(sys.argv[1], "a"))
while True:
    signal.pause()
"""
DEAF = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", file=open(sys.argv[1], "a"))
while True:
    time.sleep(1)
"""


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive on SQLite."""
    engine = open_engine(f"sqlite:///{tmp_path / 'archive.sqlite'}")
    migrate(engine)
    yield Archive(engine)
    engine.dispose()


def a_launcher(archive: Archive, program: str, notes: Path, count: int = 1) -> Launcher:
    return Launcher([sys.executable, "-c", program, str(notes)], count, archive, SystemClock())


def lines(notes: Path) -> list[str]:
    return notes.read_text().splitlines() if notes.exists() else []


async def test_processes_run_until_they_are_stopped(archive: Archive, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    launcher = a_launcher(archive, WORKING, notes, count=2)
    assert launcher.pids == []
    launcher.start()
    launcher.start()  # they run already
    await until(lambda: lines(notes) == ["ready"] * 2)
    pids = launcher.pids
    assert len(set(pids)) == 2
    launcher.reload()
    await until(lambda: lines(notes).count("reloaded") == 2)
    await launcher.stop()
    assert launcher.pids == []
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_what_dies_is_started_again_with_growing_pauses(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher_module, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(launcher_module, "LONGEST_PAUSE", 0.15)
    notes = tmp_path / "notes"
    launcher = a_launcher(archive, "import sys; open(sys.argv[1], 'a').write('x\\n'); sys.exit(3)", notes)
    with capture_logs() as events:
        launcher.start()
        await until(lambda: len(lines(notes)) >= 5)
        await launcher.stop()
    died = [event for event in events if event["event"] == "worker_died"]
    assert {event["status"] for event in died} == {3}
    assert [event["again_in"] for event in died][:4] == [0.05, 0.1, 0.15, 0.15]


async def test_what_recycles_itself_is_replaced_at_once(archive: Archive, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    program = (
        "import sys, signal; f = open(sys.argv[1], 'a+'); f.seek(0); n = len(f.readlines()); f.write('x\\n'); f.close()\n"
        f"if n < 2: sys.exit({RECYCLED})\n"
        "signal.pause()"
    )
    launcher = a_launcher(archive, program, notes)
    with capture_logs() as events:
        launcher.start()
        await until(lambda: len(lines(notes)) == 3)
        await launcher.stop()
    assert [event["event"] for event in events if event["log_level"] == "error"] == []


async def test_a_process_that_does_not_end_is_killed_and_its_jobs_handed_back(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher_module, "LONGEST_STOP", 0.5)
    notes = tmp_path / "notes"
    launcher = a_launcher(archive, DEAF, notes)
    launcher.start()
    await until(lambda: lines(notes) == ["ready"])
    with archive.writing() as session:
        session.add(SourceRow(id="a", name="A", homepage="https://a.example/", added_at=START))
        session.flush()
        name = workers.process_name(launcher.pids[0])
        worker = workers.enlist(session, name)
        other = workers.enlist(session, name.replace(socket.gethostname(), "elsewhere", 1))
        jobs.enqueue(session, [Order("a", "poll", "feed:x", START, "due", Priority.poll)], START)
        assert len(jobs.lease(session, worker, limit=1)) == 1
    with capture_logs() as events:
        await launcher.stop()
    assert [e["event"] for e in events if e["log_level"] == "error"] == ["worker_killed"]
    with archive.reading() as session:
        assert session.get_one(WorkerRow, worker).ended_because == "lost"
        assert session.get_one(WorkerRow, other).ended_at is None
        assert session.scalars(select(JobRow.state)).one() == "ready"


async def test_a_killed_process_is_replaced(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher_module, "FIRST_PAUSE", 0.05)
    notes = tmp_path / "notes"
    launcher = a_launcher(archive, WORKING, notes)
    launcher.start()
    await until(lambda: lines(notes) == ["ready"])
    os.kill(launcher.pids[0], signal.SIGKILL)
    await until(lambda: lines(notes) == ["ready"] * 2)
    await launcher.stop()


async def test_a_program_that_cannot_be_started_is_tried_again(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while an upgrade replaces it."""
    monkeypatch.setattr(launcher_module, "FIRST_PAUSE", 0.05)
    notes, program = tmp_path / "notes", tmp_path / "program"
    launcher = Launcher([str(program), str(notes)], 1, archive, SystemClock())
    with capture_logs() as events:
        launcher.start()
        await until(lambda: any(event["event"] == "worker_died" for event in events))
        program.write_text(f"#!{sys.executable}\n{WORKING}")
        program.chmod(0o755)
        await until(lambda: lines(notes) == ["ready"])
    assert "FileNotFoundError" in str(events[0]["status"])
    await launcher.stop()


async def test_a_launcher_that_never_started_stops(archive: Archive, tmp_path: Path) -> None:
    await a_launcher(archive, WORKING, tmp_path / "notes").stop()
