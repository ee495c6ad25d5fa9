"""Sources taken up while something else fetches: a real daemon, a real crawl; and whoever is killed, the order stays."""

from __future__ import annotations

import json
import re
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.processes import Daemon, kill, tree, until
from support.town import Resident, Town

LONG = 240.0


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def resident(request: pytest.FixtureRequest, publishers: Town, tmp_path: Path) -> Resident:
    url = request.getfixturevalue("empty_postgres") if request.param == "postgresql" else None
    return Resident(publishers, tmp_path / "home", url)


def a_daemon(resident: Resident) -> Daemon:
    return Daemon.real(resident, resident.home / "daemon.log")  # type: ignore[arg-type]  # what it needs is an environment


def polled(publishers: Town, host: str) -> bool:
    """Whether an article of this host was fetched: it was polled, and not only checked."""
    return any(place.startswith(f"{host}/news/") for place in publishers.asked)


def verdicts(daemon: Daemon) -> dict[str, dict[str, Any]]:
    return {event["source"]: event for event in daemon.events("source_checked")}


@pytest.mark.timeout(600)
def test_a_daemon_alone_is_enough_and_sources_are_taken_up_beside_it(resident: Resident, publishers: Town) -> None:
    town = publishers
    town.answers["www.dead.example/feed"] = 404, {}
    entries = [town.entry(host) for host in ("live.example", "www.dead.example", "later.example")]
    entries += [town.entry("mute.example", silent=True)]
    two = [{"feed": town.url("half.example", "/feed")}, {"sitemap": town.url("half.example", "/sitemap.xml")}]
    town.answers["half.example/sitemap.xml"] = 429, {"Retry-After": "7200"}
    entries += [town.entry("half.example", discover=two)]
    entries[1]["id"] = "dead"
    resident.registry(*entries)
    resident.run("init")
    resident.run("sources", "disable", "later", "half")

    with a_daemon(resident) as daemon:
        until(lambda: polled(town, "live.example") and polled(town, "mute.example"), LONG, what="polls of new sources")
        until(lambda: len(verdicts(daemon)) >= 3, LONG, what="verdicts in the log")
        assert {i: event["alive"] for i, event in verdicts(daemon).items()} == {
            "live": True,
            "mute": True,
            "dead": False,
        }
        ordered = [source for event in daemon.events("checks_ordered") for source in event["sources"]]
        assert sorted(ordered) == ["dead", "live", "mute"]  # each once: the dead one rests
        assert resident.states() | {"live": "polled"} == {
            "live": "polled", "mute": "polled", "dead": "unverified", "later": "disabled", "half": "disabled"
        }  # fmt: skip
        assert not any(place.startswith(("later.", "half.")) for place in town.asked)

        # One command enables, checks, and tells; the daemon's own process asks the host.
        _, said = resident.run("sources", "add", "later")
        assert "later: its channel is alive; the newest item is of " in said
        assert "The daemon polls it within a minute; nothing more needs to be done." in said
        until(lambda: polled(town, "later.example"), LONG, what="a poll of the source that was added")

        [row] = resident.rows("sources", "check", "dead", status=1)
        assert (row["outcome"], row["detail"]) == ("dead", "HTTP 404")
        [row] = resident.rows("sources", "check", "live")
        assert (row["outcome"], row["items"], row["robots"]) == ("live", 3, "ok")

        # Alive, but its host wants to be left alone: that is said, with the time.
        _, said = resident.run("sources", "add", "half")
        assert re.search(r"half: 1 of 2 channels is alive; .* What is missing: its sitemap .*/sitemap.xml", said)
        assert re.search(
            r"The daemon polls it after 20\d\d-\d\d-\d\d \d\d:\d\d UTC: half\.example:\d+ asked to be left", said
        )
        _, said = resident.run("sources", "enable", "later")
        assert said == "later: enabled. The daemon polls it within a minute.\n"
        assert not polled(town, "half.example")

        # A new site, and partial failure: what cannot be followed is named, the others are followed.
        _, said = resident.run("sources", "add", "live", "dead", town.url("www.new.example"), "--yes", status=1)
        assert "live: its channel is alive" in said
        assert "error: 1 of 3 sources cannot be followed:\ndead has no channel that can be polled: its feed" in said
        assert "new-example: The daemon polls it within a minute" in said
        until(lambda: polled(town, "www.new.example"), LONG, what="a poll of the site that was added")
        assert daemon.stop() == 0
    assert not [event for event in daemon.events() if event.get("level") == "error"]


