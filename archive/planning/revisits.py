"""The schedule of revisits as rows: which articles are due and why, and what was learnt of each source's edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from archive.model.article import ArticleStatus
from archive.model.history import ArticleHistory, Habit
from archive.tables import ArticleRow, JobRow, RevisionRow, SourceRow

_CURRENT = and_(RevisionRow.article_pk == ArticleRow.pk, RevisionRow.number == ArticleRow.current_revision)


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """An article to be planned. `before` is its history when it was planned last. None means that it was never planned."""

    source_id: str
    history: ArticleHistory
    before: ArticleHistory | None


@dataclass(frozen=True, slots=True)
class DueArticle:
    """An article whose time has come."""

    source_id: str
    url: str
    history: ArticleHistory


def unplanned_articles(session: Session, limit: int) -> list[ArticleFacts]:
    """Articles that were looked at since they were planned."""
    rows = session.execute(
        select(ArticleRow, RevisionRow.published_at)
        .outerjoin(RevisionRow, _CURRENT)
        .where(ArticleRow.is_unplanned())
        .limit(limit)
    )
    return [ArticleFacts(row.source_id, _article(row, published), _before(row, published)) for row, published in rows]


def plan_articles(session: Session, plans: Iterable[tuple[ArticleHistory, datetime | None, str | None]]) -> None:
    """Store the decisions when articles are looked at next. A time of None means never by schedule."""
    for history, at, why in plans:
        session.execute(
            update(ArticleRow)
            .where(ArticleRow.pk == history.pk, ArticleRow.looked_at == history.looked_at)
            .values(
                next_look_at=at,
                look_why=why,
                look_unplanned=False,
                planned_after=history.looked_at,
                planned_changes=history.changes,
            )
        )


def due_articles(session: Session, now: datetime, limit: int) -> list[DueArticle]:
    """Articles whose time has come, of sources that nobody revisits at the moment, longest overdue first.

    If there are more than `limit`, every source has its share: a source whose host is closed must not crowd out the others.
    """
    busy = select(JobRow.source_id).where(JobRow.kind == "revisit", JobRow.is_in("ready", "leased"))
    # First what is due, by its index: to count it out by source, SQLite would read all articles in the order of their sources.
    overdue = (
        select(ArticleRow.pk, ArticleRow.source_id, ArticleRow.next_look_at)
        .where(ArticleRow.next_look_at <= now, ArticleRow.look_unplanned.is_(False))
        .cte("overdue")
        .prefix_with("MATERIALIZED")
    )
    in_source = func.row_number().over(partition_by=overdue.c.source_id, order_by=overdue.c.next_look_at)
    due = (
        select(overdue.c.pk)
        .join(SourceRow, SourceRow.id == overdue.c.source_id)
        .where(SourceRow.paused_at.is_(None), SourceRow.enabled, overdue.c.source_id.not_in(busy))
        .order_by(in_source, overdue.c.next_look_at)
        .limit(limit)
        .subquery()
    )
    rows = session.execute(
        select(ArticleRow, RevisionRow.published_at)
        .join(due, due.c.pk == ArticleRow.pk)
        .outerjoin(RevisionRow, _CURRENT)
        .order_by(ArticleRow.next_look_at, ArticleRow.pk)
    )
    return [DueArticle(row.source_id, row.url, _article(row, published)) for row, published in rows]


def next_look_at(session: Session) -> datetime | None:
    """The time at which the next article is due. None means that none is planned."""
    return session.scalar(
        select(ArticleRow.next_look_at)
        .where(ArticleRow.next_look_at.is_not(None))
        .order_by(ArticleRow.next_look_at)
        .limit(1)
    )


def habits(session: Session) -> dict[str, Habit]:
    """What was learnt of each source's edits, by source."""
    return {i: Habit.from_dict(stored) for i, stored in session.execute(select(SourceRow.id, SourceRow.habit))}


def record_habits(session: Session, learnt: Mapping[str, Habit]) -> None:
    """Store what was learnt of sources' edits."""
    for source_id, habit in learnt.items():
        session.execute(update(SourceRow).where(SourceRow.id == source_id).values(habit=habit.as_dict()))


def _article(row: ArticleRow, published_at: datetime | None) -> ArticleHistory:
    return ArticleHistory(
        row.pk,
        cast(ArticleStatus, row.status),
        row.first_seen_at,
        row.changed_at,
        row.looked_at,
        published_at,
        changes=row.changes,
        looks=row.looks,
    )


def _before(row: ArticleRow, published_at: datetime | None) -> ArticleHistory | None:
    if row.planned_after is None or row.planned_changes is None:
        return None
    return ArticleHistory(
        row.pk,
        cast(ArticleStatus, row.status),
        row.first_seen_at,
        min(row.changed_at, row.planned_after),
        row.planned_after,
        published_at,
        changes=row.planned_changes,
        looks=row.looks,
    )
