"""The articles of an export, for every format.

They come in the order in which they entered the archive. They are read in batches, so the memory does not grow with the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from archive.query.base import Reader, reading
from archive.query.filters import Filters
from archive.query.handing_on import for_others
from archive.query.load import load_articles
from archive.query.views import ArticleView
from archive.query.when import end_instant
from archive.tables import ArticleRow, RevisionRow, SourceRow

BATCH = 50

Progress = Callable[[int, int], None]
"""Called with the number of articles that are done and the number of all."""


@dataclass(frozen=True, slots=True)
class Written:
    """The number of articles that were written, of those whose text is left out because of `noarchive`, and of those whose
    body was cut because no cell of a spreadsheet holds all of it."""

    articles: int
    noarchive: int
    cut: int = 0


def views(
    reader: Reader, filters: Filters, progress: Progress | None = None, *, noarchive: bool = False
) -> Iterator[ArticleView]:
    """Yield the articles that pass the filters, as others may have them: an export hands on.

    With `noarchive`, what is kept for the owner of the archive alone is in it as well.

    With `as_of`, an article has the revisions that were captured by then, and the fields of the one that was in force. Its
    status, last look and lineage are today's.

    Raises:
        NotFound: The filters name something that the archive does not have.
    """
    with reading(reader) as session:
        wanted = _statement(session, filters)
        total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
        done, last = 0, -1
        while batch := session.execute(wanted.where(ArticleRow.pk > last).order_by(ArticleRow.pk).limit(BATCH)).all():
            loaded = load_articles(session, [row.pk for row in batch])
            for row, view in zip(batch, loaded, strict=True):
                meant = _as_meant(view, filters, row.number)
                yield meant if noarchive else for_others(meant)
            done, last = done + len(batch), batch[-1].pk
            if progress:
                progress(done, total)


def _statement(session: Session, filters: Filters) -> Select[*tuple[Any, ...]]:
    """The query for the keys of the articles, each with the number of the revision that is exported."""
    shown = filters.shown(session)
    wanted = select(ArticleRow.pk, shown.label("number")).join(SourceRow, SourceRow.id == ArticleRow.source_id)
    if filters.of_revisions:
        wanted = wanted.join(RevisionRow, (RevisionRow.article_pk == ArticleRow.pk) & (RevisionRow.number == shown))
        wanted = wanted.where(ArticleRow.status != "withheld")
    return wanted.where(*filters.conditions(session))


def _as_meant(view: ArticleView, filters: Filters, number: int | None) -> ArticleView:
    if filters.as_of is None:
        return view
    end = end_instant(filters.as_of, view.timezone)
    revisions = tuple(r for r in view.revisions if r.first_captured_at < end)
    return replace(view, revisions=revisions, revision=next((r for r in revisions if r.number == number), None))
