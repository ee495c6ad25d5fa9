"""`dateline status --watch` on a terminal: it shows what changes, and Ctrl-C ends it well."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from archive.config import Settings
from archive.storage.session import Archive, open_archive
from archive.tables import SourceRow


def test_watch_goes_on_until_ctrl_c(tmp_path: Path) -> None:
    archive = open_archive(Settings(home=tmp_path), create=True)
    add(archive, "harbour-times")
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "100", "LINES": "30", "TERM": "xterm"}
    watching = subprocess.Popen(
        [sys.executable, "-m", "dateline.main", "--home", str(tmp_path), "status", "--watch"],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        assert "harbour-times" in read_until(ours, "harbour-times")
        add(archive, "kabar")
        assert "kabar" in read_until(ours, "kabar")
        watching.send_signal(signal.SIGINT)
        assert watching.wait(timeout=60) == 0
    finally:
        watching.kill()
        watching.wait()
        os.close(ours)
        archive.engine.dispose()


def add(archive: Archive, source_id: str) -> None:
    with archive.writing() as session:
        session.add(
            SourceRow(
                id=source_id, name=source_id, homepage="https://www.example/", enabled=True, added_at=datetime.now(UTC)
            )
        )


def read_until(terminal: int, wanted: str, seconds: float = 90) -> str:
    shown = ""
    end = monotonic() + seconds
    while wanted not in shown and monotonic() < end:
        if select.select([terminal], [], [], 0.5)[0]:
            shown += os.read(terminal, 65536).decode("utf-8", "replace")
    return shown
