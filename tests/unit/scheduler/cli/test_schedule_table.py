"""`dateline schedule` as people see it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archive.cli.console.output import Format, emit
from archive.cli.console.running_processes import RunningProcesses
from archive.planning.polls import Firing
from scheduler.cli.schedule import COLUMNS, _row, fitting

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
COLLECTING = RunningProcesses(daemon=True, fetching=True)
FIRINGS = [
    Firing(
        "yonhap-en",
        "feed:https://en.yna.co.kr/RSS/news.xml",
        NOW - timedelta(minutes=9),
        "first poll",
        False,
        None,
        None,
    ),
    Firing(
        "ministry-of-foreign-affairs-of-japan",
        "feed:https://www.mofa.go.jp/announce/press/archive/english/rss/index.xml?lang=en&all=1",
        NOW + timedelta(minutes=20),
        "publishes 14 items a day; usual gap 2 h",
        False,
        NOW - timedelta(minutes=12),
        "not-modified",
    ),
    Firing(
        "kabar",
        "feed:https://kabar.example",
        NOW + timedelta(hours=5),
        "retry 6 h after robots-unreachable: connection-refused (3.5 weighted in a row)",
        False,
        NOW - timedelta(hours=1),
        "failed",
    ),
    Firing("thoidai", "feed:https://thoidai.example/rss", None, None, True, None, None),
]


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    return [_row(firing, NOW, COLLECTING) for firing in FIRINGS]


@pytest.mark.parametrize("width", [60, 80, 100, 119, 120, 140, 200])
def test_every_channel_is_one_line_that_fits(
    rows: list[dict[str, Any]], width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    emit(rows, fitting(rows, width), Format.table)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(FIRINGS)
    assert all(len(line) <= width for line in lines)
    for line, (source, channel) in zip(
        lines[1:], [("yonhap-en", "feed /RSS/news.xml"), ("ministry", "feed /a")], strict=False
    ):
        assert source in line
        assert (channel in line) == (width >= 80)
    assert "publishes 14 items a day" in lines[2]
    assert "yna.co.kr" not in lines[1]
    assert ("last poll" in lines[0]) == (width >= 120)
    assert "paused" in lines[4]


def test_programs_get_everything(rows: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    emit(rows, COLUMNS, Format.json)
    found = json.loads(capsys.readouterr().out)
    assert found[1]["channel"] == FIRINGS[1].key
    assert found[1]["why"] == "publishes 14 items a day; usual gap 2 h"
    assert found[1]["at"] == "2026-11-24T12:20:00Z"
    assert {"source_id", "key", "paused", "polled_at", "outcome", "due", "last"} <= found[0].keys()
