"""Full text in PostgreSQL: one tsvector for each revision, with a GIN index.

The vector is written out by us, and so is the query: `to_tsvector` would cut the prepared words again, by rules that
depend on the locale of the server. Both databases hold the same words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import CTE, Connection, Float, cast, column, func, literal, select, table, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from archive.search.base import TABLE, Document, RevisionText, document, mark_prepared
from archive.search.language import Query, Term

CREATE = (
    "CREATE TABLE search (revision_pk BIGINT NOT NULL CONSTRAINT pk_search PRIMARY KEY, document TSVECTOR NOT NULL)",
    "CREATE INDEX ix_search_document ON search USING gin (document)",
)
DROP = ("DROP TABLE IF EXISTS search",)

PLACES = 16_383
"""Greatest position that a tsvector holds. Longer documents count on from 1: a phrase is then found wherever it stands,
and almost never where it does not."""
_PLACES_PER_WORD = 255

_ADD = text("INSERT INTO search (revision_pk, document) VALUES (:pk, CAST(:document AS tsvector))")


class PostgresSearch:
    """The search back end of PostgreSQL. `SearchBackend` describes the methods."""

    def create(self, connection: Connection) -> None:
        for statement in CREATE:
            connection.exec_driver_sql(statement)

    def drop(self, connection: Connection) -> None:
        for statement in DROP:
            connection.exec_driver_sql(statement)

    def add(self, session: Session, texts: Sequence[RevisionText]) -> None:
        rows = [{"pk": revision.revision_pk, "document": vector(document(revision))} for revision in texts]
        session.connection().execute(_ADD, rows)
        mark_prepared(session)

    def find(self, query: Query) -> CTE:
        wanted = cast(literal(expression(query)), TSQUERY)
        index = table(TABLE, column("revision_pk"), column("document"))
        rank = func.ts_rank(index.c.document, wanted, 1, type_=Float)  # 1: long texts have more chances, weigh that
        found = select(index.c.revision_pk, rank.label("rank")).where(index.c.document.op("@@")(wanted))
        return found.cte("found")


def vector(content: Document) -> str:
    """The document as the text of a tsvector: each word with its places and the weight of its field."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for place, weight, word in _placed(content):
        if len(places[word]) < _PLACES_PER_WORD:
            places[word].append(f"{place % PLACES + 1}{weight}")
    return " ".join(f"{_quoted(word)}:{','.join(at)}" for word, at in places.items())


def _placed(content: Document) -> Iterator[tuple[int, str, str]]:
    place = 0
    for weight, field in (("A", content.title), ("B", content.lead), ("C", content.body)):
        for word in field:
            yield place, weight, word
            place += 1
        place += 1  # a gap, so that no phrase reaches from one field into the next


def expression(query: Query) -> str:
    """The query in the syntax of tsquery."""
    wanted = " & ".join(f"({' | '.join(map(_term, group))})" for group in query.all_of)
    return wanted + "".join(f" & !({_term(term)})" for term in query.none_of)


def _term(term: Term) -> str:
    *words, last = map(_quoted, term.tokens)
    return " <-> ".join([*words, f"{last}:*" if term.prefix else last])


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
