"""Folders that a process may only read, for root as well: a process without the right to override the modes of files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def bound_by_modes() -> list[str]:
    """What to put before a command so that the modes of files bind it. Root is bound without two of its capabilities."""
    if os.geteuid() != 0:
        return []
    if (setpriv := shutil.which("setpriv")) is None:
        pytest.skip("root is bound by no mode, and setpriv (util-linux), which would bind it, is not here")
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search"]


@contextmanager
def only_readable(folder: Path) -> Iterator[None]:
    """The folder and all in it without write permission."""
    paths = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(modes[path] & ~0o222)
    try:
        yield
    finally:
        for path in paths:
            path.chmod(modes[path])
