"""The coverage ledger: per source and day, what was expected, found, captured, left out and why, and when nobody looked.

Polls and gaps are recorded in the transaction of the poll. Everything else is counted again from the links whenever something
happened (`measure_days`, `store_days`). So a count that is wrong for once is right the next time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from archive.model.days import bounds, day_before, day_of, days_between
from archive.model.decisions.gaps import GapReason, Stretch, seconds_within, unattended_gap
from archive.model.period import Period
from archive.storage.queries import chunks, pairs
from archive.tables import (
    CaptureRow,
    ChannelRow,
    CoverageRow,
    GapRow,
    JobRow,
    LinkRow,
    MetaRow,
    SourceRow,
    WalkLinkRow,
    WalkPageRow,
    WalkRow,
)
from archive.writer.writer import Transaction

Expected = Callable[[str, datetime, datetime], float | None]
"""(source id, start, end) -> items that the learnt rhythm lets expect; None while nothing is learnt."""

RECOUNT_AFTER = timedelta(hours=1)
"""Today's row is counted again after so long even if nothing happened: what is expected, and the gaps, grow with time."""
LATE = timedelta(minutes=2)
"""What happened may be committed so much later than its time says."""
_COUNTED = "ledger_counted_until"


@dataclass(frozen=True, slots=True)
class Followed:
    """A source that the schedule should be polling.

    `zone` is the IANA name of the zone of its days. `channels` has their keys in the registry.
    """

    source_id: str
    zone: str | None
    channels: frozenset[str]


@dataclass(slots=True)
class DayCount:
    """The links of one source and day, by what became of them."""

    found: int = 0
    captured: int = 0
    pending: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)


# --- in the transaction of a poll


def count_poll(tx: Transaction, source_id: str, day: str, ok: bool) -> None:
    """Count one more poll on that day (YYYY-MM-DD in the source's zone)."""
    column = CoverageRow.polls_ok if ok else CoverageRow.polls_failed
    row = _empty(source_id, day) | {column.key: 1}
    insert = _insert(tx.session).values(row)
    tx.session.execute(
        insert.on_conflict_do_update(index_elements=["source_id", "day"], set_={column.key: column + 1}),
        execution_options={"synchronize_session": False},
    )


def record_gap(tx: Transaction, source_id: str, channel: str, stretch: Stretch, reason: GapReason) -> None:
    """Record a stretch of time that the channel left unseen."""
    since, until = stretch
    tx.session.add(
        GapRow(source_id=source_id, channel=channel, since=since, until=until, reason=reason, noted_at=tx.now)
    )


def day_at(tx: Transaction, source_id: str, at: datetime) -> str:
    """The day (YYYY-MM-DD) that it is for the source at an instant."""
    source = tx.session.get(SourceRow, source_id)
    return day_of(at, source.timezone if source else None)


# --- counting


def count_days(session: Session, source: Followed, days: Iterable[str], expected: Expected, now: datetime) -> None:
    """Count the rows of these days of one source again, from its links and gaps. Polls stay as they were counted."""
    wanted = dict.fromkeys((source.source_id, day) for day in days)
    store_days(session, measure_days(session, {source.source_id: source}, wanted, expected, now))


def measure_periods(
    session: Session, source: Followed, periods: Iterable[Period], now: datetime
) -> list[dict[str, Any]]:
    """What the rows of those days of these periods should say that are over. Nothing is expected of them that was not before."""
    today = day_of(now, source.zone)
    wanted = {(source.source_id, day) for period in periods for day in period.days() if day < today}
    return measure_days(session, {source.source_id: source}, sorted(wanted), lambda *_: None, now)


def active_sources(session: Session, since: datetime) -> set[str]:
    """The ids of sources for which something was fetched or tried since then."""
    since -= LATE
    happened = (
        select(ChannelRow.source_id).where(ChannelRow.polled_at >= since),
        select(CaptureRow.source_id).where(CaptureRow.captured_at >= since),
        select(JobRow.source_id).where(JobRow.finished_at >= since),
    )
    # Each but once here and not by the database, which would go through all captures in the order of their sources.
    return {source_id for query in happened for source_id in session.scalars(query)}


