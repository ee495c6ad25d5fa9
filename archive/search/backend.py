"""The protocol of the search back ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import CTE, Connection
from sqlalchemy.orm import Session

from archive.search.base import RevisionText
from archive.search.language import Query


class SearchBackend(Protocol):
    """Full text of revisions in one kind of database. Writes belong to the caller's transaction."""

    def create(self, connection: Connection) -> None:
        """Make the empty index."""

    def drop(self, connection: Connection) -> None:
        """Remove the index with all that is in it."""

    def add(self, session: Session, texts: Sequence[RevisionText]) -> None:
        """Index revisions that are not in the index yet. Of very long texts only the start is indexed, see `INDEXED_BYTES`."""

    def find(self, query: Query) -> CTE:
        """Revisions that match: `revision_pk` and `rank`. A greater rank is better. Ranks are comparable within one query only."""
