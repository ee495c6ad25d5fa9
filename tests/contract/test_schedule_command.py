"""`dateline schedule`: what it promises with and without a daemon, and how it is called, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from support.front_door import invoke
from typer.testing import Result

from archive.errors import UsageError
from archive.queue.workers import enlist
from archive.storage.locks import Leadership
from archive.storage.session import Archive
from archive.tables import ChannelRow, HostRow, SourceRow
from dateline.commands import COMMANDS, loaded

Command = Callable[..., Result]
ENTRY = """
  - id: {id}
    name: {id}
    homepage: https://www.{id}.example/
    status: {status}
    discover:
      - {kind}: https://www.{id}.example/feed.xml
"""


@pytest.fixture
def command(archive: Archive, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The front door, with a registry of four sources that the archive knows, and one that the registry lost."""
    entries = [("ready", "verified", "feed"), ("new", "unverified", "feed"), ("past", "verified", "wayback")]
    text = "sources:" + "".join(ENTRY.format(id=i, status=status, kind=kind) for i, status, kind in entries)
    (tmp_path / "mine.yaml").write_text(text)
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    monkeypatch.setenv("DATELINE_SOURCES", str(tmp_path / "mine.yaml"))
    now = datetime.now(UTC)
    with archive.writing() as session:
        for name in ("ready", "new", "past", "left", "off"):
            home = f"https://www.{name}.example/"
            session.add(SourceRow(id=name, name=name, homepage=home, enabled=name != "off", added_at=now))
        session.flush()
        key = "feed:https://www.ready.example/feed.xml"
        session.add(
            ChannelRow(source_id="ready", key=key, failures=0, weight=0.0, added_at=now, next_poll_at=now + timedelta(hours=1))
        )  # fmt: skip

    def run(*arguments: str) -> Result:
        monkeypatch.setenv("COLUMNS", "200")
        return invoke(tmp_path, *arguments)

    return run


@pytest.fixture
def leader(archive: Archive, command: Command, tmp_path: Path) -> Iterator[None]:
    """A daemon makes the schedule of the archive, and a process fetches for it."""
    leadership = Leadership(archive.engine, tmp_path)
    assert leadership.take()
    with archive.writing() as session:
        enlist(session, "here:1", timedelta(hours=1))
    yield
    leadership.give_up()


def is_asked(archive: Archive, source_id: str) -> bool:
    with archive.reading() as session:
        return session.scalar(select(SourceRow.run_at).where(SourceRow.id == source_id)) is not None


def test_without_a_daemon_a_run_is_noted(command: Command, archive: Archive) -> None:
    said = command("schedule", "run", "ready").stderr
    assert said == "Noted: ready will be polled first. For now no daemon is running; `dateline daemon` starts one.\n"
    assert is_asked(archive, "ready")


def test_with_a_daemon_it_is_promised(command: Command, archive: Archive, leader: None) -> None:
    assert command("schedule", "run", "ready").stderr == "The daemon polls within seconds: ready\n"
    assert is_asked(archive, "ready")


def test_a_full_disk_is_said(command: Command, archive: Archive, leader: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_MIN_FREE", "1000000G")
    said = command("schedule", "run", "ready").stderr
    assert said.startswith("Noted: ready will be polled first. For now the disk is full (")
    assert "DATELINE_MIN_FREE" in said


def test_a_host_in_a_pause_is_named(command: Command, archive: Archive, leader: None) -> None:
    until = datetime.now(UTC) + timedelta(days=2)
    with archive.writing() as session:
        session.add(
            HostRow(origin="https://www.ready.example", failures=1, paused_until=until, pause_reason="HTTP 503\x1b[2J")
        )
        session.add(
            HostRow(origin="https://www.other.example", failures=1, paused_until=until, pause_reason="HTTP 429")
        )
    said = command("schedule", "run", "ready").stderr
    assert f"asked to be left alone until {until:%Y-%m-%d %H:%M} UTC (HTTP 503" in said
    assert "other.example" not in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("source_id", "message", "hint"),
    [
        ("new", "no check has found a live channel", "sources check new"),
        ("past", "no channel that can be polled", "sources show past"),
        ("left", "does not name this source any more", "sources list"),
        ("off", "off is disabled", "sources enable off"),
        ("nobody", "no such source", "sources list"),
    ],
)
def test_what_the_daemon_would_not_poll_is_refused(
    command: Command, archive: Archive, leader: None, source_id: str, message: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        command("schedule", "run", "ready", source_id)
    assert hint in (refused.value.hint or "")
    assert not is_asked(archive, "ready")  # all or nothing


@pytest.mark.parametrize("arguments", [("schedule",), ("schedule", "list"), ("schedule", "ready")])
def test_list_may_be_left_out(command: Command, arguments: tuple[str, ...]) -> None:
    for fmt in ("json", "jsonl", "csv", "table"):
        shown = command(*arguments, "--format", fmt).stdout
        assert "ready" in shown
    assert json.loads(command(*arguments, "--format", "json").stdout)[0]["source_id"] == "ready"


def test_the_groups_own_help_is_still_there(command: Command) -> None:
    for option in ("--help", "-h"):
        shown = command("schedule", option).stdout
        assert all(name in shown for name in ("list", "pause", "resume", "run"))
    assert "--since" in command("backfill", "--help").stdout


def test_every_group_that_does_something_alone_takes_its_commands_options() -> None:
    """A group either shows its help when it is called alone, or hands everything to one of its commands."""
    groups = {name: group for name in COMMANDS if (group := loaded(name)) and hasattr(group, "commands")}
    assert groups.keys() == {"sources", "schedule", "backfill"}
    for name, group in groups.items():
        assert group.no_args_is_help or type(group).__name__ == "Defaulting", name
        assert not group.invoke_without_command, name