def days_to_count(
    session: Session,
    followed: Mapping[str, Followed],
    active: Collection[str],
    since: datetime | None,
    now: datetime,
) -> list[tuple[str, str]]:
    """The (source id, day) whose rows may be out of date.

    These are today and yesterday of the `active` sources, and once an hour of all. Besides, they are older days to which
    something belongs that was found, settled or missed. `since` is the time up to which the ledger was counted. None means that
    it never was.
    """
    wanted = dict.fromkeys(_recent_days(session, followed, active, now))
    wanted |= dict.fromkeys(_older_days(session, followed, active, since - LATE if since is not None else None))
    return list(wanted)


def _recent_days(
    session: Session, followed: Mapping[str, Followed], active: Collection[str], now: datetime
) -> Iterator[tuple[str, str]]:
    """Today and yesterday of the sources for which they were not counted lately."""
    days = {source.zone: day_of(now, source.zone) for source in followed.values()}
    if not days:
        return
    recent = select(CoverageRow.source_id, CoverageRow.day, CoverageRow.counted_at).where(
        CoverageRow.day >= day_before(min(days.values())), CoverageRow.counted_at.is_not(None)
    )
    counted = {(source_id, day): at for source_id, day, at in session.execute(recent) if at is not None}
    for source in followed.values():
        today = days[source.zone]
        yesterday = day_before(today)
        at, before = counted.get((source.source_id, today)), counted.get((source.source_id, yesterday))
        if source.source_id in active or at is None or now - at >= RECOUNT_AFTER:
            yield source.source_id, today
        if source.source_id in active or before is None or before < bounds(today, source.zone)[0]:
            yield source.source_id, yesterday


def _older_days(
    session: Session, followed: Mapping[str, Followed], active: Collection[str], since: datetime | None
) -> Iterator[tuple[str, str]]:
    """Days to which something belongs that changed since then, or whose links are pending."""
    for source_id, at in _touched(session, active, since):
        yield source_id, day_of(at, followed[source_id].zone)
    pending = select(CoverageRow.source_id, CoverageRow.day).where(CoverageRow.pending > 0)
    for source_id, day in session.execute(pending):
        if source_id in active:
            yield source_id, day
    for source_id, day in _walked_days(session, since):
        if source_id in followed:
            yield source_id, day
    for source_id, begin, end in _new_gaps(session, since):
        if source_id in followed:
            for day in days_between(begin, end, followed[source_id].zone):
                yield source_id, day


def measure_days(
    session: Session,
    followed: Mapping[str, Followed],
    wanted: Iterable[tuple[str, str]],
    expected: Expected,
    now: datetime,
) -> list[dict[str, Any]]:
    """What the rows of the `wanted` (source id, day) should say. Nothing is written."""
    by_day = _by_day(followed, wanted)
    if not by_day:
        return []
    asked = {source_id for ids in by_day.values() for source_id in ids}
    added = pairs(session, select(SourceRow.id, SourceRow.added_at))
    stretches = _stretches(session, followed, asked, min(bounds(day, zone)[0] for zone, day in by_day), now)
    walked = _walks(session, [(i, day, bounds(day, zone)[1]) for (zone, day), ids in by_day.items() for i in ids])
    rows: list[dict[str, Any]] = []
    for (zone, day), ids in by_day.items():
        start, end = bounds(day, zone)
        counts = _count_links(session, ids, start, end)
        settled = _settled_expectations(session, ids, day, end)
        for source_id in ids:
            expectation = settled.get(source_id)
            begin, until = max(start, added.get(source_id, start)), min(end, now)
            if expectation is None and begin < until:
                expectation = expected(source_id, begin, until)
            walks = sum(walk.looked_at(day, end) for walk in walked[source_id])
            row = _empty(source_id, day) | _counted(counts.get(source_id) or DayCount())
            row["expected"] = None if expectation is None else round(expectation, 2)
            row["walks"] = walks
            row["gap_seconds"] = 0 if walks else seconds_within(stretches[source_id], start, end)
            row["counted_at"] = now
            rows.append(row)
    return rows


def _by_day(
    followed: Mapping[str, Followed], wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str | None, str], list[str]]:
    """The source ids by the zone and day for which they are wanted."""
    by_day: defaultdict[tuple[str | None, str], list[str]] = defaultdict(list)
    for source_id, day in wanted:
        by_day[followed[source_id].zone, day].append(source_id)
    return by_day


def _counted(count: DayCount) -> dict[str, Any]:
    """The columns of a day that say what became of its links."""
    return {
        "found": count.found,
        "captured": count.captured,
        "pending": count.pending,
        "excluded": dict(sorted(count.excluded.items())),
        "failed": dict(sorted(count.failed.items())),
    }


