"""`dateline coverage` and the screen of `dateline status`, as people and programs get them, on both databases."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from support.front_door import invoke
from typer.testing import Result

from archive.cli.coverage import LEGEND
from archive.errors import UsageError
from archive.model.job import Order, Priority
from archive.monitoring.health import raise_alarms
from archive.query import NotFound, coverage, overview
from archive.queue.jobs import enqueue
from archive.queue.workers import alive, end, enlist
from archive.storage.locks import Leadership
from archive.tables import ChannelRow, CoverageRow, GapRow, SourceRow
from archive.testing import START, Desk, a_source, an_article

Command = Callable[..., Result]
FEED = "feed:https://www.harbour-times.example/rss"
HOUR = 3600


@pytest.fixture
def command(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`command("status", width=80)`: exceptions come through, as to the front door."""
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)

    def run(*arguments: str, width: int = 200) -> Result:
        monkeypatch.setenv("COLUMNS", str(width))
        return invoke(tmp_path, *arguments)

    return run


def a_day(day: date, **fields: object) -> CoverageRow:
    defaults: dict[str, object] = {
        "source_id": "harbour-times", "expected": 10.0, "found": 10, "captured": 10, "excluded": {}, "failed": {},
        "pending": 0, "polls_ok": 90, "polls_failed": 0, "gap_seconds": 0, "counted_at": START,
    }  # fmt: skip
    return CoverageRow(day=day.isoformat(), **defaults | fields)


@pytest.fixture
def counted(news_desk: Desk) -> Desk:
    """The 1st (25 hours in New York) to the 6th of November: all, half, nothing found, nobody looked, a gap, failures."""
    first = date(2026, 11, 1)
    with news_desk.archive.writing() as session:
        session.add_all(
            [
                a_day(first),
                a_day(first + timedelta(1), found=5, captured=5),
                a_day(first + timedelta(2), found=0, captured=0),
                a_day(first + timedelta(3), found=0, captured=0, polls_ok=0, polls_failed=4, gap_seconds=24 * HOUR),
                a_day(first + timedelta(4), gap_seconds=2 * HOUR, excluded={"rule": 2}, captured=8),
                a_day(first + timedelta(5), failed={"timeout": 4, "HTTP 403": 1}, captured=3, pending=2),
            ]
        )
        since = datetime(2026, 11, 5, 10, 0, tzinfo=UTC)
        session.add(
            GapRow(
                source_id="harbour-times", channel=FEED, since=since, until=since + timedelta(hours=2),
                reason="rolled-over", noted_at=since,
            )
        )  # fmt: skip
    return news_desk


WINDOW = ("--since", "2026-10-31", "--until", "2026-11-06")


def test_a_drawn_ledger_shows_each_kind_of_day(command: Command, counted: Desk) -> None:
    lines = command("coverage", *WINDOW, width=80).stdout.splitlines()
    assert lines[0].split()[0] == "source"
    assert lines[1].startswith("harbour-times ·█▄_x██")
    assert lines[1].split()[-4:] == ["35", "60", "79", "%"]  # 26 of the 33 that were wanted
    assert lines[2].index("^") == lines[1].index("x") + 1
    assert lines[2].count("^") == 1
    below = "\n".join(lines[3:5])
    assert " ".join(below.split()) == "not watched for 26 h; pending 2; excluded 2 rule; failed 4 timeout, 1 HTTP 403"
    assert " ".join(lines[-2:]).split() == LEGEND.split()
    assert max(map(len, lines)) <= 80


def test_a_source_that_is_named_comes_with_its_gaps(command: Command, counted: Desk) -> None:
    shown = command("coverage", "harbour-times", *WINDOW).stdout
    assert f"2026-11-05 10:00 to 2026-11-05 12:00 UTC (2 h) rolled-over: {FEED}" in shown
    assert "rolled-over" not in command("coverage", *WINDOW).stdout
    assert (
        "rolled-over"
        not in command("coverage", "harbour-times", "--since", "2026-11-06", "--until", "2026-11-06").stdout
    )


def test_more_days_than_fit_go_on_below(command: Command, counted: Desk) -> None:
    shown = command("coverage", "--since", "2026-08-01", "--until", "2026-11-06", width=80).stdout.splitlines()
    days = [line for line in shown if line.startswith("harbour-times")]
    assert len(days) == 3
    assert sum(len(line.removeprefix("harbour-times ").split("  ")[0]) for line in days) == 98
    assert max(map(len, shown)) <= 80


