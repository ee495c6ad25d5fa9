"""The schedule of polls as rows: what is due when, and why.

The scheduler's policies decide. Here their facts are read and their decisions are stored, so that they outlive any process.
`archive.planning.revisits` does the same for articles. `archive.planning.hosts` reads what a plan must know of hosts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Select, Table, and_, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import Session

from archive.errors import UsageError
from archive.frontier.links import may_be_tried
from archive.model.history import ChannelHistory, Rhythm
from archive.model.job import Order
from archive.model.source import Source
from archive.queue import jobs
from archive.sources.state import unknown_here
from archive.storage.queries import chunks
from archive.tables import (
    ChannelRow,
    HostRow,
    JobRow,
    LinkRow,
    SourceRow,
    WalkLinkRow,
)

PENDING_REST = timedelta(minutes=10)
"""Links that a job had to leave are ordered again after so long at the earliest."""


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """A channel to be planned.

    `arrivals` has the times of publication of the links that came since the channel's rhythm was learnt last. Where such a time
    is not known, it is the time at which the link was seen.
    """

    history: ChannelHistory
    arrivals: tuple[datetime, ...]
    fired_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """The decision when the channel of `history` is polled next, and why.

    `at` is None if the channel is never polled by itself. `rhythm` is what was learnt for it. None means that nothing new was
    learnt.
    """

    history: ChannelHistory
    at: datetime | None
    why: str
    rhythm: Rhythm | None = None


@dataclass(frozen=True, slots=True)
class Firing:
    """A channel's next poll, as the schedule has it."""

    source_id: str
    key: str
    at: datetime | None
    why: str | None
    paused: bool
    polled_at: datetime | None
    outcome: str | None
    never: bool = False
    """It is planned, and never by itself."""


# --- channels


def sync_channels(session: Session, sources: Iterable[Source], kinds: frozenset[str], now: datetime) -> None:
    """Make a row for every channel of `sources` that can be polled."""
    there = {(row.source_id, row.key) for row in session.execute(select(ChannelRow.source_id, ChannelRow.key))}
    for source in sources:
        for channel in source.discover:
            if channel.kind in kinds and (source.id, channel.key) not in there:
                row = ChannelRow(source_id=source.id, key=channel.key, failures=0, weight=0.0, added_at=now)
                session.add(row)
                there.add((source.id, channel.key))
    session.flush()


def replan(session: Session, source_ids: Iterable[str] | None = None) -> None:
    """Forget the planned polls of these sources, so that they are planned anew by today's rules. None means all sources."""
    if source_ids is None:
        session.execute(update(ChannelRow).values(next_poll_at=None))
        return
    for chunk in chunks(source_ids):
        session.execute(update(ChannelRow).where(ChannelRow.source_id.in_(chunk)).values(next_poll_at=None))


def unplanned_channels(session: Session, limit: int) -> list[ChannelFacts]:
    """Channels that were polled, or added, since they were planned last."""
    rows = session.scalars(select(ChannelRow).where(ChannelRow.next_poll_at.is_(None)).limit(limit)).all()
    paused = _retry_after(session)
    arrivals = _arrivals(session, rows)
    return [ChannelFacts(_history(row, paused), tuple(arrivals[row.source_id, row.key]), row.fired_at) for row in rows]


def plan_channel(session: Session, plan: ChannelPlan) -> None:
    """Store a decision. If a poll came meanwhile, the decision is old, and the next tick decides again."""
    row = session.get(ChannelRow, (plan.history.source_id, plan.history.key))
    if row is None or row.polled_at != plan.history.polled_at:
        return
    row.next_poll_at = plan.at or _NEVER
    row.why = plan.why
    if plan.rhythm is not None:
        row.rhythm = plan.rhythm.as_dict()
        row.learnt_at = plan.history.answered_at


