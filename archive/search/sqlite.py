"""Full text in SQLite: an FTS5 table without content of its own. Its rowid is the revision's key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, Connection, Float, column, func, literal, literal_column, select, table, text
from sqlalchemy.orm import Session

from archive.search.base import TABLE, RevisionText, document, mark_prepared
from archive.search.language import Query, Term

# The words come prepared: the tokenizer only has to split them at blanks, whatever letters they are made of.
CREATE = (
    """CREATE VIRTUAL TABLE search USING fts5(title, lead, body, content='', """
    """tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'")""",
)
DROP = ("DROP TABLE IF EXISTS search",)

_ADD = text("INSERT INTO search (rowid, title, lead, body) VALUES (:pk, :title, :lead, :body)")


class SqliteSearch:
    """The search back end of SQLite. `SearchBackend` describes the methods."""

    def create(self, connection: Connection) -> None:
        for statement in CREATE:
            connection.exec_driver_sql(statement)

    def drop(self, connection: Connection) -> None:
        for statement in DROP:
            connection.exec_driver_sql(statement)

    def add(self, session: Session, texts: Sequence[RevisionText]) -> None:
        session.connection().execute(_ADD, [_row(revision) for revision in texts])
        mark_prepared(session)

    def find(self, query: Query) -> CTE:
        # A headline weighs ten times a word of the body; bm25 is the smaller, the better. Materialised, because bm25 can
        # be computed only where the table itself is read.
        rank = -func.bm25(literal_column(TABLE), 10.0, 4.0, 1.0, type_=Float)
        found = select(literal_column("rowid").label("revision_pk"), rank.label("rank")).select_from(table(TABLE))
        matches = found.where(column(TABLE).op("MATCH")(literal(expression(query))))
        return matches.cte("found").prefix_with("MATERIALIZED")


def _row(revision: RevisionText) -> dict[str, Any]:
    content = document(revision)
    fields = {"title": content.title, "lead": content.lead, "body": content.body}
    return {"pk": revision.revision_pk} | {name: " ".join(words) for name, words in fields.items()}


def expression(query: Query) -> str:
    """The query in the syntax of FTS5."""
    wanted = " AND ".join(f"({' OR '.join(map(_term, group))})" for group in query.all_of)
    return f"({wanted})" + "".join(f" NOT {_term(term)}" for term in query.none_of)


def _term(term: Term) -> str:
    return f'"{" ".join(term.tokens)}"' + (" *" if term.prefix else "")
