"""The daemon as a service manager and an owner treat it: stopped, killed, out of disk, given another registry."""

from __future__ import annotations

import json
import shutil
import signal
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from support import soundness
from support.databases import postgresql_in_test_all
from support.processes import Daemon, is_running, kill, tree, until
from support.reader import Reader

from archive.queue.jobs import open_jobs
from archive.storage.session import Archive
from archive.tables import JobRow, WorkerRow

pytestmark = postgresql_in_test_all


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "daemon.log"


@pytest.fixture
def archive(reader: Reader) -> Any:
    """The reader's archive, made now."""
    reader.run("init")
    opened = reader.archive()
    yield opened
    opened.engine.dispose()


def asked(reader: Reader, site: str) -> int:
    """Requests to a site so far."""
    return sum(request.host == reader.room.site(site).host for request in reader.room.log())


def jobs(archive: Archive, source_id: str) -> list[tuple[str, int]]:
    """State and number of leases of each job of a source."""
    with archive.reading() as session:
        rows = session.scalars(select(JobRow).where(JobRow.source_id == source_id))
        return [(row.state, row.leases) for row in rows]


def lease(archive: Archive) -> datetime:
    """Until when the only process that ever fetched is held to be alive."""
    with archive.reading() as session:
        return session.scalars(select(WorkerRow.lease_until)).one()


def test_sigterm_hands_back_what_hangs(reader: Reader, archive: Archive, log: Path) -> None:
    reader.room.fail("vestnik", "hang", seconds=600)
    with Daemon.real(reader, log, DATELINE_TIMEOUT="600s") as daemon:
        until(lambda: asked(reader, "vestnik"), what="the request that hangs")
        until(lambda: len(reader.room.log()) > 30, what="the rest of the newsroom")
        pids = tree(daemon.pid)
        began = time.monotonic()
        assert daemon.stop() == 0
        print(f"stopped in {time.monotonic() - began:.1f} s")
        # A fork server that is still loading sees only then that nobody needs it any more.
        until(lambda: not [pid for pid in pids if is_running(pid)], what="the end of its processes")
    assert soundness.stuck(archive) == []
    assert set(jobs(archive, "vestnik")) == {("ready", 1)}
    with archive.reading() as session:
        assert [row.ended_because for row in session.scalars(select(WorkerRow))] == ["stopped"]
    assert soundness.damaged(archive, reader.home / "warc") == []
    assert daemon.events("worker_killed", "look_failed", "crawl_halted", "tick_failed") == []


def test_sigterm_at_once(reader: Reader, archive: Archive, log: Path) -> None:
    """While the fetching process is still starting."""
    with Daemon.real(reader, log) as daemon:
        until(lambda: daemon.workers(), what="a fetching process")
        assert daemon.stop() == 0
    assert soundness.stuck(archive) == []


def test_a_fetching_process_does_not_outlive_its_daemon(reader: Reader, archive: Archive, log: Path) -> None:
    with Daemon.real(reader, log) as daemon:
        until(lambda: len(reader.room.log()) > 20, what="fetching")
        # Daemon, fetching process, fork server, two extraction processes.
        until(lambda: len(tree(daemon.pid)) > 4, what="reading")
        pids = tree(daemon.pid)
        daemon.kill()
        seconds = until(lambda: not [pid for pid in pids if is_running(pid)], what="the end of its processes")
        print(f"all processes ended after {seconds:.1f} s")
    assert soundness.stuck(archive) == []  # it handed back itself what it had
    assert soundness.damaged(archive, reader.home / "warc") == []


def test_a_full_disk_stops_fetching_and_nothing_else(reader: Reader, archive: Archive, log: Path) -> None:
    size = shutil.disk_usage(log.parent).total
    with Daemon.real(reader, log, DATELINE_MIN_FREE=str(size * 2)) as daemon:
        until(lambda: daemon.events("disk_full"), what="the complaint")
        (worker,) = daemon.workers()
        with archive.reading() as session:
            waiting = len(open_jobs(session))
        assert waiting > 10, "jobs are planned all the same"
        reader.run("schedule", "pause", "kabar")
        for _ in range(2):  # as long as it takes to look at the disk again
            before = lease(archive)
            until(lambda before=before: lease(archive) > before, what="a sign of life of the process that waits")  # type: ignore[misc]
        assert daemon.workers() == [worker]
        assert len(daemon.events("disk_full")) == 1, "said once"
        assert reader.room.log() == []
        assert daemon.stop() == 0
    assert soundness.stuck(archive) == []


def test_the_registry_is_read_again(reader: Reader, archive: Archive, log: Path, tmp_path: Path) -> None:
    entries = {entry["id"]: entry for entry in reader.room.registry()["sources"]}
    registry = tmp_path / "newsroom.yaml"

    def write(*ids: str) -> None:
        replace(json.dumps({"sources": [entries[i] for i in ids]}))  # JSON is YAML

    def replace(text: str) -> None:
        """Put it in the old one's place, so that nobody reads a half."""
        (tmp_path / "new.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "new.yaml").replace(registry)

    write("kabar")
    reader.extra["DATELINE_SOURCES"] = str(registry)
    with Daemon.real(reader, log) as daemon:
        until(lambda: asked(reader, "kabar"), what="the first source")
        (worker,) = daemon.workers()

        write("kabar", "thoidai")
        kill(daemon.pid, number=signal.SIGHUP)
        until(lambda: asked(reader, "thoidai") > 3, what="the new source")

        replace("sources: [{id: kabar, name: Kabar, homepage: 5")
        kill(daemon.pid, number=signal.SIGHUP)
        until(lambda: daemon.events("registry_refused"), what="the complaint about the broken registry")
        known = asked(reader, "thoidai")
        reader.run("schedule", "run", "thoidai", DATELINE_SOURCES=str(tmp_path))
        until(lambda: asked(reader, "thoidai") > known, what="a poll by the old registry")

        write("thoidai", "vestnik")
        kill(daemon.pid, number=signal.SIGHUP)
        until(lambda: asked(reader, "vestnik"), what="the source of the repaired registry")
        assert daemon.workers() == [worker], "the fetching process went on"
        assert daemon.stop() == 0
    (problem,) = daemon.events("registry_refused")[0]["problems"]
    assert "newsroom.yaml" in problem
    assert daemon.events("tick_failed", "job_failed", "worker_died") == []
