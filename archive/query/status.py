"""What the archive holds, source by source, and how the last polls went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import Session

from archive.model.text.did_you_mean import did_you_mean
from archive.query.base import NotFound, Reader, reading
from archive.query.health import FAR, AlarmView, open_alarms, source_health
from archive.query.load import WITHHELD
from archive.query.views import ChannelStatus, SignalCounts, SourceStatus
from archive.tables import ArticleRow, CaptureRow, ChannelRow, LinkRow, RevisionRow, SourceRow


def status(reader: Reader, source: Sequence[str] = ()) -> list[SourceStatus]:
    """The status of each source, by id. With `source`, only of these.

    Raises:
        NotFound: The archive does not know one of these sources.
    """
    with reading(reader) as session:
        rows = _sources(session, source)
        articles = _by_source(session, _ARTICLES)
        revisions = _by_source(session, _REVISIONS)
        captures = _by_source(session, _CAPTURES)
        links = _by_source(session, _LINKS)
        channels = _channels(session)
        planned = _planned(session)
        health = source_health(session)
        alarms: defaultdict[str, list[AlarmView]] = defaultdict(list)
        for alarm in open_alarms(session):
            alarms[alarm.source].append(alarm)
        return [
            SourceStatus(
                source=row.id,
                name=row.name,
                country=row.country,
                enabled=row.enabled,
                verified_at=row.verified_at,
                articles=_of(articles, row.id, "all"),
                withheld=_of(articles, row.id, "withheld"),
                gone=_of(articles, row.id, "gone"),
                revisions=_of(revisions, row.id, "all"),
                captures=_of(captures, row.id, "all"),
                pending=_of(links, row.id, "pending"),
                excluded=_of(links, row.id, "excluded"),
                failed=_of(links, row.id, "failed"),
                last_article_at=articles.get(row.id, {}).get("newest"),
                channels=tuple(channels[row.id]),
                health=health[row.id],
                alarms=tuple(alarms[row.id]),
                signals=_signals(articles, row.id),
                next_poll_at=planned.get(row.id) if health[row.id] not in ("disabled", "paused") else None,
            )
            for row in rows
        ]


def _sources(session: Session, source: Sequence[str]) -> Sequence[Row[Any]]:
    wanted = select(SourceRow.__table__).order_by(SourceRow.id)
    rows = session.execute(wanted.where(SourceRow.id.in_(source)) if source else wanted).all()
    unknown = [i for i in source if i not in {row.id for row in rows}]
    if unknown:
        meant = did_you_mean(unknown, session.scalars(select(SourceRow.id)))
        raise NotFound(
            f"the archive knows no source {', '.join(unknown)}{meant}",
            hint="`dateline sources list` shows the ids; a source enters the archive with its first crawl.",
        )
    return rows


def _count(condition: Any) -> Any:
    return func.count(case((condition, 1)))


_SIGNALS = (
    _count((ArticleRow.status != WITHHELD) & ArticleRow.says_noarchive()).label("noarchive"),
    _count((ArticleRow.status == WITHHELD) & ~ArticleRow.is_reserved()).label("withheld_noarchive"),
    _count((ArticleRow.status == WITHHELD) & ArticleRow.is_reserved()).label("withheld_tdm"),
)
"""The columns of `SignalCounts`."""
_ARTICLES = select(
    ArticleRow.source_id,
    func.count().label("all"),
    _count(ArticleRow.status == WITHHELD).label("withheld"),
    *_SIGNALS,
    _count(ArticleRow.status == "gone").label("gone"),
    func.max(ArticleRow.first_seen_at).label("newest"),
).group_by(ArticleRow.source_id)
_REVISIONS = (
    select(ArticleRow.source_id, func.count().label("all"))
    .join(RevisionRow, RevisionRow.article_pk == ArticleRow.pk)
    .group_by(ArticleRow.source_id)
)
_CAPTURES = select(CaptureRow.source_id, func.count().label("all")).group_by(CaptureRow.source_id)
_LINKS = select(
    LinkRow.source_id,
    _count(LinkRow.state == "pending").label("pending"),
    _count(LinkRow.state == "excluded").label("excluded"),
    _count(LinkRow.state == "failed").label("failed"),
).group_by(LinkRow.source_id)


def _by_source(session: Session, statement: Select[*tuple[Any, ...]]) -> dict[str, dict[str, Any]]:
    return {row.source_id: dict(row._mapping) for row in session.execute(statement)}


def _of(counts: dict[str, dict[str, Any]], source: str, key: str) -> int:
    return int(counts.get(source, {}).get(key, 0))


def signal_counts(session: Session, source_id: str) -> SignalCounts:
    """The number of articles of a source that bear signals of their publisher."""
    row = session.execute(select(*_SIGNALS).where(ArticleRow.source_id == source_id)).one()
    return SignalCounts(row.noarchive, row.withheld_noarchive, row.withheld_tdm)


def _signals(articles: dict[str, dict[str, Any]], source: str) -> SignalCounts:
    return SignalCounts(*(_of(articles, source, column.name) for column in _SIGNALS))


def _planned(session: Session) -> dict[str, datetime]:
    rows = session.execute(
        select(ChannelRow.source_id, func.min(ChannelRow.next_poll_at))
        .where(ChannelRow.next_poll_at < FAR)
        .group_by(ChannelRow.source_id)
    )
    return {source_id: at for source_id, at in rows if at is not None}


def _channels(session: Session) -> defaultdict[str, list[ChannelStatus]]:
    found: defaultdict[str, list[ChannelStatus]] = defaultdict(list)
    for row in session.execute(select(ChannelRow.__table__).order_by(ChannelRow.source_id, ChannelRow.key)):
        found[row.source_id].append(
            ChannelStatus(row.key, row.polled_at, row.outcome, row.detail, row.items, row.newest_at, row.failures)
        )
    return found
