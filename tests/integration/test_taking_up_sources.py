"""Following sources by `dateline sources add`, `enable` and `check` where nothing else runs: what is said, and what is noted."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from support.terminal import run
from support.town import Resident, Town

from archive.config import Settings
from archive.model.clock import SystemClock
from archive.storage.session import open_archive
from archive.tables import HostRow


@pytest.fixture
def resident(publishers: Town, tmp_path: Path) -> Resident:
    return Resident(publishers, tmp_path / "home")


def test_a_machine_without_network_says_so_and_notes_nothing(resident: Resident) -> None:
    """Names under `.invalid` are known nowhere (RFC 6761)."""
    resident.registry(
        *({"id": f"s{n}", "name": "S", "homepage": f"https://www.s{n}.invalid/"} for n in range(3)),
        {
            "id": "fed", "name": "F", "homepage": "https://www.fed.invalid/",
            "discover": [{"feed": "https://www.fed.invalid/rss"}],
        },
    )  # fmt: skip
    resident.run("init")
    out, said = resident.run("sources", "check", status=1)
    assert out == ""  # no source is called dead
    assert "error: no host can be reached, and no host name can be resolved: is this machine online?" in said
    assert "Nothing was noted about s0, s1, s2, fed." in said
    _, said = resident.run("sources", "add", "fed", status=1)
    assert "error: fed was not reached, and no other host can be found either. Is this machine online?" in said
    out, said = resident.run("crawl", "--format", "json", status=1)
    assert {row["source"]: row["failed"] for row in json.loads(out)} == {
        i: {"offline": 1} for i in ("s0", "s1", "s2", "fed")
    }
    assert "is this machine online?" in said
    assert set(resident.states().values()) == {"unverified"}
    with open_archive(Settings(home=resident.home)).reading() as session:
        from archive.planning.checks import open_checks

        assert {row.payload.get("failures", 0) for row in open_checks(session).values()} <= {0}


def test_a_host_that_is_dead_while_others_answer_is_called_dead(resident: Resident, publishers: Town) -> None:
    resident.registry(
        publishers.entry("live.example"), {"id": "gone", "name": "G", "homepage": "https://www.gone.invalid/"}
    )
    resident.run("init")
    found = {row["source"]: row for row in resident.rows("sources", "check", status=1)}
    assert (found["live"]["outcome"], found["gone"]["outcome"]) == ("live", "dead")


def test_old_news_is_followed_on_purpose_only(resident: Resident, publishers: Town) -> None:
    publishers.age = timedelta(days=80)
    resident.registry(publishers.entry("quiet.example"))
    resident.run("init")
    _, said = resident.run("sources", "add", "quiet", status=1)
    assert "quiet has no channel that can be polled: its feed" in said
    assert "has nothing new (nothing for 80 days, expected within 30)" in said
    assert "--stale accepts what is there" in said
    assert resident.states() == {"quiet": "unverified"}
    _, said = resident.run("sources", "add", "quiet", "--stale")
    assert re.search(
        r"quiet is followed although its newest item is of \d{4}-\d\d-\d\d\. `dateline daemon` polls it", said
    )
    assert resident.states() == {"quiet": "polled"}

    url = publishers.url("www.new.example")
    out, said = resident.run("sources", "add", url, "--yes", status=1)
    assert "stale" in out
    assert "no live feed, sitemap or list was found" in said
    assert "--stale accepts what is there" in said
    out, said = resident.run("sources", "add", url, "--yes", "--stale")
    assert "id: new-example" in out
    assert "new-example: `dateline daemon` polls it on schedule from now on" in said
    assert resident.states() == {"quiet": "polled", "new-example": "polled"}


def test_on_a_terminal_old_news_is_asked_about(resident: Resident, publishers: Town) -> None:
    publishers.age = timedelta(days=80)
    resident.registry(publishers.entry("quiet.example"))
    resident.run("init")
    ran = run(("sources", "add", "quiet"), resident.environment, "same terminal", typed="y\n")
    assert ran.status == 0, ran.out
    assert "Follow it all the same?" in ran.out
    assert resident.states() == {"quiet": "polled"}


def test_a_pause_is_waited_for_and_said(resident: Resident, publishers: Town) -> None:
    """A short one is waited for, a long one is not; in both cases the command says which host it is, and until when."""
    hosts = ("short.example", "long.example")
    resident.registry(*(publishers.entry(host) for host in hosts))
    resident.run("init")
    now = SystemClock()()
    with open_archive(Settings(home=resident.home)).writing() as session:
        for host, seconds in zip((*hosts, "www.new.example"), (8, 7200, 8), strict=True):
            session.add(
                HostRow(
                    origin=f"http://{host}:{publishers.port}",
                    paused_until=now + timedelta(seconds=seconds),
                    pause_reason="HTTP 429",
                    failures=1,
                )
            )
    _, said = resident.run("sources", "add", "short", "long", publishers.url("www.new.example"), "--yes", status=1)
    for host in (hosts[0], "www.new.example"):
        assert re.search(rf"waiting: {host}:\d+ asked to be left alone until \d\d:\d\d:\d\d UTC", said)
    assert "short: its channel is alive" in said
    assert "new-example: `dateline daemon` polls it" in said
    assert re.search(r"long was not asked: HTTP 429 with Retry-After: .*, until \d{4}-\d\d-\d\d \d\d:\d\d UTC\.", said)
    assert not any(place.startswith("long.") for place in publishers.asked)
    assert resident.states() == {"short": "polled", "long": "unverified", "new-example": "polled"}


def test_a_crawl_checks_what_nobody_has_seen_alive(resident: Resident, publishers: Town) -> None:
    publishers.answers["dead.example/feed"] = 410, {}
    resident.registry(
        publishers.entry("live.example"),
        publishers.entry("mute.example", silent=True),
        publishers.entry("dead.example"),
    )
    resident.run("init")
    out, said = resident.run("crawl", "--format", "json")
    rows = {row["source"]: row for row in json.loads(out)}
    assert {i: (row["new"], row["postponed"]) for i, row in rows.items()} == {
        "live": (3, {}),
        "mute": (3, {}),
        "dead": (0, {"not-alive": 1}),
    }
    assert "not-alive: dead: HTTP 410" in said
    assert resident.states() == {"live": "polled", "mute": "polled", "dead": "unverified"}
    before = len(publishers.asked)
    out, _ = resident.run("crawl", "--format", "json")
    assert {row["source"] for row in json.loads(out)} == {"live", "mute"}  # the dead one rests
    assert not any(place.startswith("dead.") for place in publishers.asked[before:])
    resident.run("sources", "disable", "live", "mute")
    _, said = resident.run("crawl", status=2)
    assert "none of the enabled sources works (1 source checked)" in said


def test_misspelt_ids_are_told_from_all_others(resident: Resident, publishers: Town) -> None:
    resident.registry(publishers.entry("harbour-times.example"), publishers.entry("other.example"))
    resident.run("init")
    for command in (
        ("sources", "add", "harbor-times"),
        ("sources", "check", "harbor-times"),
        ("sources", "enable", "harbor-times"),
        ("sources", "disable", "harbor-times"),
        ("sources", "show", "harbor-times"),
        ("sources", "export", "harbor-times"),
        ("crawl", "harbor-times"),
        ("backfill", "harbor-times", "--since", "2026-01-01"),
        ("backfill", "status", "harbor-times"),
        ("schedule", "list", "harbor-times"),
        ("schedule", "pause", "harbor-times"),
        ("schedule", "resume", "harbor-times"),
        ("schedule", "run", "harbor-times"),
        ("status", "harbor-times"),
        ("coverage", "harbor-times"),
        ("search", "ships", "--source", "harbor-times"),
        ("export", "--source", "harbor-times"),
    ):
        _, said = resident.run(*command, status=2)
        assert "(did you mean harbour-times?)" in said, (command, said)
    assert publishers.asked == []


def test_enabling_says_what_happens_next(resident: Resident, publishers: Town) -> None:
    past = [{"wayback": publishers.url("past.example")}]
    resident.registry(
        publishers.entry("new.example"),
        publishers.entry("known.example", status="verified"),
        publishers.entry("no.example", status="refused", note="403"),
        publishers.entry("past.example", status="verified", discover=past),
    )
    resident.run("init")
    said = dict(
        line.split(": ", 1) for line in resident.run("sources", "enable", "new", "known", "no", "past")[1].splitlines()
    )
    assert said == {
        "new": "enabled. No check has found it to work yet. `dateline daemon` checks it and then polls it; "
        "`dateline sources check new` checks it now.",
        "known": "enabled. `dateline daemon` polls it on schedule; `dateline crawl known` polls it once, now.",
        "no": "enabled, but it refuses crawlers and is not polled. `dateline sources show no` says why.",
        "past": "enabled, but none of its channels can be polled. They hold the past, which `dateline backfill` reads.",
    }
    assert resident.run("sources", "disable", "new")[1] == "new: disabled.\n"
    _, said_of_refused = resident.run("sources", "add", "no", status=1)
    assert "error: no refuses crawlers and is not asked." in said_of_refused
    assert publishers.asked == []
