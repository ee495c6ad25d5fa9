"""The summary that the daemon logs each hour and at its end: what was done, by whichever process."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from archive.query import Activity, ActivityMark, activity, mark
from archive.storage.session import Archive

log = structlog.get_logger()

EVERY = timedelta(hours=1)


@dataclass(slots=True)
class Summary:
    """What was done since a daemon began. Its last part is not logged yet. Times are the archive's, in UTC."""

    began: datetime
    since: datetime
    mark: ActivityMark
    told: Activity = field(default_factory=Activity)

    @classmethod
    def begin(cls, archive: Archive, now: datetime) -> Summary:
        with archive.reading() as session:
            return cls(now, now, mark(session, now))

    def tell_hour(self, archive: Archive, now: datetime) -> bool:
        """Log the last hour if it is over, and return whether it was."""
        if not is_over(self.since, now):
            self.since = min(self.since, now)  # the clock was put back: an hour from now on
            return False
        with archive.reading() as session:
            found, here = activity(session, self.mark), mark(session, now)
        log.info("hourly_summary", **facts(found, self.since, now))
        self.told, self.since, self.mark = self.told.joined_with(found), now, here
        return True

    def tell_all(self, archive: Archive, now: datetime) -> None:
        """Log everything since the daemon began."""
        with archive.reading() as session:
            found = activity(session, self.mark)
        log.info("final_summary", **facts(self.told.joined_with(found), self.began, now))


def is_over(since: datetime, now: datetime) -> bool:
    """Return whether a summary is due."""
    return now - since >= EVERY


def facts(found: Activity, since: datetime, until: datetime) -> dict[str, Any]:
    """The fields of a summary: the period, and then what was done in it."""
    return {"since": _clock(since), "until": _clock(until)} | asdict(found)


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
