"""Free space on a disk."""

from __future__ import annotations

import shutil
from pathlib import Path


def free_bytes(place: Path) -> int:
    """The number of bytes free on the disk of `place`, which need not exist yet.

    Raises:
        OSError: The disk cannot be asked.
    """
    there = next(path for path in (place, *place.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free
