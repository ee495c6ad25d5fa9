"""Polls of every kind of channel, against sites that have no other way to their articles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from support import forked
from support.lists import KINDS, Lists, Piece, lists_server, pieces, yesterday


def dateline(lists: Lists, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    home.mkdir(exist_ok=True)
    registry = home / "registry.yaml"
    registry.write_text(json.dumps(lists.registry()), encoding="utf-8")  # JSON is YAML
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    environment |= lists.environment() | {"DATELINE_SOURCES": str(registry)}
    command = [sys.executable, "-m", "dateline", "--home", str(home), *arguments]
    return forked.run(command, env=environment, timeout=200)


def crawled(lists: Lists, home: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    lists.asked.clear()
    result = dateline(lists, home, "crawl", "--format", "jsonl", *arguments)
    assert result.stdout, result.stderr
    return {row["source"]: row for row in map(json.loads, result.stdout.splitlines())}


def states(lists: Lists, home: Path) -> dict[str, dict[str, Any]]:
    result = dateline(lists, home, "sources", "list", "--format", "jsonl")
    assert result.stdout, result.stderr
    return {row["id"]: row["channels"][0] for row in map(json.loads, result.stdout.splitlines())}


def after(piece: Piece, count: int) -> list[Piece]:
    """Newer pieces, the newest first, all of the same day."""
    return [Piece(piece.number + n, piece.at + timedelta(minutes=n)) for n in range(count, 0, -1)]


def test_every_kind_of_channel_is_polled(tmp_path: Path) -> None:
    home = tmp_path / "home"
    newest = yesterday()
    with lists_server(pieces(45, newest, timedelta(hours=8))) as lists:
        first = crawled(lists, home)
        assert {
            kind: (row["polls"], row["polls_failed"], row["failed"]) for kind, row in first.items()
        } == dict.fromkeys(KINDS, (1, 0, {}))
        week_ago = (datetime.now(UTC) - timedelta(days=7)).date()
        # One page of a list; of a sitemap the last week, or as much as a feed shows; of a dated archive two days.
        assert {kind: row["new"] for kind, row in first.items()} == {
            "sitemap": max(20, sum(piece.at.date() >= week_ago for piece in lists.pieces)),
            "listing": 10,
            "form": 10,
            "archive": sum(piece.at.date() >= newest.date() for piece in lists.pieces),
            "json": 10,
            "ids": 45,
            "paged": 10,
        }
        assert lists.lists("listing") == ["/list"]
        assert [kind for kind, channel in states(lists, home).items() if not channel["newest_at"]] == []

        lists.pieces[:0] = after(lists.pieces[0], 15)
        second = crawled(lists, home, "--revisit", "none")
        assert {kind: row["new"] for kind, row in second.items()} == dict.fromkeys(KINDS, 15)
        assert lists.lists("listing") == ["/list", "/list?page=2"]
        assert lists.lists("json") == ["/api/list", "/api/list?after=10"]
        assert lists.forms == [{"state": "s1", "page": "2"}]
        assert len(lists.lists("sitemap")) <= 3

        third = crawled(lists, home, "--revisit", "none")
        assert {kind: row["new"] for kind, row in third.items()} == dict.fromkeys(KINDS, 0)
        # Of ids, the next few are tried.
        assert {kind for kind, row in third.items() if row["found"]} <= {"ids"}
        assert {len(lists.lists(kind)) for kind in ("listing", "form", "json", "paged")} == {1}
