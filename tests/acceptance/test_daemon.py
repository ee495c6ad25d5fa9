"""The daemon in accelerated time: all that the newsroom's publishers do in a day and a half is found, with few requests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support import forked
from support.databases import postgresql_in_test_all
from support.fast import FastClock
from support.reader import Reader
from support.waiting import ENOUGH

from archive.queue.jobs import open_jobs
from archive.tables import JobRow
from dateline.newsroom import AFTER_FLAP, START, ArticleTruth

SPEED = 700.0
END = AFTER_FLAP + timedelta(hours=4)
ROOT = Path(__file__).parents[2]


@contextmanager
def daemon(reader: Reader, clock: FastClock, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon of this clock; stopped at the end, as a service manager would."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    with log.open("wb") as errors:
        process = forked.Popen(
            [sys.executable, "-m", "support.fast", "daemon", clock.as_text()],
            env=reader.environment | {"PYTHONPATH": paths},
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            yield process
            process.terminate()
            assert process.wait(ENOUGH) == 0, log.read_text()[-3000:]
        finally:
            process.kill()
            process.wait()


def newsdiffs_looks(article: ArticleTruth, until: datetime) -> int:
    """How often the NewsDiffs table looks at an article from its publication on (or from the opening of the newsroom): by the
    time since its last change every 15 min, 1 h, 3 h, 3 d, 30 d."""
    steps = ((3, 15), (24, 60), (7 * 24, 180), (30 * 24, 72 * 60), (360 * 24, 720 * 60))
    at, looks = max(START, article.states[0].since), 0
    while True:
        changed = max(state.since for state in article.states if state.since <= at)
        quiet = (at - changed).total_seconds() / 3600
        pause = next((minutes for hours, minutes in steps if quiet < hours), None)
        if pause is None:
            return looks
        at += timedelta(minutes=pause)
        if at > until:
            return looks
        looks += 1


@pytest.mark.slow  # three and a half minutes; the chaos test has the newsroom's first hours and a daemon on both databases
@pytest.mark.timeout(400)
def test_a_day_and_a_half_of_the_newsroom(reader: Reader, tmp_path: Path) -> None:
    if reader.database_url:
        reader.run("init")
    clock = FastClock.at(START, SPEED, after=20.0)  # the daemon is up by then, however slow the machine
    reader.room.run_from(START, began=clock.began, speed=clock.speed)
    log = tmp_path / "daemon.log"
    with daemon(reader, clock, log) as process:
        while clock() < END:
            assert process.poll() is None, log.read_text()[-3000:]
            time.sleep(0.5)
    events = log.read_text()
    assert '"level": "error"' not in events, events[-5000:]

    truth = [article for article in reader.room.truth(END) if not article.forbidden]
    # An article that was found at its new address first has a twin at the old one, which says where it went. Old articles
    # are looked at rarely: the one that left its address on its fourth day may not have been looked at since.
    held = {url: row for url, row in reader.by_url().items() if row["duplicate_of"] is None}
    left = {url for article in truth for url in article.moved_from}
    assert set(held) - left == {article.url for article in truth}
    for article in truth:
        row = held[article.url]
        if article.withheld:
            assert (row["status"], row["revisions"]) == ("withheld", []), article.id
            continue
        if article.status != "live":
            assert row["status"] in ("gone", "missing"), article.id
            assert row["revisions"], article.id
            continue
        assert row["status"] == "live", article.id
        expected = article.revisions()
        if article.published < START and len(expected) > 1 and expected[1].since <= START:
            expected = expected[1:]  # changed before anybody could look
        assert [r["title"] for r in row["revisions"]] == [e.title for e in expected], article.id
        assert [r["body"].split("\n") for r in row["revisions"]] == [list(e.body) for e in expected], article.id

    requests = reader.room.log()
    pages = {url for article in truth for url in (article.url, *article.aliases)}
    looks = [r for r in requests if f"http://{r.host}:{reader.room.port}{r.path}" in pages]
    newsdiffs = sum(1 + newsdiffs_looks(article, END) for article in truth)
    assert len(looks) <= newsdiffs
    print(f"{len(requests)} requests, {len(looks)} for articles; the NewsDiffs table makes {newsdiffs}")


@postgresql_in_test_all
def test_the_commands_for_people(reader: Reader, tmp_path: Path) -> None:
    """schedule, pause, resume, run: as the daemon's owner uses them."""
    reader.run("init")
    clock = FastClock.at(START, 60.0)
    reader.room.run_from(START, began=clock.began, speed=clock.speed)
    assert "Nothing is scheduled" in reader.start("schedule").communicate(timeout=ENOUGH)[1]
    with daemon(reader, clock, tmp_path / "daemon.log"):
        _until(lambda: len(reader.export()) > 15)
        listed = json.loads(reader.run("schedule", "list", "--format", "json"))
        assert {row["source_id"] for row in listed} == set(reader.room.sites)
        assert all(row["why"] for row in listed)
        reader.run("schedule", "pause", "kabar")
        assert '"paused": true' in reader.run("schedule", "list", "kabar", "--format", "json")
        _until(lambda: "kabar" not in {job.source_id for job in _open_jobs(reader)})  # what was under way has ended
        before = len([r for r in reader.room.log() if "kabar" in r.host])
        reader.run("schedule", "run", "thoidai")
        asked = len([r for r in reader.room.log() if "thoidai" in r.host])
        _until(lambda: len([r for r in reader.room.log() if "thoidai" in r.host]) > asked)
        time.sleep(6.0)  # six minutes of the newsroom: longer than the shortest pause
        assert len([r for r in reader.room.log() if "kabar" in r.host]) == before
        reader.run("schedule", "resume", "kabar")
        _until(lambda: len([r for r in reader.room.log() if "kabar" in r.host]) > before)
        errors = reader.start("schedule", "pause", "nobody").communicate(timeout=ENOUGH)[1]
        assert "no such source" in errors


def _open_jobs(reader: Reader) -> list[JobRow]:
    archive = reader.archive()
    with archive.reading() as session:
        found = open_jobs(session)
    archive.engine.dispose()
    return found


def _until(true: object, seconds: float = 150.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.25)
