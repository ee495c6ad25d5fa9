"""Find articles by their text and by what is known of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from sqlalchemy import Row, Select, case, func, literal_column, select
from sqlalchemy.orm import Session

from archive.errors import UsageError
from archive.model.article import ArticleStatus
from archive.query.base import Reader, reading
from archive.query.filters import Filters
from archive.query.load import WITHHELD, claimed
from archive.query.snippets import snippet
from archive.query.spoken import Bound
from archive.query.views import Hit
from archive.search import Query, parse
from archive.search import find as find_text
from archive.tables import ArticleRow, RevisionRow, SourceRow

BATCH = 100
"""Hits that are read at a time."""
COUNTED_TO = 10_001
"""How far matches are counted: to count all of millions would take longer than to show some."""


def find(
    reader: Reader,
    text: str | None = None,
    *,
    source: Sequence[str] = (),
    country: Sequence[str] = (),
    language: Sequence[str] = (),
    since: Bound | None = None,
    until: Bound | None = None,
    as_of: Bound | None = None,
    limit: int = 20,
) -> list[Hit]:
    """Find articles that match, best first. Without `text` these are all that pass the filters, newest first.

    `text` is in the language of `archive.search.language`. All revisions are searched, so that what a publisher took out again
    is found, too. A hit shows the revision last seen if it matches, else the newest one that does. With `as_of` only the
    revisions in force then count. Withheld articles are never found.

    Raises:
        QueryError: The query cannot be answered.
        NotFound: A filter names something that the archive does not have.
        StaleIndex: The index was made by the rules of another version.
        UsageError: A filter means nothing.
    """
    filters = Filters(tuple(source), tuple(country), tuple(language), since, until, as_of)
    return list(hits(reader, text, filters, limit))


def hits(reader: Reader, text: str | None, filters: Filters, limit: int | None = None) -> Iterator[Hit]:
    """Yield what `find` answers, one by one. Without a limit these are all, in the same memory however many they are.

    It raises the same errors as `find`, at the first hit.
    """
    if limit is not None and limit < 1:
        raise UsageError(f"a limit of {limit} makes no sense", hint="Give at least 1.")
    query = parse(text) if text is not None else None
    with reading(reader) as session:
        chosen = _chosen(session, query, filters)
        if limit is not None:
            chosen = chosen.limit(limit)
        # Chosen and sorted by keys alone; the texts are read of some at a time.
        ranked = session.execute(chosen.execution_options(yield_per=BATCH))
        for part in ranked.partitions():
            ranks = {row.pk: row.rank for row in part}
            rows = {row.pk: row for row in session.execute(_TEXTS.where(RevisionRow.pk.in_(ranks)))}
            yield from (_hit(rows[pk], query, rank) for pk, rank in ranks.items())


def count(reader: Reader, text: str | None, filters: Filters) -> int:
    """Count the articles that `hits` finds. `COUNTED_TO` means that number or more. It raises the same errors as `find`."""
    query = parse(text) if text is not None else None
    with reading(reader) as session:
        some = _chosen(session, query, filters).order_by(None).limit(COUNTED_TO).subquery()
        return session.scalar(select(func.count()).select_from(some)) or 0


def _chosen(session: Session, query: Query | None, filters: Filters) -> Select[*tuple[Any, ...]]:
    return _ranked(session, query, filters) if query else _newest(session, filters)


_TEXTS: Select[*tuple[Any, ...]] = (
    select(
        RevisionRow.pk,
        ArticleRow.id,
        ArticleRow.source_id,
        SourceRow.country,
        ArticleRow.url,
        ArticleRow.status,
        ArticleRow.current_revision,
        ArticleRow.first_seen_at,
        RevisionRow.title,
        RevisionRow.lead,
        RevisionRow.body,
        RevisionRow.authors,
        RevisionRow.language,
        RevisionRow.published_at,
        RevisionRow.published,
        RevisionRow.captured_at,
        RevisionRow.number,
        (ArticleRow.says_noarchive() | RevisionRow.noarchive).label("noarchive"),
    )
    .join(ArticleRow, ArticleRow.pk == RevisionRow.article_pk)
    .join(SourceRow, SourceRow.id == ArticleRow.source_id)
)
_NEWEST_FIRST = (RevisionRow.published_at.desc().nulls_last(), RevisionRow.captured_at.desc(), RevisionRow.pk.desc())


def _newest(session: Session, filters: Filters) -> Select[*tuple[Any, ...]]:
    """The revisions meant of the articles that pass the filters."""
    return (
        _passing(session, filters)
        .add_columns(literal_column("0.0").label("rank"))
        .where(RevisionRow.number == filters.shown(session))
        .order_by(*_NEWEST_FIRST)
    )


def _ranked(session: Session, query: Query, filters: Filters) -> Select[*tuple[Any, ...]]:
    """The revisions that match, one of each article."""
    found = find_text(session, query)
    preferred = func.row_number().over(
        partition_by=RevisionRow.article_pk,
        order_by=(
            case((RevisionRow.number == ArticleRow.current_revision, 0), else_=1),
            RevisionRow.captured_at.desc(),
        ),
    )
    matching = (
        _passing(session, filters)
        .join(found, found.c.revision_pk == RevisionRow.pk)
        .add_columns(found.c.rank, RevisionRow.published_at, preferred.label("preferred"))
    )
    if filters.as_of is not None:
        matching = matching.where(RevisionRow.number == filters.shown(session))
    each = matching.subquery("matching")
    return (
        select(each.c.pk, each.c.rank)
        .where(each.c.preferred == 1)
        .order_by(each.c.rank.desc(), each.c.published_at.desc().nulls_last(), each.c.pk.desc())
    )


def _passing(session: Session, filters: Filters) -> Select[*tuple[Any, ...]]:
    return (
        select(RevisionRow.pk)
        .join(ArticleRow, ArticleRow.pk == RevisionRow.article_pk)
        .join(SourceRow, SourceRow.id == ArticleRow.source_id)
        .where(ArticleRow.status != WITHHELD, *filters.conditions(session))
    )


def _hit(row: Row[Any], query: Query | None, rank: float) -> Hit:
    cut = snippet("\n".join(filter(None, (row.lead, row.body))), query)
    return Hit(
        id=row.id,
        source=row.source_id,
        url=row.url,
        title=row.title,
        snippet=cut.text,
        marks=cut.marks,
        language=row.language,
        published=claimed(row.published_at, row.published),
        captured_at=row.captured_at,
        status=cast(ArticleStatus, row.status),
        revision=row.number,
        current=row.number == row.current_revision,
        rank=rank if query else None,
        country=row.country,
        lead=row.lead,
        authors=tuple(row.authors),
        first_seen_at=row.first_seen_at,
        noarchive=bool(row.noarchive),
    )
