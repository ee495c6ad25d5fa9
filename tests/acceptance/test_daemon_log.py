"""The daemon tells what happens: in words at a terminal, as JSON elsewhere, more with -v and less with -q."""

from __future__ import annotations

import json
import signal
from functools import partial
from pathlib import Path

import pytest
from support.processes import Daemon, until
from support.reader import Reader
from support.terminal import AtTerminal

from dateline.newsroom import AFTER_EDITS, Newsroom


@pytest.fixture
def at_home(room: Newsroom, tmp_path: Path) -> Reader:
    reader = Reader(room, tmp_path / "home")
    reader.run("init")
    return reader


def host(reader: Reader, source: str) -> str:
    return reader.room.site(source).host


def test_a_person_reads_what_happens(at_home: Reader) -> None:
    reader, room = at_home, at_home.room
    with AtTerminal(reader.environment, "daemon") as terminal:
        line = terminal.wait_for("poll_found_links", "source=hanbit-en")
        assert "links=3" in line
        assert "channel=feed:http://en.hanbit.example" in line
        first = terminal.wait_for("article_new", "source=hanbit-en")
        assert "title=" in first
        assert "url=http://en.hanbit.example" in first
        assert terminal.shown.index("poll_found_links") < terminal.shown.index("article_new")
        room.set_time(AFTER_EDITS)
        reader.run("schedule", "run", "hanbit-en")
        revised = terminal.wait_for("article_revised", "source=hanbit-en")
        assert "revision=2" in revised
        assert "changes=body" in revised
        room.fail(host(reader, "kabar"), "500")
        reader.run("schedule", "run", "kabar")
        failed = terminal.wait_for("poll_failed", "source=kabar")
        assert "warning" in failed
        assert "HTTP 500" in failed
        room.heal()
        reader.run("schedule", "run", "kabar")
        terminal.wait_for("source_answers_again", "source=kabar")
        assert terminal.interrupt(signal.SIGTERM) == 0
        summary = terminal.line_with("final_summary")
        assert summary is not None
        assert "failed_polls=1" in summary
        assert "revisions=" in summary
    assert "poll_found_nothing" not in terminal.shown
    assert "\x1b" not in terminal.shown


def _has_failed(daemon: Daemon, *, times: int) -> bool:
    return len(daemon.events("poll_failed")) >= times


def test_each_line_stands_for_what_is_in_the_archive(reader: Reader, tmp_path: Path) -> None:
    """With -v, as JSON: what brought nothing is told, too. What is logged is committed, and the other way round."""
    reader.run("init")
    with Daemon(reader, tmp_path / "log", "dateline", "-v", "daemon") as daemon:
        until(lambda: len(daemon.events("article_new")) >= 20, 240, what="the newsroom's articles")
        reader.run("schedule", "run", "kabar", "thoidai")
        until(
            lambda: {e["source"] for e in daemon.events("poll_found_nothing")} >= {"kabar", "thoidai"},
            240,
            what="polls that brought nothing",
        )
        reader.room.fail(host(reader, "vestnik"), "500")
        for number in (1, 2):
            reader.run("schedule", "run", "vestnik")
            until(partial(_has_failed, daemon, times=number), 240, what="failed polls")
        assert daemon.stop() == 0
        events = daemon.events()
    assert len(events) == len((tmp_path / "log").read_text().splitlines())  # each line is whole
    assert [e["level"] for e in events if e["event"] == "poll_failed"][:2] == ["warning", "debug"]
    assert {"job_taken", "jobs_done", "fetch_failed"} <= {e["event"] for e in events}
    new = [e["article"] for e in events if e["event"] == "article_new"]
    assert sorted(new) == sorted(record["id"] for record in reader.export())
    closed = [record for record in reader.export() if record["status"] == "withheld"]
    withheld = {record["id"] for record in closed if not record["noarchive"]}
    assert {e["article"] for e in events if e.get("withheld")} == withheld
    assert {e["article"] for e in events if e.get("noarchive")} == {r["id"] for r in closed if r["noarchive"]}
    assert not any("title" in e for e in events if e.get("article") in withheld)
    (summary,) = daemon.events("final_summary")
    assert summary["articles"] == len(new)
    assert summary["polls"] == len(
        [e for e in events if e["event"].startswith("poll_") and e["event"] != "poll_unfinished"]
    )


