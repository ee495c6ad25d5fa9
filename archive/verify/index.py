"""The full-text index against the revisions: what a search finds must be what they say, no more and no less."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.orm import Session

from archive.search import RevisionText, search_is_current
from archive.search.base import Document, document
from archive.search.postgres import vector
from archive.tables import ArticleRow, RevisionRow
from archive.verify.problems import Problem

_MASK = (1 << 64) - 1
_BATCH = 200
_FIELDS = ("title", "lead", "body")
_INSTANCES = "dateline_verified"
"""A table of SQLite's module fts5vocab, for this connection alone: one row for each place of each word."""


def check_index(session: Session) -> Iterator[Problem]:
    """Yield differences between the index and the revisions.

    There are none if the index was made by the rules of another version. Then `search` asks for a `reindex`.
    """
    if not search_is_current(session):
        return
    connection = session.connection()
    indexed = _sqlite_index(connection) if connection.dialect.name == "sqlite" else None
    there = (
        set(connection.exec_driver_sql("SELECT revision_pk FROM search").scalars()) if indexed is None else set(indexed)
    )
    last = -1
    columns = (RevisionRow.pk, RevisionRow.title, RevisionRow.lead, RevisionRow.body, RevisionRow.number)
    texts = (
        select(*columns, ArticleRow.id, ArticleRow.source_id, ArticleRow.url)
        .join(ArticleRow, ArticleRow.pk == RevisionRow.article_pk)
        .order_by(RevisionRow.pk)
        .limit(_BATCH)
    )
    while batch := session.execute(texts.where(RevisionRow.pk > last)).all():
        last = batch[-1][0]
        documents = {row[0]: document(RevisionText(*row[:4])) for row in batch}
        differing = (
            _differing_vectors(connection, documents)
            if indexed is None
            else {pk for pk, found in documents.items() if indexed.get(pk, 0) != _sum_of(found)}
        )
        for pk, *_, number, article, source, url in batch:
            if pk in differing or (indexed is None and pk not in there):
                yield Problem(
                    "index-differs",
                    "a search finds other words than it has",
                    f"revision {number} of article {article}",
                    source,
                    url,
                )
        there -= documents.keys()
    if there:
        yield Problem(
            "index-differs", f"the index holds {len(there)} texts of no revision", f"text {min(there)} of the index"
        )


def _sqlite_index(connection: Connection) -> dict[int, int]:
    """A sum over all words of each text in the index, whatever their order."""
    connection.exec_driver_sql(f"CREATE VIRTUAL TABLE temp.{_INSTANCES} USING fts5vocab(main, search, instance)")
    try:
        sums: defaultdict[int, int] = defaultdict(int)
        found = connection.exec_driver_sql(f'SELECT doc, term, col, "offset" FROM temp.{_INSTANCES}')
        for doc, word, column, place in found:
            sums[doc] = sums[doc] + hash((word, column, place)) & _MASK
        return dict(sums)
    finally:
        connection.exec_driver_sql(f"DROP TABLE temp.{_INSTANCES}")


def _sum_of(found: Document) -> int:
    total = 0
    for column, words in zip(_FIELDS, (found.title, found.lead, found.body), strict=True):
        for place, word in enumerate(words):
            total = total + hash((word, column, place)) & _MASK
    return total


_DIFFERING = text(
    "SELECT w.pk FROM unnest(CAST(:pks AS bigint[]), CAST(:documents AS text[])) AS w(pk, document)"
    " LEFT JOIN search s ON s.revision_pk = w.pk WHERE s.document IS DISTINCT FROM CAST(w.document AS tsvector)"
).bindparams(bindparam("pks"), bindparam("documents"))


def _differing_vectors(connection: Connection, documents: dict[int, Document]) -> set[int]:
    given: dict[str, Sequence[int] | Sequence[str]] = {
        "pks": list(documents),
        "documents": [vector(found) for found in documents.values()],
    }
    return set(connection.scalars(_DIFFERING, given))