@pytest.mark.timeout(600)
def test_a_check_survives_the_death_of_either_side(resident: Resident, publishers: Town) -> None:
    resident.registry(publishers.entry("slow.example"), publishers.entry("other.example"))
    resident.run("init")
    resident.run("sources", "disable", "slow", "other")
    publishers.hold("slow.example/feed")
    publishers.hold("other.example/feed")
    with a_daemon(resident) as daemon:
        started = "a fetching process"  # before there is one, the command would check by itself
        until(lambda: daemon.events("worker_started"), LONG, what=started)
        waiting = resident.start("sources", "check", "slow", "--format", "json")
        until(lambda: "slow.example/feed" in publishers.asked, LONG, what="the check")
        assert waiting.poll() is None
        for pid in daemon.workers():  # one of them checks
            kill(*tree(pid))
        publishers.let_go("slow.example/feed")
        out, errors = waiting.communicate(timeout=LONG)
        assert [row["outcome"] for row in json.loads(out)] == ["live"], errors
        assert publishers.asked.count("slow.example/feed") == 2

        killed = resident.start("sources", "add", "other")  # enables it as well
        until(lambda: "other.example/feed" in publishers.asked, LONG, what="the check")
        kill(*tree(killed.pid))
        killed.communicate()
        publishers.let_go("other.example/feed")
        until(lambda: polled(publishers, "other.example"), LONG, what="a poll after the command was killed")
        assert resident.states() == {"slow": "disabled", "other": "polled"}

        publishers.hold("slow.example/feed")
        waiting = resident.start("sources", "check", "slow", "--format", "json")
        until(lambda: publishers.asked.count("slow.example/feed") == 3, LONG, what="the check")
        daemon.kill_all()
        publishers.let_go("slow.example/feed")
        out, errors = waiting.communicate(timeout=LONG)  # nobody else fetches any more: it does so itself
        assert [row["outcome"] for row in json.loads(out)] == ["live"], errors
        assert publishers.asked.count("slow.example/feed") == 4


@pytest.mark.timeout(600)
def test_checks_beside_a_crawl(resident: Resident, publishers: Town) -> None:
    resident.registry(publishers.entry("busy.example"), publishers.entry("asked.example"))
    resident.run("init")
    resident.run("sources", "disable", "asked")
    publishers.hold("busy.example/news/0")
    crawl = resident.start("crawl", "--format", "json")  # nobody has checked the source: the crawl does
    until(lambda: "busy.example/news/0" in publishers.asked, LONG, what="the crawl")
    [row] = resident.rows("sources", "check", "asked")
    assert (row["source"], row["outcome"]) == ("asked", "live")
    assert crawl.poll() is None
    _, said = resident.run("sources", "add", "asked")
    assert "`dateline daemon` polls it on schedule from now on; `dateline crawl asked` polls it once, now." in said
    assert crawl.poll() is None
    publishers.let_go("busy.example/news/0")
    out, errors = crawl.communicate(timeout=LONG)
    assert crawl.returncode == 0, errors
    assert {row["source"]: row["new"] for row in json.loads(out)} == {"busy": 3}
    assert resident.states() == {"busy": "polled", "asked": "polled"}


def test_checks_beside_a_backfill(resident: Resident, publishers: Town) -> None:
    resident.registry(publishers.entry("busy.example", status="verified"), publishers.entry("asked.example"))
    resident.run("init")
    publishers.hold("busy.example/news/0")
    day = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    backfill = resident.start("backfill", "busy", "--since", day)
    until(lambda: "busy.example/news/0" in publishers.asked, LONG, what="the backfill")
    [row] = resident.rows("sources", "check", "asked")
    assert (row["source"], row["outcome"]) == ("asked", "live")
    assert backfill.poll() is None
    publishers.let_go("busy.example/news/0")
    _, errors = backfill.communicate(timeout=LONG)
    assert backfill.returncode == 0, errors


def test_a_check_that_is_stopped_or_killed_leaves_its_order(resident: Resident, publishers: Town) -> None:
    """Where nobody else fetches, the command does it itself."""
    resident.registry(publishers.entry("slow.example"))
    resident.run("init")
    publishers.hold("slow.example/feed")
    killed = resident.start("sources", "check")
    until(lambda: "slow.example/feed" in publishers.asked, LONG, what="the check")
    kill(*tree(killed.pid))
    killed.communicate()
    assert resident.states() == {"slow": "unverified"}

    stopped = resident.start("sources", "check")
    until(lambda: publishers.asked.count("slow.example/feed") == 2, LONG, what="the next check")
    kill(stopped.pid, number=signal.SIGINT)
    until(lambda: stopped.poll() is not None or not publishers.let_all_go(), LONG, what="the end")  # type: ignore[func-returns-value]
    _, errors = stopped.communicate()
    assert stopped.returncode == 1, errors
    assert "slow: not checked yet. The order stays" in errors
    assert "Traceback" not in errors

    [row] = resident.rows("sources", "check")
    assert row["outcome"] == "live"
    assert resident.states() == {"slow": "polled"}


def test_a_command_that_waits_can_be_interrupted(resident: Resident, publishers: Town) -> None:
    resident.registry(publishers.entry("busy.example", status="verified"), publishers.entry("slow.example"))
    resident.run("init")
    for place in ("busy.example/news/0", "slow.example/feed"):
        publishers.hold(place)
    crawl = resident.start("crawl", "busy", "--format", "json")
    until(lambda: "busy.example/news/0" in publishers.asked, LONG, what="the crawl")
    waiting = resident.start("sources", "check", "slow")
    until(lambda: "slow.example/feed" in publishers.asked, LONG, what="the check by the crawl")
    kill(waiting.pid, number=signal.SIGINT)
    _, errors = waiting.communicate(timeout=LONG)
    assert waiting.returncode == 1
    assert "slow: not checked yet. The order stays" in errors
    publishers.let_all_go()
    crawl.communicate(timeout=LONG)
    assert crawl.returncode == 0
    assert resident.states() == {"busy": "polled", "slow": "polled"}  # the crawl has seen to it