def test_programs_get_a_row_for_each_day(command: Command, counted: Desk) -> None:
    rows = json.loads(command("coverage", *WINDOW, "--format", "json").stdout)
    assert [row["day"] for row in rows] == [f"2026-11-0{n}" for n in range(1, 7)]
    assert rows[0]["seconds"] == 25 * HOUR
    assert (rows[5]["failed"], rows[5]["pending"], rows[5]["counted_at"]) == (
        {"HTTP 403": 1, "timeout": 4},
        2,
        "2026-11-02T09:00:00Z",
    )
    (row, *_) = csv.DictReader(io.StringIO(command("coverage", *WINDOW, "--format", "csv").stdout))
    assert (row["source"], row["day"], row["found"], row["excluded"]) == ("harbour-times", "2026-11-01", "10", "")


def test_days_that_have_not_begun_at_a_source_are_not_shown(counted: Desk) -> None:
    counted.add_source(a_source("kabar", timezone="Asia/Jakarta"))
    now = datetime(2026, 11, 6, 20, 0, tzinfo=UTC)  # in Jakarta it is the 7th already
    by_id = {found.source: found for found in coverage(counted.archive, ["kabar", "harbour-times"], days=3, now=now)}
    assert list(by_id["kabar"].days) == ["2026-11-05", "2026-11-06", "2026-11-07"]
    assert list(by_id["harbour-times"].days) == ["2026-11-05", "2026-11-06"]
    assert by_id["kabar"].known == []
    assert by_id["kabar"].expected is None


def test_what_cannot_be_asked_of_the_ledger(command: Command, counted: Desk) -> None:
    with pytest.raises(NotFound, match="nobody"):
        command("coverage", "nobody")
    with pytest.raises(UsageError, match="is after"):
        command("coverage", "--since", "2026-11-06", "--until", "2026-11-01")
    with pytest.raises(UsageError, match="is not a day"):
        command("coverage", "--since", "2026-11-06T10:00")


def test_a_day_of_which_only_polls_are_noted_is_not_known(command: Command, news_desk: Desk) -> None:
    """Without the daemon nobody counts: that is not the same as finding nothing."""
    with news_desk.archive.writing() as session:
        session.add(a_day(date(2026, 11, 1), found=0, captured=0, counted_at=None))
    shown = command("coverage", "--since", "2026-11-01", "--until", "2026-11-01")
    assert shown.stdout.splitlines()[1].startswith("harbour-times · ")
    assert "The days are not counted yet." in shown.stderr


def test_an_empty_ledger_says_so(command: Command, news_desk: Desk) -> None:
    found = command("coverage")
    assert (found.stdout, found.exit_code) == ("", 0)
    assert "Nothing was collected yet." in found.stderr
    assert command("coverage", "--format", "json").stdout == "[]\n"


# --- status


@pytest.fixture
def busy(news_desk: Desk) -> Desk:
    now = datetime.now(UTC)
    news_desk.record(an_article())
    for source_id in ("aardvark", "kabar", "sleeper"):
        news_desk.add_source(a_source(source_id))
    with news_desk.archive.writing() as session:
        for source_id, minutes in (("aardvark", 3), ("kabar", -20), ("sleeper", 5)):
            session.add(
                ChannelRow(
                    source_id=source_id, key=FEED, failures=0, weight=0.0, polled_at=now, ok_at=now, outcome="ok",
                    next_poll_at=now + timedelta(minutes=minutes, seconds=5),
                )
            )  # fmt: skip
        session.get_one(SourceRow, "sleeper").paused_at = now
        detail = "\x1b[31m3 polls failed in a row: HTTP 500"
        raise_alarms(session, {"kabar": [("failing", detail), ("blocked", "…")]}, now - timedelta(hours=5))
        enlist(session, "here:1", timedelta(hours=1))
        enlist(session, "here:2", timedelta(hours=-1))
    return news_desk


def test_status_shows_alarms_first_and_what_goes_on(command: Command, busy: Desk) -> None:
    lines = command("status", width=100).stdout.splitlines()
    assert lines[0] == "Sources   1 ok, 1 alarm, 1 new, 1 paused"
    assert lines[1].startswith("Fetching  1 process; last page ")
    assert lines[2] == "Queue     empty"
    assert lines[3] == "Next      nothing: no daemon is running"
    assert "! kabar failing for 5 h: [31m3 polls failed in a row: HTTP 500" in lines  # no escape code gets through
    table = [line.split() for line in lines[lines.index("") :] if line and not line.startswith("!")]
    assert [row[0] for row in table] == ["source", "kabar", "aardvark", "harbour-times", "sleeper"]
    assert table[1][1:3] == ["failing,", "blocked"]
    assert max(map(len, lines)) <= 100


@pytest.fixture
def leader(busy: Desk, tmp_path: Path) -> Iterator[None]:
    """A daemon makes the schedule of the archive."""
    leadership = Leadership(busy.archive.engine, tmp_path)
    assert leadership.take()
    yield
    leadership.give_up()


