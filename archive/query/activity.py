"""What happened in the archive since a moment: polls, articles, revisions. It is for whoever reads a daemon's log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from archive.tables import ArticleRow, ChannelRow, CoverageRow, JobRow, RevisionRow, SourceRow

_BACK = timedelta(days=2)
"""Polls count to days of their sources' zones, none of which is so far behind UTC."""


@dataclass(frozen=True, slots=True)
class ActivityMark:
    """A moment in an archive's life.

    `article` and `revision` are the highest keys so far. `polls` and `failed` are counts of polls on `day` and later.
    """

    article: int
    revision: int
    day: str
    polls: int
    failed: int


@dataclass(frozen=True, slots=True)
class Activity:
    """What happened in a stretch of time. `failed_polls` are some of the `polls`. `revisions` are those after an article's
    first.

    `waiting_jobs` and `failing_sources` (those with a channel whose last poll failed) are as they are at the end.
    """

    polls: int = 0
    failed_polls: int = 0
    articles: int = 0
    revisions: int = 0
    waiting_jobs: int = 0
    failing_sources: int = 0

    def joined_with(self, later: Activity) -> Activity:
        """Both stretches of time as one."""
        return Activity(
            self.polls + later.polls,
            self.failed_polls + later.failed_polls,
            self.articles + later.articles,
            self.revisions + later.revisions,
            later.waiting_jobs,
            later.failing_sources,
        )


def mark(session: Session, now: datetime) -> ActivityMark:
    """The present moment. `now` is the archive's time."""
    day = f"{now - _BACK:%Y-%m-%d}"
    polls, failed = _polls(session, day)
    return ActivityMark(
        session.scalar(select(func.max(ArticleRow.pk))) or 0,
        session.scalar(select(func.max(RevisionRow.pk))) or 0,
        day,
        polls,
        failed,
    )


def activity(session: Session, since: ActivityMark) -> Activity:
    """What was committed since a moment."""
    polls, failed = _polls(session, since.day)
    return Activity(
        polls=polls - since.polls,
        failed_polls=failed - since.failed,
        articles=_count(session, select(func.count()).where(ArticleRow.pk > since.article)),
        revisions=_count(session, select(func.count()).where(RevisionRow.pk > since.revision, RevisionRow.number > 1)),
        waiting_jobs=_count(session, select(func.count()).where(JobRow.is_in("ready"))),
        failing_sources=_count(
            session,
            select(func.count(ChannelRow.source_id.distinct()))
            .join(SourceRow, SourceRow.id == ChannelRow.source_id)
            .where(ChannelRow.failures > 0, SourceRow.enabled),
        ),
    )


def _polls(session: Session, day: str) -> tuple[int, int]:
    """Polls counted on that day and later, and those of them that failed."""
    ok, failed = session.execute(
        select(func.sum(CoverageRow.polls_ok), func.sum(CoverageRow.polls_failed)).where(CoverageRow.day >= day)
    ).one()
    return int(ok or 0) + int(failed or 0), int(failed or 0)  # PostgreSQL adds up to a Decimal


def _count(session: Session, statement: Select[int]) -> int:
    return session.scalar(statement) or 0
