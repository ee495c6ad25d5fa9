"""Words of a command line that are no text: bytes that are not UTF-8."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archive.config import Settings
from archive.storage.session import open_archive


@pytest.mark.parametrize(
    "command",
    ["show", "history", "search", "diff", "sources show", "search patrols --source", "search patrols --since"],
)
def test_bytes_that_are_no_text_are_refused_in_a_sentence(command: str, tmp_path: Path) -> None:
    open_archive(Settings(home=tmp_path), create=True).engine.dispose()
    ran = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"dateline", *command.encode().split(), b"\xed\xa0\x80"],
        env=os.environ | {"DATELINE_HOME": str(tmp_path)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in ran.stderr
    assert ran.returncode == 2, ran.stderr