def test_quiet_is_warnings_and_errors(at_home: Reader, tmp_path: Path) -> None:
    reader = at_home
    reader.room.fail(host(reader, "vestnik"), "500")
    with Daemon(reader, tmp_path / "log", "dateline", "-q", "daemon") as daemon:
        until(lambda: daemon.events("poll_failed"), 240, what="a failed poll")
        until(lambda: len(reader.export()) >= 10, 240, what="articles")
        assert daemon.stop() == 0
        assert {e["level"] for e in daemon.events()} <= {"warning", "error"}
        assert {e.get("source") for e in daemon.events()} == {"vestnik"}


def test_a_new_archive_whose_sources_nobody_checked(at_home: Reader) -> None:
    registry = at_home.home / "mine.yaml"
    registry.write_text(
        "sources:\n  - id: mine\n    name: Mine\n    homepage: https://mine.example/\n    status: unverified\n"
        "    discover:\n      - wayback: https://mine.example/\n"
    )
    environment = at_home.environment | {"DATELINE_SOURCES": str(registry)}
    with AtTerminal(environment, "daemon") as terminal:
        line = terminal.wait_for("no_source_polled")
        assert "dateline sources check" in line
        assert terminal.interrupt() == 0


# --- what commands say of hosts that they wait for


def test_a_crawl_tells_the_same_with_v_and_names_the_host_that_it_waits_for(at_home: Reader) -> None:
    at_home.room.fail(host(at_home, "kabar"), "503", path="/rss", times=1, retry_after="1")
    process = at_home.start("-v", "crawl", "kabar", "hanbit-en")
    _, said = process.communicate(timeout=240)
    assert process.returncode == 0, said
    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert {e["source"] for e in events if e["event"] == "poll_found_links"} == {"kabar", "hanbit-en"}
    assert len([e for e in events if e["event"] == "article_new"]) == len(at_home.export())
    (waited,) = [line for line in said.splitlines() if "asked to be left alone until" in line]
    assert waited.startswith(host(at_home, "kabar"))
    assert waited.endswith("UTC (HTTP 503). Dateline waits for it.")


def test_a_long_wait_is_left_to_the_next_crawl_and_named_at_a_terminal(at_home: Reader) -> None:
    at_home.room.fail(host(at_home, "kabar"), "503", path="/rss", retry_after="3600")
    with AtTerminal(at_home.environment, "crawl", "kabar") as terminal:
        line = terminal.wait_for("asked to be left alone until")
        assert "It is not asked before that; what is left there waits for the next time." in line


def test_adding_a_source_names_the_host_that_it_waits_for(at_home: Reader, tmp_path: Path) -> None:
    (tmp_path / "none.yaml").write_text("sources: []\n")
    site = at_home.room.site("harbour-times")
    at_home.room.fail(site.host, "503", times=2, retry_after="1")
    process = at_home.start(
        "sources", "add", at_home.room.url(site), DATELINE_SOURCES=str(tmp_path / "none.yaml"), DATELINE_DELAY="0"
    )
    _, said = process.communicate(timeout=240)
    assert f"{site.host}:{at_home.room.port} asked to be left alone until" in said


def test_a_backfill_names_the_host_that_it_waits_for(at_home: Reader) -> None:
    at_home.run("crawl", "kabar", "--limit", "1")
    at_home.room.fail(host(at_home, "kabar"), "503", path="/rss", retry_after="100")
    with AtTerminal(at_home.environment, "backfill", "kabar", "--since", "2024-02-01") as terminal:
        line = terminal.wait_for("is left alone until", "UTC: it asked for that (HTTP 503)")
        assert host(at_home, "kabar") in line
        assert terminal.interrupt() == 1