def due_channels(session: Session, now: datetime) -> list[Firing]:
    """The channels whose time has come, longest overdue first. Those of paused sources are left out."""
    wanted = (
        _firings()
        .where(ChannelRow.next_poll_at <= now, SourceRow.paused_at.is_(None), SourceRow.enabled)
        .order_by(ChannelRow.next_poll_at)
    )
    return [_firing(*row) for row in session.execute(wanted)]


def recently_fired(session: Session, since: datetime, now: datetime) -> set[tuple[str, str]]:
    """The channels for which a poll was ordered since then. A time later than `now` is from a clock that was wrong."""
    wanted = select(ChannelRow.source_id, ChannelRow.key).where(ChannelRow.fired_at.between(since, now))
    return set(session.execute(wanted))


def firings(session: Session, source_ids: Sequence[str] = ()) -> list[Firing]:
    """The whole schedule, next first, for people to read."""
    wanted = _firings().where(SourceRow.enabled)
    if source_ids:
        wanted = wanted.where(SourceRow.id.in_(source_ids))
    found = [_firing(*row) for row in session.execute(wanted)]
    return sorted(found, key=lambda firing: (firing.at is None, firing.at or _NEVER, firing.source_id, firing.key))


def next_poll(session: Session) -> tuple[datetime | None, bool]:
    """The time of the next planned poll of all sources that may be polled, and whether one is still to be planned.

    A time of None means that no poll is planned.
    """
    wanted = (
        select(func.min(ChannelRow.next_poll_at), func.count().filter(ChannelRow.next_poll_at.is_(None)))
        .join(SourceRow, SourceRow.id == ChannelRow.source_id)
        .where(SourceRow.enabled, SourceRow.paused_at.is_(None))
    )
    at, unplanned = session.execute(wanted).one()
    return None if at == _NEVER else at, unplanned > 0


def order_jobs(session: Session, orders: Sequence[Order], now: datetime) -> int:
    """Put jobs into the queue, and record which channels' polls were ordered. Return how many jobs are new."""
    made = jobs.enqueue(session, orders, now)
    fired = [{"source": order.source_id, "channel": order.key, "now": now} for order in orders if order.kind == "poll"]
    if fired:
        session.connection().execute(_FIRED, fired)
    return made


_CHANNELS = cast(Table, ChannelRow.__table__)
_FIRED = (
    update(_CHANNELS)
    .where(_CHANNELS.c.source_id == bindparam("source"), _CHANNELS.c.key == bindparam("channel"))
    .values(fired_at=bindparam("now"))
)


# --- by hand


def pause(session: Session, source_id: str, now: datetime) -> None:
    """Hold back polls and revisits of a source.

    Raises:
        UsageError: The archive does not know the source.
    """
    _source(session, source_id).paused_at = now


def resume(session: Session, source_id: str) -> None:
    """End a pause.

    Raises:
        UsageError: The archive does not know the source.
    """
    _source(session, source_id).paused_at = None


def request_run(session: Session, source_id: str, now: datetime) -> None:
    """Let the next tick order a poll of all channels of a source.

    Raises:
        UsageError: The archive does not know the source, or must not poll it.
    """
    row = _source(session, source_id)
    if not row.enabled:
        raise UsageError(f"{source_id} is disabled", hint=f"Let it be polled with: dateline sources enable {source_id}")
    row.run_at = now


def is_any_run_requested(session: Session) -> bool:
    """Return whether somebody asked for a run that was not ordered yet."""
    return session.scalar(select(exists().where(SourceRow.run_at.is_not(None)))) or False


def paused_sources(session: Session) -> list[str]:
    """The sources that `dateline schedule pause` holds back."""
    return list(session.scalars(select(SourceRow.id).where(SourceRow.paused_at.is_not(None))))


def take_requested_runs(session: Session) -> list[str]:
    """The sources for which somebody asked for a run. From now on the requests count as served."""
    found = session.execute(
        update(SourceRow).where(SourceRow.run_at.is_not(None)).values(run_at=None).returning(SourceRow.id)
    )
    return sorted(found.scalars())


# --- links that were left


