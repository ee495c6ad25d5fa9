"""Backfills: channels walked for windows of days. An order is a job, its progress is a walk, and what became of it is read
here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from archive.frontier import walks
from archive.model.days import bounds
from archive.model.period import Period, period_of
from archive.model.walk import Tally
from archive.planning.polls import PENDING_REST
from archive.storage.queries import pairs
from archive.tables import JobRow, SourceRow, WalkPageRow, WalkRow

WindowState = Literal["ordered", "under way", "resting", "refused", "finished"]
"""ordered: its job waits for a fetching process; under way: one has it; resting: its walk is open, and nobody has it now;
refused: its job could not be carried out; finished: every request and link of it has its end."""
Key = tuple[str, str, Period]
"""Source id, channel key, window."""

LEFT = "links left"
"""Outcome of a job whose process ended before it."""
OPEN = ("ready", "leased", "fetching")


@dataclass(frozen=True, slots=True)
class Window:
    """One window of one channel.

    `since` is the time at which its walk began. `ended_at` and `reason` say when and why the walk ended. `refused` says why the
    job could not be carried out. `walk` is the key of the walk, once there is one. `rests_since` is the time at which its last
    job ended. All of these may be None.
    """

    source_id: str
    channel: str
    window: Period
    state: WindowState
    walk: int | None = None
    since: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    rests_since: datetime | None = None

    @property
    def key(self) -> Key:
        """The source, the channel's key and the days of the window."""
        return self.source_id, self.channel, self.window


def windows(session: Session, source_ids: Collection[str] | None = None) -> list[Window]:
    """Every window that was ever ordered, with its latest walk, by source, channel and day. With source ids, only of these."""
    last_walk = _last_walks(session, select(WalkRow), source_ids)
    last_job = _last_jobs(session, source_ids)
    return _windows(last_walk.keys() | last_job.keys(), last_walk, last_job)


def resting_windows(session: Session, source_ids: Collection[str] | None = None) -> list[Window]:
    """The windows whose walk is open and for which there is no open job, by source, channel and day.

    The daemon asks twice a minute. So this reads the open walks, and not all that ever were.
    """
    last_walk = _last_walks(session, select(WalkRow).where(WalkRow.is_open()), source_ids)
    if not last_walk:
        return []
    found = _windows(last_walk.keys(), last_walk, _last_jobs(session, source_ids))
    return [window for window in found if window.state == "resting"]


def _last_walks(session: Session, wanted: Select[WalkRow], source_ids: Collection[str] | None) -> dict[Key, WalkRow]:
    """The latest of these walks of each window. One that is open is the latest: it is gone on with before another begins."""
    wanted = wanted if source_ids is None else wanted.where(WalkRow.source_id.in_(source_ids))
    return {(walk.source_id, walk.channel, _days(walk)): walk for walk in session.scalars(wanted.order_by(WalkRow.pk))}


def _last_jobs(session: Session, source_ids: Collection[str] | None) -> dict[Key, JobRow]:
    """The latest job of each window."""
    last: dict[Key, JobRow] = {}
    wanted = select(JobRow).where(JobRow.is_backfill()).order_by(JobRow.pk)
    for job in session.scalars(wanted if source_ids is None else wanted.where(JobRow.source_id.in_(source_ids))):
        channel, window = job.payload.get("channel"), period_of(job.payload.get("window"))
        if channel is not None and window is not None:
            last[job.source_id, channel, window] = job
    return last


def _windows(keys: Iterable[Key], last_walk: Mapping[Key, WalkRow], last_job: Mapping[Key, JobRow]) -> list[Window]:
    ordered = sorted(keys, key=lambda key: (key[0], key[1], key[2].first, key[2].last))
    found = (_window(key, last_walk.get(key), last_job.get(key)) for key in ordered)
    return [window for window in found if window is not None]


def _window(key: Key, walk: WalkRow | None, job: JobRow | None) -> Window | None:
    made = Window(*key, "resting")
    if walk is not None:
        made = Window(*key, "resting", walk.pk, walk.began_at, walk.ended_at, walk.reason)
        if walk.state == "ended":
            made = _as(made, "finished")
    if job is None:
        return made if walk is not None else None
    if job.state == "ready":
        return _as(made, "ordered")
    if job.state in OPEN:
        return _as(made, "under way")
    if made.state == "finished":
        return made
    if job.state == "failed":
        return _as(made, "refused", reason=job.outcome)
    rests_since = None if job.outcome == LEFT else job.finished_at
    return Window(*key, made.state, made.walk, made.since, made.ended_at, made.reason, rests_since)


def _as(window: Window, state: WindowState, *, reason: str | None = None) -> Window:
    return Window(*window.key, state, window.walk, window.since, window.ended_at, reason or window.reason)


def finished(session: Session, source_ids: Collection[str]) -> dict[str, dict[str, list[Period]]]:
    """The windows that need no walk any more, by source and channel key.

    They were walked to the end after their last day was over, without a list page that failed.
    """
    zones = pairs(session, select(SourceRow.id, SourceRow.timezone))
    failed = set(session.scalars(select(WalkPageRow.walk_pk).where(WalkPageRow.state == "failed").distinct()))
    found: defaultdict[str, dict[str, list[Period]]] = defaultdict(dict)
    for window in windows(session, source_ids):
        if window.state != "finished" or window.since is None or window.walk in failed:
            continue
        if window.since >= bounds(window.window.last.isoformat(), zones.get(window.source_id))[1]:
            found[window.source_id].setdefault(window.channel, []).append(window.window)
    return dict(found)


def resumable_windows(
    session: Session, now: datetime, *, source_ids: Collection[str] | None = None, rest: timedelta = PENDING_REST
) -> list[Window]:
    """The windows that rest and may go on now.

    They are of sources that are enabled and not paused, and have a request to be made or a link to be tried. A window whose job
    came to its end rests for `rest` first.
    """
    may = set(session.scalars(select(SourceRow.id).where(SourceRow.enabled, SourceRow.paused_at.is_(None))))
    return [
        window
        for window in resting_windows(session, source_ids)
        if window.walk is not None
        and window.source_id in may
        and (window.rests_since is None or window.rests_since <= now - rest)
        and (
            walks.waiting_pages(session, window.walk)
            or walks.pending_links(session, window.walk, now, after_backoff=True)
        )
    ]


def close_done(session: Session, now: datetime, *, source_ids: Collection[str] | None = None) -> int:
    """End the walks that rest and have nothing left, because another walk fetched their last links. Return how many there were."""
    left = [window.walk for window in resting_windows(session, source_ids) if window.walk is not None]
    return sum(walks.close_if_done(session, walk, now) for walk in left)


def count_outcomes(session: Session, found: Iterable[Window]) -> Tally:
    """Count the requests and links of several windows by what became of them. A link that several of them found counts once."""
    return walks.tally_together(session, [window.walk for window in found if window.walk is not None])


def unaccounted_addresses(session: Session, found: Iterable[Window]) -> list[str]:
    """The addresses that the windows found, and that are neither captured nor carry a reason."""
    return sorted(
        {
            url
            for window in found
            if window.walk is not None
            for url in walks.unexplained_addresses(session, window.walk)
        }
    )


def by_source(found: Iterable[Window]) -> Mapping[str, Sequence[Window]]:
    """The windows by source."""
    grouped: defaultdict[str, list[Window]] = defaultdict(list)
    for window in found:
        grouped[window.source_id].append(window)
    return grouped


def _days(walk: WalkRow) -> Period:
    return Period(date.fromisoformat(walk.first), date.fromisoformat(walk.last))
