"""The processes that work for an archive now, by which `status` and `schedule` say what will be done."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from archive.cli.console.safe_text import span
from archive.config import Settings
from archive.queue import workers
from archive.storage.free_space import free_bytes
from archive.storage.locks import is_scheduled
from archive.storage.session import Archive

JUST_NOW = timedelta(minutes=1)
"""What became due within this time is being done."""


@dataclass(frozen=True, slots=True)
class RunningProcesses:
    """The processes that work for an archive.

    `daemon` says that one makes the schedule of this archive. `fetching` says that a process that fetches was heard of lately.
    `free` is the number of megabytes that are free on the disk of the WARC files, if that is less than is to stay free
    (`wanted`), else None.
    """

    daemon: bool
    fetching: bool
    free: float | None = None
    wanted: float = 0.0

    @property
    def nothing_because(self) -> str | None:
        """The reason why nothing that is planned will be done for now. None means that it will be."""
        if not self.daemon:
            return "no daemon is running"
        if self.free is not None:
            return self.full
        return None if self.fetching else "no process is fetching for the daemon"

    @property
    def full(self) -> str:
        """The words about a disk that has too little room."""
        return f"the disk is full ({self.free or 0:,.0f} MB free, {self.wanted:,.0f} MB wanted)"

    @property
    def helps(self) -> str:
        """What a person can do about it."""
        if not self.daemon:
            return "`dateline daemon` starts one"
        if self.free is not None:
            return "make room, or allow less with DATELINE_MIN_FREE; the daemon then goes on by itself"
        return "the daemon's log says why"

    def due(self, at: datetime, now: datetime) -> str:
        """The words for the time at which something is done that is planned for `at`. Times are UTC.

        They are `in 25 min`, `now`, `due since 14:03`, and `not before 14:30` where nobody is there to do it.
        """
        if at <= now:
            return "now" if now - at < JUST_NOW and self.nothing_because is None else f"due since {clock(at, now)}"
        return f"in {span(at - now)}" if self.nothing_because is None else f"not before {clock(at, now)}"


def running_processes(archive: Archive, session: Session, settings: Settings) -> RunningProcesses:
    """The processes that work for the archive now. The disk that counts is this machine's."""
    free: int | None = None
    with suppress(OSError):  # a disk that does not say has not said that it is full
        free = free_bytes(settings.warc_path)
    full = free is not None and free < settings.min_free
    return RunningProcesses(
        is_scheduled(archive.engine, settings.home),
        workers.is_any_alive(session),
        free / 2**20 if free is not None and full else None,
        settings.min_free / 2**20,
    )


def clock(at: datetime, now: datetime) -> str:
    """The time of the day, with the day if that is not today's (UTC)."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M}"