def test_nothing_is_promised_without_a_daemon(command: Command, busy: Desk) -> None:
    found = command("schedule")
    assert re.search(r"^since (\d{4}-\d\d-\d\d )?\d\d:\d\d .*kabar", found.stdout, re.MULTILINE), found.stdout
    assert re.search(r"^not before (\d{4}-\d\d-\d\d )?\d\d:\d\d .*aardvark", found.stdout, re.MULTILINE), found.stdout
    assert re.search(r"^paused .*sleeper", found.stdout, re.MULTILINE), found.stdout
    assert "Nothing of this is done for now: no daemon is running; `dateline daemon` starts one." in found.stderr
    assert not re.search(r"\b(now|in \d+ (s|min|h))\b", command("status").stdout)
    rows = {row["source_id"]: row["due"] for row in json.loads(command("schedule", "--format", "json").stdout)}
    assert rows["kabar"].startswith("due since ")
    assert rows["aardvark"].startswith("not before ")


def test_with_a_daemon_the_next_polls_are_named(command: Command, busy: Desk, leader: None) -> None:
    lines = command("status", width=100).stdout.splitlines()
    assert re.fullmatch(r"Next      kabar due since ([-\d]+ )?\d\d:\d\d, aardvark in 3 min", lines[3]), lines[3]
    found = command("schedule")
    assert re.search(r"^in 3 min .*aardvark", found.stdout, re.MULTILINE), found.stdout
    assert "Nothing of this" not in found.stderr


def test_a_daemon_without_a_process_or_room_is_not_relied_on(
    command: Command, busy: Desk, leader: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_MIN_FREE", "1000000G")
    lines = command("status", width=100).stdout.splitlines()
    assert lines[1].startswith("Fetching  no: the disk is full (")
    assert lines[3].startswith("Next      nothing: the disk is full (")
    assert "the disk is full" in command("schedule").stderr
    assert max(map(len, command("status", width=80).stdout.splitlines())) <= 80
    monkeypatch.delenv("DATELINE_MIN_FREE")
    with busy.archive.writing() as session:
        for worker in alive(session):
            end(session, worker.pk, "stopped", now=datetime.now(UTC))
    lines = command("status", width=100).stdout.splitlines()
    assert lines[1].startswith("Fetching  no: the daemon has no process that fetches; its log says why")
    assert lines[3] == "Next      nothing: no process is fetching for the daemon"


def test_the_queue_says_how_long_the_oldest_job_waits(command: Command, busy: Desk) -> None:
    now = datetime.now(UTC)
    with busy.archive.writing() as session:
        due = now - timedelta(minutes=12)
        enqueue(session, [Order("kabar", "poll", FEED, due, "due", Priority.poll)], now)
    line = command("status", width=100).stdout.splitlines()[2]
    assert re.fullmatch(r"Queue     0 jobs under way, 1 waiting \(the oldest due since ([-\d]+ )?\d\d:\d\d\)", line), (
        line
    )


@pytest.mark.parametrize("width", [40, 60, 80, 132])
def test_status_fits_the_terminal(command: Command, busy: Desk, width: int) -> None:
    shown = command("status", width=width).stdout.splitlines()
    assert max(map(len, shown)) <= width
    assert any(line.startswith("kabar") for line in shown)


def test_programs_get_health_alarms_and_the_plan(command: Command, busy: Desk) -> None:
    rows = {row["source"]: row for row in json.loads(command("status", "--format", "json").stdout)}
    assert list(rows) == sorted(rows)  # programs get them by id
    assert {name: row["health"] for name, row in rows.items()} == {
        "aardvark": "ok", "harbour-times": "new", "kabar": "alarm", "sleeper": "paused"
    }  # fmt: skip
    assert [alarm["kind"] for alarm in rows["kabar"]["alarms"]] == ["failing", "blocked"]
    assert rows["aardvark"]["next_poll_at"] is not None
    assert rows["sleeper"]["next_poll_at"] is None


def test_watching_is_for_terminals(command: Command, busy: Desk) -> None:
    with pytest.raises(UsageError, match="needs a terminal"):
        command("status", "--watch")
    with pytest.raises(UsageError, match="for people"):
        command("status", "--watch", "--format", "json")


def test_overview(busy: Desk) -> None:
    now = datetime.now(UTC)
    found = overview(busy.archive, now)
    assert [(worker.name, worker.alive) for worker in found.workers] == [("here:1", True), ("here:2", False)]
    assert [poll.source for poll in found.next_polls] == ["kabar", "aardvark"]  # who is paused is not waited for
    assert found.late_since is not None and found.late_since < now
    assert found.alarms == {"failing": 1, "blocked": 1}
    assert found.oldest_due_at is None
