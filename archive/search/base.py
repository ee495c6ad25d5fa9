"""Documents: what both search back ends are given of a revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from archive.search.prepare import PREPARATION, words

TABLE = "search"

PREPARED_BY = "search.preparation"
"""Key in the table `meta`: the version of the preparation by which the index was made. Absent while nothing is indexed."""

INDEXED_BYTES = 1_000_000
"""Of a revision, so much is indexed: title, lead, then the body from its start. Counted are the bytes of each word in
UTF-8 and five for its place, an upper bound for what PostgreSQL makes of it (a tsvector holds 1 MB at most). That is some
600 KB of English text: a speech of three hours is found whole, a paragraph of 2 MB by its first third."""


class RevisionText(NamedTuple):
    """The text of a revision that is indexed."""

    revision_pk: int
    title: str | None
    lead: str | None
    body: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """The words of one revision, prepared."""

    title: list[str]
    lead: list[str]
    body: list[str]


def document(revision: RevisionText) -> Document:
    """The words of a revision's text, up to `INDEXED_BYTES`."""
    left = INDEXED_BYTES
    fields = []
    for field in (revision.title, revision.lead, revision.body):
        # Every character that counts takes a byte at least: what lies further on could hardly be indexed.
        tokens = words(field[: max(left, 0)]) if field else []
        size = len("".join(tokens).encode()) + 5 * len(tokens)
        if size <= left:
            left -= size
            fields.append(tokens)
            continue
        kept = len(tokens)
        for place, token in enumerate(tokens):
            left -= len(token.encode()) + 5
            if left < 0:
                kept = place
                break
        fields.append(tokens[:kept])
    return Document(*fields)


_MARK = text("INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING")


def mark_prepared(session: Session) -> None:
    """Record, with the first document, by which rules the index is made."""
    session.connection().execute(_MARK, {"key": PREPARED_BY, "value": str(PREPARATION)})
