"""A backfill as a person gives it: to its end, killed on the way, given again, left to a daemon."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.archivist import Archivist, expected, free
from support.press import SOURCE, Press, running
from support.processes import kill, until
from support.waiting import ENOUGH

from crawler.frontier.frontier import UNDER_WAY

SEED = 11
KILLS = 5


@pytest.fixture
def press() -> Iterator[Press]:
    with running(Press(articles=150)) as shown:
        yield shown


@pytest.mark.timeout(600)
def test_killed_five_times_it_ends_as_one_that_was_left_in_peace(press: Press, tmp_path: Path) -> None:
    """Equal in all that the export says of the publisher's articles: texts, claims, times, revisions and the reasons for what
    is missing. Left out are the names that we draw, the times at which we looked, and where in our files a page lies. (Which
    pages were read before their layout was learnt depends on their order. It must not show in a text, so nothing is left out
    for it.)"""
    calm = Archivist(press, tmp_path / "calm")
    (row,) = calm.rows(*calm.order)
    undisturbed = calm.requests()
    held = calm.held()
    inside = expected(press)
    assert inside <= held.keys()
    assert row["captured"] == len(inside)
    assert row["excluded"]["rule"] == 3 and row["excluded"]["robots"] == 3
    assert calm.unaccounted() == []

    killed = Archivist(press, tmp_path / "killed")
    killed.backfill_killed(KILLS, undisturbed, random.Random(SEED))
    (again,) = killed.rows(*killed.order)
    requests = killed.requests()
    print(f"{requests} requests, undisturbed {undisturbed}")
    assert killed.held() == held
    assert (again["found"], again["captured"], again["excluded"]) == (row["found"], row["captured"], row["excluded"])
    assert killed.unaccounted() == []
    assert requests <= undisturbed + KILLS * (UNDER_WAY + 3)  # what was under way, a list, robots.txt and the TDM file


@pytest.mark.timeout(300)
def test_what_is_finished_is_not_walked_again(press: Press, tmp_path: Path) -> None:
    home = Archivist(press, tmp_path / "home")
    order = ("backfill", SOURCE, "--since", "2026-03-02", "--until", "2026-03-08", "--via", "archive")
    (row,) = home.rows(*order)
    assert row["windows"] == "1/1" and row["captured"] > 0
    asked = press.requests()
    out, told = home.run(*order)
    assert "is already finished" in told and SOURCE in out
    assert press.requests() == asked
    coverage = {
        day["day"]: day for day in home.rows("coverage", SOURCE, "--since", "2026-03-02", "--until", "2026-03-09")
    }
    assert [coverage[f"2026-03-0{n}"]["walks"] for n in range(2, 9)] == [1] * 7
    assert sum(day["captured"] for day in coverage.values()) == row["captured"]
    (window,) = home.rows("backfill", "status")
    assert (window["state"], window["window"], window["captured"]) == (
        "finished", "2026-03-02..2026-03-08", row["captured"],
    )  # fmt: skip


@pytest.mark.timeout(300)
def test_a_dry_run_reads_lists_only_and_keeps_nothing(press: Press, tmp_path: Path) -> None:
    home = Archivist(press, tmp_path / "home")
    rows = {row["channel"].partition(":")[0]: row for row in home.rows(*home.order, "--dry-run")}
    paths = [path for _, path in press.log()]
    assert not any("/item-" in path for path in paths)
    together = rows["(all, each article once)"]
    assert together["articles"] >= len(expected(press))
    assert together["requests"] == together["lists"] + together["articles"]
    assert together["lists"] == len([p for p in paths if not p.endswith((".txt", "tdmrep.json"))])
    assert home.rows("backfill", "status") == []


@pytest.mark.timeout(300)
def test_ctrl_c_says_how_to_go_on(tmp_path: Path) -> None:
    with running(Press(articles=150, delay=0.05)) as press:  # ten seconds on the fastest machine
        home = Archivist(press, tmp_path / "home")
        process = home.start(*home.order)
        try:
            until(lambda: process.poll() is not None or press.requests() >= 10, what="fetching")
            kill(process.pid, number=signal.SIGINT)
            _, errors = process.communicate(timeout=ENOUGH)
        finally:
            free(process)
    assert process.returncode == 1
    assert "the same command continues where it stopped" in errors
    assert {window["state"] for window in home.rows("backfill", "status")} & {"ordered", "resting"}


@pytest.mark.timeout(300)
def test_with_a_daemon_the_work_is_the_daemons(press: Press, tmp_path: Path) -> None:
    home = Archivist(press, tmp_path / "home")
    home.run("init")
    daemon = home.start("daemon")
    try:
        until((home.home / "daemon.lock").exists, what="a daemon")
        (row,) = home.rows("backfill", SOURCE, "--since", "2026-03-02", "--until", "2026-03-15", "--via", "archive")
    finally:
        kill(daemon.pid, number=signal.SIGTERM)
        daemon.communicate(timeout=ENOUGH)
    assert row["captured"] > 0 and row["windows"] == "1/1"
