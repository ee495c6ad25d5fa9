"""What `dateline backfill` says of orders that it cannot carry out, and how it shows what it does."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from archive.errors import UsageError
from archive.model.period import Period
from archive.model.walk import Tally
from archive.planning.backfills import Window
from dateline.main import app
from scheduler.backfill.run import View
from scheduler.cli.backfill_tables import (
    SUMMARY,
    counts,
    fitting,
    is_unread,
    outcome_sentence,
    picture,
    status_row,
    summary_row,
)

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
LIST = "listing:https://a.example/news"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose registry has a source of each kind, and an archive in which `off` is disabled."""
    folder = tmp_path_factory.mktemp("home")
    entries = [
        {"id": name, "name": name, "homepage": f"https://{name}.example/", "discover": channels, "status": status}
        for name, channels, status in (
            (
                "lists",
                [{"sitemap": "https://lists.example/sitemap.xml"}, {"listing": "https://lists.example/"}],
                "verified",
            ),
            ("bare", [], "verified"),
            ("off", [{"feed": "https://off.example/feed"}], "verified"),
            ("shut", [{"feed": "https://shut.example/feed"}], "refused"),
        )
    ]
    for entry in entries:
        if not entry["discover"]:
            del entry["discover"]
        if entry["status"] == "refused":
            entry["note"] = "refuses crawlers"
    (folder / "mine.yaml").write_text(json.dumps({"sources": entries}))
    assert run(folder, "init").exit_code == 0
    assert run(folder, "sources", "disable", "off").exit_code == 0
    return folder


def run(home: Path, *arguments: str) -> Result:
    environment = {"DATELINE_HOME": str(home), "DATELINE_SOURCES": str(home / "mine.yaml")}
    return CliRunner().invoke(app, arguments, env=environment)


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("lists",), "--since is missing", "--since 2024-03-01"),
        (("lists", "--since", "2026-03-01T10:00"), "is not a day", "2026-11-03"),
        (("lists", "--since", "2026-03-02", "--until", "2026-03-01"), "is after", ""),
        (("lists", "--since", "2999-03-02"), "is in the future", "daemon"),
        (("lists", "--since", "2026-03-02", "--via", "wayback"), "no channel wayback", "sitemap:https"),
        (("bare", "--since", "2026-03-02"), "names no channel", "dateline help channels"),
        (("nobody", "--since", "2026-03-02"), "no such source", "sources list"),
        (("off", "--since", "2026-03-02"), "is disabled", "sources enable off"),
        (("shut", "--since", "2026-03-02"), "refuses crawlers", "sources show shut"),
        (("--since", "2026-03-02", "--via", "warc"), "no source has a channel warc", "sources show"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(home: Path, arguments: tuple[str, ...], message: str, hint: str) -> None:
    result = run(home, "backfill", *arguments)
    assert isinstance(result.exception, UsageError), result.output
    assert message in result.exception.message
    assert hint in (result.exception.hint or "")


def test_status_of_nothing(home: Path) -> None:
    result = run(home, "backfill", "status", "--format", "json")
    assert json.loads(result.stdout) == []


# --- tables


def a_window(**fields: Any) -> Window:
    claims: dict[str, Any] = {"state": "finished", "walk": 1} | fields
    return Window("a", LIST, MARCH, **claims)


def a_tally() -> Tally:
    tally = Tally(captured=90, outside=2, undated=1, pending=3)
    tally.excluded.update({"robots": 4, "outside-window": 5})
    tally.failed.update({"HTTP 404": 6})
    tally.pages.update({"read": 7, "failed": 1})
    return tally


def test_everything_found_is_in_one_of_the_counts() -> None:
    row = counts(a_tally())
    assert row["found"] == 111
    assert row["captured"] == 91  # one of them without a date
    assert row["excluded"] == {"robots": 4, "outside-window": 7}
    assert (
        row["captured"] + sum(row["excluded"].values()) + sum(row["failed"].values()) + row["waiting"] == row["found"]
    )


def test_a_channel_is_unread_if_none_of_its_lists_could_be_read() -> None:
    tally = Tally()
    tally.pages.update({"failed": 2})
    assert is_unread(a_window(), tally)
    assert is_unread(a_window(state="refused"), Tally())
    assert not is_unread(a_window(state="resting"), tally)
    assert not is_unread(a_window(), a_tally())
    row = summary_row("a", [(a_window(), tally), (a_window(state="resting"), a_tally())], a_tally())
    assert (row["windows"], row["unread"]) == ("1/2", [LIST])


def test_a_table_leaves_out_columns_in_which_nothing_stands() -> None:
    row = summary_row("a", [(a_window(), Tally())], Tally(captured=1))
    assert [column.key for column in fitting(SUMMARY, [row])] == ["source", "windows", "found", "captured"]


def test_a_refused_window_says_why() -> None:
    row = status_row(a_window(state="refused", reason="the channel is not in the registry"), Tally())
    assert row["state"] == "refused: the channel is not in the registry"


def test_the_verdict() -> None:
    complete = Tally(captured=9)
    assert list(outcome_sentence([a_window()], complete, [], "done"))[-1].startswith("The backfill is complete")
    assert "https://a.example/x" in list(outcome_sentence([a_window()], complete, ["https://a.example/x"], "done"))[-1]
    assert "same command continues" in list(outcome_sentence([a_window(state="resting")], complete, [], "stopped"))[-1]
    assert (
        "backfill status" in list(outcome_sentence([a_window(state="resting")], complete, [], "left to the daemon"))[-1]
    )
    assert any("--again" in line for line in outcome_sentence([a_window()], a_tally(), [], "done"))


def test_the_display_names_windows_counts_reasons_rate_and_rest() -> None:
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    view = View([a_window(), a_window(state="under way")], a_tally(), rate=2.0, eta=timedelta(minutes=20), by="daemon")
    console.print(picture(view))
    shown = console.export_text()
    for fact in (
        "1/2 windows",
        "111 found",
        "91 captured",
        "6 failed",
        "7 outside-window",
        "120 a minute",
        "20 min left",
        "by the daemon",
    ):
        assert fact in shown  # fmt: skip
    console.file.close()