def store_days(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write what `measure_days` found. The polls of a day are left as they stand."""
    if not rows:
        return
    insert = _insert(session)
    names = ("expected", "found", "captured", "pending", "excluded", "failed", "walks", "gap_seconds", "counted_at")
    update = {name: insert.excluded[name] for name in names}
    session.execute(
        insert.on_conflict_do_update(index_elements=["source_id", "day"], set_=update),
        rows,
        execution_options={"synchronize_session": False, "render_nulls": True},
    )


def counted_until(session: Session) -> datetime | None:
    """The time up to which the ledger takes in what happened. None means that it was never counted."""
    row = session.get(MetaRow, _COUNTED)
    return datetime.fromisoformat(row.value) if row else None


def mark_counted(session: Session, now: datetime) -> None:
    """Record that the ledger takes in what happened up to `until`."""
    session.merge(MetaRow(key=_COUNTED, value=now.isoformat()))


def rhythms(session: Session) -> dict[tuple[str, str], dict[str, Any]]:
    """What was learnt of the channels' publication rates, as stored, by source id and channel key."""
    found = session.execute(
        select(ChannelRow.source_id, ChannelRow.key, ChannelRow.rhythm).where(ChannelRow.rhythm.is_not(None))
    )
    return {(source_id, key): rhythm for source_id, key, rhythm in found}


def reason_name(reason: str | None) -> str:
    """A reason without its details: `timeout: after 60 s` -> `timeout`."""
    return (reason or "unknown").partition(":")[0].strip() or "unknown"


def _count_links(session: Session, ids: Sequence[str], start: datetime, end: datetime) -> dict[str, DayCount]:
    counts: defaultdict[str, DayCount] = defaultdict(DayCount)
    homeless = LinkRow.article_pk.is_(None)
    for chunk in chunks(ids):
        grouped = session.execute(
            select(LinkRow.source_id, LinkRow.state, LinkRow.reason, homeless, func.count())
            .where(LinkRow.source_id.in_(chunk), LinkRow.dated_at >= start, LinkRow.dated_at < end)
            .group_by(LinkRow.source_id, LinkRow.state, LinkRow.reason, homeless)
        )
        for source_id, state, reason, no_article, number in grouped:
            count = counts[source_id]
            count.found += number
            if state == "excluded":
                count.excluded[reason_name(reason)] += number
            elif state == "failed":
                count.failed[reason_name(reason)] += number
            elif state in ("done", "alias") and not no_article:
                count.captured += number
            else:
                count.pending += number
    return counts


def _settled_expectations(session: Session, ids: Sequence[str], day: str, end: datetime) -> dict[str, float]:
    """Of days that were over when they were last counted: what was expected is not changed in hindsight."""
    return {
        source_id: value or 0.0
        for chunk in chunks(ids)
        for source_id, value in session.execute(
            select(CoverageRow.source_id, CoverageRow.expected).where(
                CoverageRow.source_id.in_(chunk),
                CoverageRow.day == day,
                CoverageRow.counted_at >= end,
                CoverageRow.expected.is_not(None),
            )
        )
    }


def _stretches(
    session: Session, followed: Mapping[str, Followed], asked: Collection[str], since: datetime, now: datetime
) -> defaultdict[str, list[Stretch]]:
    """The gaps noted of each source since then, and those that are still open."""
    found: defaultdict[str, list[Stretch]] = defaultdict(list)
    for source_id, begin, end in session.execute(
        select(GapRow.source_id, GapRow.since, GapRow.until).where(GapRow.until > since)
    ):
        found[source_id].append((begin, end))
    channels = select(
        ChannelRow.source_id, ChannelRow.key, ChannelRow.ok_at, ChannelRow.look_by, ChannelRow.next_poll_at,
        ChannelRow.failures,
    )  # fmt: skip
    for source_id, key, ok_at, look_by, next_poll_at, failures in session.execute(channels):
        if source_id not in asked or key not in followed[source_id].channels:
            continue
        planned = look_by or (next_poll_at if not failures else None)
        if stretch := unattended_gap(answered_at=ok_at, planned_at=planned, until=now):
            found[source_id].append(stretch)
    return found


@dataclass(frozen=True, slots=True)
class _Walked:
    """A walk that ended without a list that failed. `reached`: the earliest date of a link that it came across."""

    source_id: str
    pk: int
    channel: str
    first: str
    last: str
    began_at: datetime
    reached: datetime | None = None

    @property
    def is_dated(self) -> bool:
        """Return whether its list has a page for each day.

        Any other list may hold the newest only, so it must have shown something as old.
        """
        return self.channel.startswith("archive:")

    def came_after(self, day: str, end: datetime) -> bool:
        """Return whether it was to read that day, and began when the day was over."""
        return self.first <= day <= self.last and self.began_at >= end

    def looked_at(self, day: str, end: datetime) -> bool:
        """Return whether it saw what the source had published by the end of a day."""
        return self.came_after(day, end) and (self.is_dated or (self.reached is not None and self.reached < end))


def _walks(session: Session, wanted: Iterable[tuple[str, str, datetime]]) -> defaultdict[str, list[_Walked]]:
    """By source, the walks that may have looked at one of these (source id, day, end of the day)."""
    days: defaultdict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for source_id, day, end in wanted:
        days[source_id].append((day, end))
    unread = exists().where(WalkPageRow.walk_pk == WalkRow.pk, WalkPageRow.state.in_(("failed", "waiting")))
    ended = select(WalkRow.source_id, WalkRow.pk, WalkRow.channel, WalkRow.first, WalkRow.last, WalkRow.began_at).where(
        WalkRow.state == "ended", ~unread
    )
    walks: list[_Walked] = []
    for chunk in chunks(sorted(days)):
        oldest, newest = (each(day for i in chunk for day, _ in days[i]) for each in (min, max))
        meets = and_(WalkRow.last >= oldest, WalkRow.first <= newest)
        for row in session.execute(ended.where(WalkRow.source_id.in_(chunk), meets)):
            walk = _Walked(*row)
            if any(walk.came_after(day, end) for day, end in days[walk.source_id]):
                walks.append(walk)
    reached = _reached(session, [walk.pk for walk in walks if not walk.is_dated])
    found: defaultdict[str, list[_Walked]] = defaultdict(list)
    for walk in walks:
        found[walk.source_id].append(replace(walk, reached=reached.get(walk.pk)))
    return found


def _reached(session: Session, walks: Iterable[int]) -> dict[int, datetime]:
    """The earliest date of a link of each of these walks: that takes reading all their links."""
    found: dict[int, datetime] = {}
    for chunk in chunks(walks):
        of_walks = select(WalkLinkRow.walk_pk, func.min(LinkRow.dated_at)).join(
            LinkRow, LinkRow.pk == WalkLinkRow.link_pk
        )
        found |= pairs(session, of_walks.where(WalkLinkRow.walk_pk.in_(chunk)).group_by(WalkLinkRow.walk_pk))
    return found


def _walked_days(session: Session, since: datetime | None) -> Iterator[tuple[str, str]]:
    """The days of the walks that ended since then."""
    walks = select(WalkRow).where(WalkRow.state == "ended")
    for walk in session.scalars(walks if since is None else walks.where(WalkRow.ended_at >= since)):
        window = Period(date.fromisoformat(walk.first), date.fromisoformat(walk.last))
        yield from ((walk.source_id, day) for day in window.days())


def _touched(session: Session, active: Collection[str], since: datetime | None) -> Iterator[tuple[str, datetime]]:
    """(source id, date) of the links found since then: feeds also bring what was published days ago."""
    for chunk in chunks(sorted(active)):
        links = select(LinkRow.source_id, LinkRow.dated_at).where(LinkRow.source_id.in_(chunk))
        if since is not None:
            links = links.where(LinkRow.found_at >= since)
        yield from ((source_id, at) for source_id, at in session.execute(links))


def _new_gaps(session: Session, since: datetime | None) -> Iterator[tuple[str, datetime, datetime]]:
    gaps = select(GapRow.source_id, GapRow.since, GapRow.until)
    found = session.execute(gaps if since is None else gaps.where(GapRow.noted_at >= since))
    yield from ((source_id, begin, end) for source_id, begin, end in found)


def _empty(source_id: str, day: str) -> dict[str, Any]:
    return {
        "source_id": source_id,
        "day": day,
        "expected": None,
        "found": 0,
        "captured": 0,
        "excluded": {},
        "failed": {},
        "pending": 0,
        "polls_ok": 0,
        "polls_failed": 0,
        "walks": 0,
        "gap_seconds": 0,
        "counted_at": None,
    }


def _insert(session: Session) -> Any:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(CoverageRow)
