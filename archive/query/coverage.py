"""The coverage ledger for readers: what was found and captured day by day, and when nobody looked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from archive.model.days import bounds, day_of
from archive.model.text.did_you_mean import did_you_mean
from archive.query.base import NotFound, Reader, reading
from archive.tables import CoverageRow, GapRow, SourceRow


@dataclass(frozen=True, slots=True)
class DayCoverage:
    """One day of a source.

    `seconds` is the length of the day in the source's zone. `expected` is the number of articles that the source usually
    publishes on such a day. It is None while that is not learnt.
    """

    day: str
    seconds: int
    expected: float | None = None
    found: int = 0
    captured: int = 0
    excluded: Mapping[str, int] | None = None
    failed: Mapping[str, int] | None = None
    pending: int = 0
    polls_ok: int = 0
    polls_failed: int = 0
    walks: int = 0
    gap_seconds: int = 0
    counted_at: datetime | None = None

    @property
    def polls(self) -> int:
        """The number of polls, failed ones included."""
        return self.polls_ok + self.polls_failed


@dataclass(frozen=True, slots=True)
class GapView:
    """A stretch of time (UTC) that a channel left unseen, and why."""

    channel: str
    since: datetime
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """A source day by day.

    `days` has every day from the first to the last asked for that has begun in the source's zone. A day is None if nothing is
    known of it.
    """

    source: str
    name: str
    timezone: str | None
    days: Mapping[str, DayCoverage | None]
    gaps: tuple[GapView, ...]

    @property
    def known(self) -> list[DayCoverage]:
        """The days of which something is known, oldest first."""
        return [day for day in self.days.values() if day is not None]

    @property
    def found(self) -> int:
        """The number of links found."""
        return sum(day.found for day in self.known)

    @property
    def captured(self) -> int:
        """The number of articles captured."""
        return sum(day.captured for day in self.known)

    @property
    def pending(self) -> int:
        """The number of links that wait."""
        return sum(day.pending for day in self.known)

    @property
    def expected(self) -> float | None:
        """The number of articles expected, over the days of which it is known. None means that it is known of no day."""
        expected = [day.expected for day in self.known if day.expected is not None]
        return sum(expected) if expected else None

    @property
    def gap_seconds(self) -> int:
        """The seconds that nobody watched."""
        return sum(day.gap_seconds for day in self.known)

    @property
    def excluded(self) -> Counter[str]:
        """The numbers of links that were left out, by reason."""
        return _added(day.excluded for day in self.known)

    @property
    def failed(self) -> Counter[str]:
        """The numbers of links that failed, by reason."""
        return _added(day.failed for day in self.known)


def coverage(
    reader: Reader,
    source: Sequence[str] = (),
    *,
    since: date | None = None,
    until: date | None = None,
    days: int = 30,
    now: datetime,
) -> list[SourceCoverage]:
    """The coverage ledger of these sources, by id. Without `source`, of all that have one.

    Days are those of each source's zone, and both ends are included. Without `since` there are so many `days` up to the last
    one. `now` is aware.

    Raises:
        NotFound: The archive does not know one of these sources.
    """
    with reading(reader) as session:
        rows = _sources(session, source)
        last = until or max(
            (date.fromisoformat(day_of(now, row.timezone)) for row in rows), default=now.date()
        )  # somewhere it is tomorrow already
        first = since or last - timedelta(days=days - 1)
        ledger = _ledger(session, source, first, last)
        gaps = _gaps(session, source, first)
        names = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
        return [
            SourceCoverage(
                source=row.id,
                name=row.name,
                timezone=row.timezone,
                days={
                    day: _day(ledger[row.id].get(day), row.timezone)
                    for day in names
                    if day <= day_of(now, row.timezone)
                },
                gaps=tuple(gap for gap in gaps[row.id] if names and _touches(gap, names, row.timezone)),
            )
            for row in rows
            if source or row.id in ledger
        ]


def _sources(session: Session, source: Sequence[str]) -> Sequence[Row[str, str, str | None]]:
    wanted = select(SourceRow.id, SourceRow.name, SourceRow.timezone).order_by(SourceRow.id)
    rows = session.execute(wanted.where(SourceRow.id.in_(source)) if source else wanted).all()
    if unknown := [i for i in source if i not in {row.id for row in rows}]:
        meant = did_you_mean(unknown, session.scalars(select(SourceRow.id)))
        raise NotFound(
            f"the archive knows no source {', '.join(unknown)}{meant}",
            hint="`dateline sources list` shows the ids.",
        )
    return rows


def _ledger(
    session: Session, source: Sequence[str], first: date, last: date
) -> defaultdict[str, dict[str, CoverageRow]]:
    """The rows of the ledger by source and day."""
    entries = select(CoverageRow).where(CoverageRow.day >= first.isoformat(), CoverageRow.day <= last.isoformat())
    if source:
        entries = entries.where(CoverageRow.source_id.in_(source))
    ledger: defaultdict[str, dict[str, CoverageRow]] = defaultdict(dict)
    for entry in session.scalars(entries):
        ledger[entry.source_id][entry.day] = entry
    return ledger


def _gaps(session: Session, source: Sequence[str], first: date) -> defaultdict[str, list[GapView]]:
    """The gaps by source that end on the first day or later, in whatever zone that day is."""
    begin = datetime.combine(first - timedelta(days=1), time(), UTC)
    wanted = select(GapRow).where(GapRow.until > begin).order_by(GapRow.since, GapRow.pk)
    if source:
        wanted = wanted.where(GapRow.source_id.in_(source))
    gaps: defaultdict[str, list[GapView]] = defaultdict(list)
    for gap in session.scalars(wanted):
        gaps[gap.source_id].append(GapView(gap.channel, gap.since, gap.until, gap.reason))
    return gaps


def _day(row: CoverageRow | None, zone: str | None) -> DayCoverage | None:
    if row is None:
        return None
    start, end = bounds(row.day, zone)
    return DayCoverage(
        day=row.day,
        seconds=round((end - start).total_seconds()),
        expected=row.expected,
        found=row.found,
        captured=row.captured,
        excluded=row.excluded,
        failed=row.failed,
        pending=row.pending,
        polls_ok=row.polls_ok,
        polls_failed=row.polls_failed,
        walks=row.walks,
        gap_seconds=row.gap_seconds,
        counted_at=row.counted_at,
    )


def _touches(gap: GapView, days: Sequence[str], zone: str | None) -> bool:
    return gap.until > bounds(days[0], zone)[0] and gap.since < bounds(days[-1], zone)[1]


def _added(counts: Iterable[Mapping[str, int] | None]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each or {})
    return total