def sources_with_pending(session: Session, now: datetime) -> list[str]:
    """Sources with links that wait and may be tried now, and no poll under way that would take them along.

    A link that failed waits for 15 minutes, then for twice that, and so on. So does the whole source after a job that had to
    leave links.
    """
    busy = select(JobRow.source_id).where(
        JobRow.kind == "poll",
        or_(
            JobRow.is_in("ready", "leased", "fetching"),
            and_(JobRow.key == "", JobRow.finished_at > now - PENDING_REST),
        ),
    )
    found = session.scalars(
        select(LinkRow.source_id)
        .join(SourceRow, SourceRow.id == LinkRow.source_id)
        .where(
            may_be_tried(now, after_backoff=True),
            SourceRow.paused_at.is_(None),
            SourceRow.enabled,
            LinkRow.source_id.not_in(busy),
        )
        .distinct()
    )
    return sorted(found)


# --- inside

_NEVER = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""Stands for: planned, and never by itself."""


def _history(row: ChannelRow, paused: Mapping[str, datetime]) -> ChannelHistory:
    origin = "/".join(row.key.partition(":")[2].split("/", 3)[:3])
    added_at = row.added_at or row.polled_at
    assert added_at is not None, "a channel's row was made when it came or was polled"
    return ChannelHistory(
        source_id=row.source_id,
        key=row.key,
        added_at=added_at,
        polled_at=row.polled_at,
        outcome=row.detail or row.outcome,
        failures=row.weight,
        answered_at=row.ok_at,
        since=row.learnt_at,
        items=row.items,
        fresh=row.fresh,
        newest_at=row.newest_at,
        oldest_at=row.oldest_at,
        at_least=timedelta(seconds=row.at_least) if row.at_least else None,
        skip_hours=frozenset(row.skip_hours or ()),
        skip_days=frozenset(row.skip_days or ()),
        retry_at=paused.get(origin),
        rhythm=Rhythm.from_dict(row.rhythm),
    )


def _retry_after(session: Session) -> dict[str, datetime]:
    wanted = select(HostRow.origin, HostRow.paused_until).where(HostRow.paused_until.is_not(None))
    return {origin: until for origin, until in session.execute(wanted) if until is not None}


def _arrivals(session: Session, rows: Sequence[ChannelRow]) -> defaultdict[tuple[str, str], list[datetime]]:
    """For each channel the dates of the links that it showed first, since its rhythm last learnt."""
    found: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
    answered = [row for row in rows if row.ok_at is not None and row.ok_at != row.learnt_at]
    for row in answered:
        walked = exists().where(WalkLinkRow.link_pk == LinkRow.pk)  # what a backfill finds did not come up just now
        wanted = select(LinkRow.dated_at).where(LinkRow.source_id == row.source_id, LinkRow.channel == row.key, ~walked)
        if row.learnt_at is not None:
            wanted = wanted.where(LinkRow.found_at > row.learnt_at)
        found[row.source_id, row.key] = list(session.scalars(wanted))
    return found


def _firings() -> Select[str, str, datetime | None, str | None, datetime | None, datetime | None, str | None]:
    return select(
        ChannelRow.source_id,
        ChannelRow.key,
        ChannelRow.next_poll_at,
        ChannelRow.why,
        SourceRow.paused_at,
        ChannelRow.polled_at,
        ChannelRow.outcome,
    ).join(SourceRow, SourceRow.id == ChannelRow.source_id)


def _firing(
    source_id: str,
    key: str,
    at: datetime | None,
    why: str | None,
    paused_at: datetime | None,
    polled_at: datetime | None,
    outcome: str | None,
) -> Firing:
    never = at == _NEVER
    return Firing(source_id, key, None if never else at, why, paused_at is not None, polled_at, outcome, never)


def _source(session: Session, source_id: str) -> SourceRow:
    row = session.get(SourceRow, source_id)
    if row is None:
        raise unknown_here(session, [source_id])
    return row
