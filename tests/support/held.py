"""Pages that are read for as long as a test wants, whatever the machine: what reads one waits for a lock that the test holds."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any


class Held:
    """In the place of a page's `memory`: whoever reads the page asks it, is noted with his process id, and waits until `release`,
    or until he is killed. It ends with the test's process at the latest."""

    template = None
    checking = False
    blocks = frozenset[str]()

    def __init__(self, folder: Path) -> None:
        self._gate, self._notes = folder / "gate", folder / "begun"
        folder.mkdir()
        self._lock = os.open(self._gate, os.O_CREAT | os.O_RDWR)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __getstate__(self) -> dict[str, Any]:
        return {"_gate": self._gate, "_notes": self._notes}

    @property
    def collecting(self) -> bool:
        with self._notes.open("a") as notes:
            notes.write(f"{os.getpid()}\n")
        with self._gate.open() as gate:
            fcntl.flock(gate, fcntl.LOCK_SH)
        return False

    def readers(self) -> list[int]:
        """The processes that have begun to read the page, first to last."""
        noted = self._notes.read_text() if self._notes.exists() else ""
        return [int(line) for line in noted.splitlines(keepends=True) if line.endswith("\n")]

    def release(self) -> None:
        """Let it be read to its end, now and later."""
        if self._lock != -1:
            os.close(self._lock)
            self._lock = -1
