"""`dateline status --watch` on a terminal: it shows what changes, and Ctrl-C ends it well."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from support.terminal import CTRL_C, AtTerminal

from archive.config import Settings
from archive.storage.session import Archive, open_archive
from archive.tables import SourceRow


def test_watch_goes_on_until_ctrl_c(tmp_path: Path) -> None:
    archive = open_archive(Settings(home=tmp_path), create=True)
    add(archive, "harbour-times")
    with AtTerminal(os.environ, "--home", str(tmp_path), "status", "--watch") as terminal:
        terminal.wait_for("harbour-times")
        add(archive, "kabar")
        terminal.wait_for("kabar")
        terminal.press(CTRL_C)
        assert terminal.wait() == 0
    archive.engine.dispose()


def add(archive: Archive, source_id: str) -> None:
    with archive.writing() as session:
        session.add(
            SourceRow(
                id=source_id, name=source_id, homepage="https://www.example/", enabled=True, added_at=datetime.now(UTC)
            )
        )
