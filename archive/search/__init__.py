"""Full text over revisions, on whichever database the archive is."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import CTE, func, select
from sqlalchemy.orm import Session

from archive.errors import DatelineError
from archive.search.backend import SearchBackend
from archive.search.base import PREPARED_BY, RevisionText
from archive.search.language import Query, QueryError, parse
from archive.search.postgres import PostgresSearch
from archive.search.prepare import PREPARATION
from archive.search.sqlite import SqliteSearch
from archive.tables import MetaRow, RevisionRow

__all__ = [
    "PREPARATION",
    "Query",
    "QueryError",
    "RevisionText",
    "SearchBackend",
    "StaleIndex",
    "backend",
    "find",
    "parse",
    "rebuild",
    "search_is_current",
]

_BATCH = 200


class StaleIndex(DatelineError):
    """The full-text index was made by the rules of another version, so what it finds would be incomplete."""

    def __init__(self) -> None:
        super().__init__(
            "the full-text index was made by another version of Dateline", hint="Rebuild it with: dateline reindex"
        )


def backend(dialect: str) -> SearchBackend:
    """The back end for a SQLAlchemy dialect: `sqlite` or `postgresql`."""
    backends: dict[str, type[SqliteSearch] | type[PostgresSearch]] = {
        "sqlite": SqliteSearch,
        "postgresql": PostgresSearch,
    }
    return backends[dialect]()


def find(session: Session, query: Query) -> CTE:
    """Revisions that match, to be joined: `revision_pk` and `rank`, of which greater is better.

    Raises:
        StaleIndex: The index was made by the rules of another version.
    """
    if not search_is_current(session):
        raise StaleIndex
    return _of(session).find(query)


def search_is_current(session: Session) -> bool:
    """Return whether the index was made by today's preparation."""
    version = session.scalar(select(MetaRow.value).where(MetaRow.key == PREPARED_BY))
    if version is None:
        return session.scalar(select(RevisionRow.pk).limit(1)) is None
    return version == str(PREPARATION)


def rebuild(session: Session, progress: Callable[[int, int], None] | None = None) -> int:
    """Make the index anew from the stored revisions, in the caller's transaction, and return their number.

    `progress(done, total)` is called as it goes on.
    """
    index, connection = _of(session), session.connection()
    index.drop(connection)
    index.create(connection)
    total = session.scalar(select(func.count()).select_from(RevisionRow)) or 0
    done, last = 0, -1
    texts = select(RevisionRow.pk, RevisionRow.title, RevisionRow.lead, RevisionRow.body).order_by(RevisionRow.pk)
    while batch := session.execute(texts.where(RevisionRow.pk > last).limit(_BATCH)).all():
        index.add(session, [RevisionText(*row) for row in batch])
        done, last = done + len(batch), batch[-1].pk
        if progress:
            progress(done, total)
    session.merge(MetaRow(key=PREPARED_BY, value=str(PREPARATION)))
    return done


def _of(session: Session) -> SearchBackend:
    return backend(session.get_bind().dialect.name)
