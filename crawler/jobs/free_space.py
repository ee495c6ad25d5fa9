"""Room on the disk: a crawl stops before the disk is full, because a full one stops the database as well."""

from __future__ import annotations

from pathlib import Path

from archive.config import Settings
from archive.errors import DatelineError
from archive.storage.free_space import free_bytes


class DiskFull(DatelineError):
    """The disk of the WARC files has less room than the settings ask for."""

    def __init__(self, place: Path, free: int, wanted: int) -> None:
        super().__init__(
            f"{place}: {free / 2**20:,.0f} MB free, {wanted / 2**20:,.0f} MB are to stay free",
            hint="Make room, move the WARC files (DATELINE_WARC_DIR), or allow less (DATELINE_MIN_FREE). "
            "What was not fetched stays pending.",
        )


def check_disk(settings: Settings) -> None:
    """Check that there is room for what a crawl writes.

    Raises:
        DiskFull: Too little room is left.
    """
    free = free_bytes(settings.warc_path)
    if free < settings.min_free:
        raise DiskFull(settings.warc_path, free, settings.min_free)
