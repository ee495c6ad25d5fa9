"""Kill the whole process group anywhere, run again to the end: the archive equals that of an undisturbed run."""

from __future__ import annotations

import itertools
import os
import random
import re
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

import pytest
from support.processes import until
from support.reader import Reader
from support.waiting import ENOUGH

from archive.failpoint import Point
from archive.verify import verify
from dateline.newsroom import AFTER_EDITS, START, Newsroom

OURS = ("id", "first_seen_at", "last_seen_at", "captured_at", "first_captured_at", "warc", "article_id")
"""Ids, our own times, offsets: what two runs may not have in common."""

MOMENTS = [*range(10), *(pytest.param(number, marks=pytest.mark.slow) for number in range(10, 20))]
"""Seeds of random moments; `make test-all` tries all of them."""
FETCHING = 2.5
"""Seconds, from the first request on, in which a crawl of the newsroom fetches and writes."""


TOKEN = re.compile(r"\?rt=\w+$")
"""The newsroom's picture addresses carry another token at each request."""


def masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: masked(item) for key, item in value.items() if key not in OURS}
    if isinstance(value, str):
        return TOKEN.sub("", value)
    return [masked(item) for item in value] if isinstance(value, list) else value


def holdings(reader: Reader) -> list[Any]:
    """The whole export without what two runs may not have in common, after every capture was verified."""
    archive = reader.archive()
    problems = list(verify(archive, reader.home / "warc"))
    archive.engine.dispose()
    assert problems == []
    return sorted((masked(row) for row in reader.export()), key=lambda row: str(row["canonical_url"]))


def story(reader: Reader) -> None:
    """Two crawls with the publishers' edits between them."""
    reader.room.set_time(START)
    reader.crawl()
    reader.room.set_time(AFTER_EDITS)
    reader.crawl("--revisit", "all")


@pytest.fixture(scope="module")
def room_of_module() -> Any:
    with Newsroom.start() as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(room_of_module: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], float]:
    """What must come out, and how long one crawl takes (seconds)."""
    reader = Reader(room_of_module, tmp_path_factory.mktemp("undisturbed") / "home")
    begun = time.monotonic()
    reader.room.set_time(START)
    reader.crawl()
    seconds = time.monotonic() - begun
    reader.room.set_time(AFTER_EDITS)
    reader.crawl("--revisit", "all")
    return holdings(reader), seconds


def kill_group(process: subprocess.Popen[str]) -> bool:
    """Kill a process and all that it started. Return whether it was still running."""
    with suppress(ProcessLookupError):  # it has ended, and so has its group
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("moment", MOMENTS)
def test_kill_at_a_random_moment(
    moment: int, room_of_module: Newsroom, undisturbed: tuple[list[Any], float], tmp_path: Path
) -> None:
    expected, seconds = undisturbed
    room_of_module.set_time(START)
    part = random.Random(moment).random()
    for attempt in itertools.count():  # a crawl that ended before its moment is tried again with an earlier one
        reader = Reader(room_of_module, tmp_path / f"home-{attempt}")
        reader.room.clear_log()
        process = reader.start("crawl")
        if moment < 3:  # while it starts: schema, locks, processes
            time.sleep((0.1 + 0.3 * part) * seconds / 2**attempt)
        else:  # while it fetches and writes
            while not reader.room.log() and process.poll() is None:
                time.sleep(0.02)
            time.sleep(part * FETCHING / 2**attempt)
        if kill_group(process):
            break
    story(reader)
    assert holdings(reader) == expected


@pytest.mark.parametrize("point", [point for point in get_args(Point) if not point.startswith(("backup", "restore"))])
@pytest.mark.parametrize("count", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_kill_between_warc_and_commit(
    point: Point, count: int, room_of_module: Newsroom, undisturbed: tuple[list[Any], float], tmp_path: Path
) -> None:
    expected, _ = undisturbed
    reader = Reader(room_of_module, tmp_path / "home")
    reader.room.set_time(START)
    process = reader.start("crawl", DATELINE_FAILPOINT=f"{point}:{count}")
    process.communicate(timeout=ENOUGH)
    assert process.returncode == -signal.SIGKILL, "the failpoint was not reached"
    story(reader)
    assert holdings(reader) == expected


def test_two_crawls_at_once_are_refused(room_of_module: Newsroom, tmp_path: Path) -> None:
    reader = Reader(room_of_module, tmp_path / "home", extra={"DATELINE_DELAY": "1"})
    reader.room.set_time(START)
    reader.run("init")
    reader.room.clear_log()
    reader.room.fail("vestnik", "hang", seconds=600)
    try:
        first = reader.start("crawl")
        until(reader.room.log, what="fetching")
        second = reader.start("crawl")
        _, errors = second.communicate(timeout=ENOUGH)
        assert second.returncode == 1
        assert "another process is fetching" in errors
        kill_group(first)
    finally:
        reader.room.heal()


def test_sigterm_ends_a_crawl_with_everything_recorded(
    room_of_module: Newsroom, undisturbed: tuple[list[Any], float], tmp_path: Path
) -> None:
    expected, _ = undisturbed
    reader = Reader(room_of_module, tmp_path / "home")
    reader.room.set_time(START)
    reader.room.clear_log()
    process = reader.start("crawl", "--format", "json")
    until(lambda: len(reader.room.log()) > 30, what="fetching")
    process.terminate()
    process.communicate(timeout=ENOUGH)
    assert process.returncode in (0, 1)
    story(reader)
    assert holdings(reader) == expected
