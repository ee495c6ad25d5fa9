"""The walk of a backfill job over every kind of channel: complete, bounded by its window, and whole after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support import forked
from support.lists import KINDS, Lists, lists_server, pieces

from crawler.runner.crawl import BACKFILL_IN_FLIGHT

NEWEST = datetime(2026, 3, 31, 12, tzinfo=UTC)
WINDOW = ("2026-03-10", "2026-03-17")
"""Eight days of the 35 that the sites hold, with two articles a day."""

KILLED = ("2026-03-23", "2026-03-31")


def start(lists: Lists, home: Path, window: tuple[str, str], kinds: Sequence[str] = KINDS) -> subprocess.Popen[str]:
    home.mkdir(exist_ok=True)
    registry = home / "registry.yaml"
    chosen = {"sources": [entry for entry in lists.registry()["sources"] if entry["id"] in kinds]}
    registry.write_text(json.dumps(chosen), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    environment |= lists.environment() | {"PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "support.backfill", str(home), str(registry), *window]
    return forked.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def backfilled(
    lists: Lists, home: Path, window: tuple[str, str] = WINDOW, kinds: Sequence[str] = KINDS
) -> dict[str, dict[str, Any]]:
    with start(lists, home, window, kinds) as process:
        output, problems = process.communicate(timeout=240)
    assert process.returncode == 0, problems
    told: dict[str, dict[str, Any]] = json.loads(output)["walks"]
    return told


def test_every_kind_of_channel_is_walked_for_a_window(tmp_path: Path) -> None:
    with lists_server(pieces(70, NEWEST, timedelta(hours=12))) as lists:
        lists.missing.add(30)  # its address stands in the lists, its page is gone
        lists.broken.add("/archive/2026/03/14")
        inside = {p.number for p in lists.pieces if WINDOW[0] <= f"{p.at:%Y-%m-%d}" <= WINDOW[1]}
        assert 30 in inside
        inside.discard(30)
        walks = backfilled(lists, tmp_path / "home")
        captured = {kind: walk["captured"] for kind, walk in walks.items()}
        assert captured == dict.fromkeys(KINDS, len(inside)) | {"archive": len(inside) - 2}
        # A request that fails is named, and loses no other; it is made again by the next job.
        assert walks["archive"]["unaccounted"] == [lists.base("archive") + "/archive/2026/03/14"]
        assert {kind: walk["state"] for kind, walk in walks.items()} == dict.fromkeys(KINDS, "ended") | {
            "archive": "open"
        }
        for kind, walk in walks.items():
            assert kind == "archive" or walk["unaccounted"] == []
            assert walk["excluded"]["id-missed" if kind == "ids" else "missing"] == 1
            assert max(Counter(lists.paths(kind)).values()) == 1 or kind == "form", kind
        # What lists date outside the window is not asked for, but for a day on both sides.
        for kind in ("listing", "form", "json", "paged"):
            assert walks[kind]["outside"] <= 4
            assert walks[kind]["excluded"]["outside-window"] > 20

        lists.broken.clear()
        lists.asked.clear()
        walks = backfilled(lists, tmp_path / "home")
        assert lists.paths("archive")[0] == "/archive/2026/03/14"
        assert {(walk["state"], walk["captured"]) for walk in walks.values()} == {("ended", len(inside))}
        articles = [path for kind in KINDS for path in lists.paths(kind) if path.startswith(("/news/", "/view/"))]
        assert len(articles) <= 2 + len(KINDS)  # the two of that day, and the one that was missing


def test_a_walk_goes_on_after_kills_without_asking_twice(tmp_path: Path) -> None:
    kinds = ("sitemap", "listing", "ids", "json")
    with lists_server(pieces(40, NEWEST, timedelta(hours=6))) as lists:
        for _ in range(2):
            process = start(lists, tmp_path / "home", KILLED, kinds)
            goal = len(lists.asked) + 40
            while len(lists.asked) < goal and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        walks = backfilled(lists, tmp_path / "home", KILLED, kinds)
        inside = sum(KILLED[0] <= f"{piece.at:%Y-%m-%d}" <= KILLED[1] for piece in lists.pieces)
        twice = len(lists.asked) - len(set(lists.asked))
    assert {
        kind: (walk["state"], walk["captured"], walk["unaccounted"]) for kind, walk in walks.items()
    } == dict.fromkeys(kinds, ("ended", inside, []))
    assert twice <= 2 * BACKFILL_IN_FLIGHT
