"""Histories of articles, as the scheduler's policies read them."""

from __future__ import annotations

from typing import cast

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from archive.model.article import ArticleStatus
from archive.model.history import ArticleHistory
from archive.tables import ArticleRow, RevisionRow


def article_histories(session: Session, source_id: str) -> list[ArticleHistory]:
    """The history of every article of a source, oldest look first."""
    rows = session.execute(
        select(
            ArticleRow.pk,
            ArticleRow.status,
            ArticleRow.first_seen_at,
            ArticleRow.changed_at,
            ArticleRow.looked_at,
            RevisionRow.published_at,
            ArticleRow.current_revision,
        )
        .outerjoin(
            RevisionRow,
            and_(RevisionRow.article_pk == ArticleRow.pk, RevisionRow.number == ArticleRow.current_revision),
        )
        .where(ArticleRow.source_id == source_id)
        .order_by(ArticleRow.looked_at, ArticleRow.pk)
    )
    return [
        ArticleHistory(
            pk, cast(ArticleStatus, status), first_seen, changed, looked, published, changes=max(0, (revision or 1) - 1)
        )
        for pk, status, first_seen, changed, looked, published, revision in rows
    ]
