"""The walk of a backfill job over every kind of channel: complete, bounded by its window, and whole after a kill."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support.lists import KINDS, Lists, lists_server, pieces

NEWEST = datetime(2026, 3, 31, 12, tzinfo=UTC)
WINDOW = ("2026-03-01", "2026-03-10")
"""Ten days of the ninety that the sites hold, with two articles a day."""


def start(lists: Lists, home: Path, window: tuple[str, str]) -> subprocess.Popen[str]:
    home.mkdir(exist_ok=True)
    registry = home / "registry.yaml"
    registry.write_text(json.dumps(lists.registry()), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    environment |= lists.environment() | {"PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-m", "support.backfill", str(home), str(registry), *window]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def backfilled(lists: Lists, home: Path, window: tuple[str, str] = WINDOW) -> dict[str, dict[str, Any]]:
    with start(lists, home, window) as process:
        output, problems = process.communicate(timeout=240)
    assert process.returncode == 0, problems
    told: dict[str, dict[str, Any]] = json.loads(output)["walks"]
    return told


def test_every_kind_of_channel_is_walked_for_a_window(tmp_path: Path) -> None:
    with lists_server(pieces(180, NEWEST, timedelta(hours=12))) as lists:
        lists.missing.add(130)  # of 9 March: its address stands in the lists, its page is gone
        inside = {p.number for p in lists.pieces if WINDOW[0] <= f"{p.at:%Y-%m-%d}" <= WINDOW[1]} - lists.missing
        walks = backfilled(lists, tmp_path / "home")
        assert len(inside) in (18, 19, 20)
        assert {kind: walk["captured"] for kind, walk in walks.items()} == dict.fromkeys(KINDS, len(inside))
        assert {kind: (walk["state"], walk["unaccounted"]) for kind, walk in walks.items()} == dict.fromkeys(
            KINDS, ("ended", [])
        )
        for kind, walk in walks.items():
            asked = Counter(lists.paths(kind))
            assert max(asked.values()) == 1 or kind == "form", (kind, asked.most_common(2))
            reason = "id-missed" if kind == "ids" else "missing"
            assert walk["excluded"][reason] >= 1
            # Lists tell days: only what lies at the borders of the window is looked at in vain.
            if kind != "ids":
                assert walk["outside"] <= 8
                assert walk["excluded"].get("outside-window", 0) + walk["outside"] > 0 or kind == "archive"

        lists.asked.clear()
        again = backfilled(lists, tmp_path / "home")
        assert {walk["captured"] for walk in again.values()} == {len(inside)}
        articles = [path for kind in KINDS for path in lists.paths(kind) if path.startswith(("/news/", "/view/"))]
        assert {path for path in articles if "130" not in path and not path.startswith("/view/")} == set()


def test_a_list_page_that_fails_is_named_and_loses_no_other(tmp_path: Path) -> None:
    with lists_server(pieces(90, NEWEST, timedelta(hours=12))) as lists:
        lists.broken |= {"/archive/2026/03/05", "/sitemap-2026-02.xml"}
        walks = backfilled(lists, tmp_path / "home")
        assert (walks["archive"]["state"], walks["archive"]["pages"]["waiting"]) == ("open", 1)
        assert walks["archive"]["captured"] == 18
        assert walks["archive"]["unaccounted"] == [lists.base("archive") + "/archive/2026/03/05"]
        assert walks["sitemap"]["captured"] == 20
        lists.broken.clear()
        lists.asked.clear()
        walks = backfilled(lists, tmp_path / "home")
        assert (walks["archive"]["state"], walks["archive"]["captured"]) == ("ended", 20)
        assert lists.lists("archive") == ["/archive/2026/03/05"]


def test_a_walk_goes_on_after_kills_without_asking_twice(tmp_path: Path) -> None:
    chance = random.Random(7)
    with lists_server(pieces(180, NEWEST, timedelta(hours=3))) as lists:
        window = ("2026-03-12", "2026-03-31")
        whole = backfilled(lists, tmp_path / "whole", window)
        undisturbed = len(lists.asked)
        lists.asked.clear()
        for _ in range(4):
            process = start(lists, tmp_path / "home", window)
            goal = len(lists.asked) + undisturbed // 6 + chance.randrange(20)
            while len(lists.asked) < goal and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        walks = backfilled(lists, tmp_path / "home", window)
        requests = len(lists.asked)
    assert {kind: (walk["captured"], walk["state"], walk["unaccounted"]) for kind, walk in walks.items()} == {
        kind: (walk["captured"], "ended", []) for kind, walk in whole.items()
    }
    assert requests <= undisturbed + 4 * 10 + len(KINDS) * 2, (requests, undisturbed)
