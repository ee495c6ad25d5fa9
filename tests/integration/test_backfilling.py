"""Who does the work of a backfill, and how it ends: with processes that do nothing but live and die."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from archive.config import Settings
from archive.frontier import walks
from archive.model.clock import SystemClock
from archive.model.period import Period
from archive.model.source import Channel
from archive.queue import jobs, workers
from archive.storage.engine import open_engine
from archive.storage.locks import Leadership
from archive.storage.schema import migrate
from archive.storage.session import Archive
from archive.tables import SourceRow
from archive.testing import START, a_source
from scheduler import launcher as launcher_module
from scheduler.backfill import run as backfilling_module
from scheduler.backfill.run import Backfilling, KeepsDying, View
from scheduler.backfill.windows import orders

LIST = Channel("listing", "https://www.a.example/news")
SOURCE = a_source("a", discover=(LIST,))
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
WAITING = "import signal, sys, pathlib; pathlib.Path(sys.argv[1]).touch(); signal.pause()"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive on SQLite."""
    engine = open_engine(f"sqlite:///{tmp_path / 'archive.sqlite'}")
    migrate(engine)
    with Archive(engine).writing() as session:
        session.add(SourceRow(id="a", name="A", homepage=SOURCE.homepage, added_at=START))
    yield Archive(engine)
    engine.dispose()


def a_backfilling(archive: Archive, home: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> Backfilling:
    monkeypatch.setattr(backfilling_module, "LOOK", 0.05)
    monkeypatch.setattr(launcher_module, "FIRST_PAUSE", 0.05)
    made = orders(SOURCE, [LIST], MARCH, {}, START)
    command = [sys.executable, "-c", program, str(home / "begun")]
    keys = frozenset({("a", LIST.key, MARCH)})
    found = Backfilling(Settings(home=home), archive, {"a": SOURCE}, keys, command, SystemClock())
    found.order(made)
    return found


async def test_a_fetching_process_that_dies_again_and_again_ends_it(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backfilling = a_backfilling(archive, tmp_path, "raise SystemExit(3)", monkeypatch)
    with pytest.raises(KeepsDying):
        await backfilling.see_through(lambda view: None)
    assert backfilling.look().windows[0].state == "ordered"  # nothing is lost


async def test_it_starts_a_process_and_stops_it_when_it_is_stopped(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backfilling = a_backfilling(archive, tmp_path, WAITING, monkeypatch)
    seen: list[View] = []

    def show(view: View) -> None:
        seen.append(view)
        if (tmp_path / "begun").exists():
            os.kill(os.getpid(), signal.SIGINT)

    assert await backfilling.see_through(show) == "stopped"
    assert seen[-1].by == "ourselves"


async def test_with_a_daemon_it_starts_nothing(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backfilling = a_backfilling(archive, tmp_path, WAITING, monkeypatch)
    leadership = Leadership(archive.engine, tmp_path)
    assert leadership.take()
    seen: list[View] = []

    def show(view: View) -> None:
        seen.append(view)
        if len(seen) == 5:
            os.kill(os.getpid(), signal.SIGINT)

    assert await backfilling.see_through(show) == "left to the daemon"
    leadership.give_up()
    assert seen[-1].by == "daemon"
    assert not (tmp_path / "begun").exists()


async def test_it_is_done_when_its_windows_are(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backfilling = a_backfilling(archive, tmp_path, WAITING, monkeypatch)

    def carry_out(view: View) -> None:
        if view.windows[0].state != "ordered":
            return
        with archive.writing() as session:
            worker = workers.enlist(session, "elsewhere:1")
            (job,) = jobs.lease(session, worker, limit=1)
            walk = walks.begin(session, "a", LIST.key, MARCH, START)
            walks.end(session, walk.pk, "done", START)
            jobs.complete(session, worker, [job.pk], START)

    assert await backfilling.see_through(carry_out) == "done"
    assert backfilling.look().windows[0].state == "finished"
