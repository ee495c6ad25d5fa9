"""New rows of one transaction, written table by table: one statement for all rows of a table, not one for each.

Rows are given their keys here, so that one may refer to another before either is written. Whatever reads or changes the
database through the session finds them there, because they are written before it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from typing import Any

from sqlalchemy import event, func, inspect, select, text
from sqlalchemy.orm import ORMExecuteState, Session

from archive.search import RevisionText, backend
from archive.tables import Base

_NEXT_KEYS = text("SELECT nextval(pg_get_serial_sequence(:table, 'pk')) FROM generate_series(1, :count)")


class Inserts:
    """The rows that a transaction adds, and the texts that it puts into the full-text index.

    A row is complete when it is added. What is changed in it afterwards may be lost.
    """

    def __init__(self, session: Session, expected: int = 1) -> None:
        """`expected`: how many rows of a table are to be expected."""
        self._session = session
        self._expected = expected
        self._rows: defaultdict[type[Base], list[Base]] = defaultdict(list)
        self._texts: list[RevisionText] = []
        self._keys: dict[type[Base], Iterator[int]] = {}
        event.listen(session, "before_flush", self._before_flush)
        event.listen(session, "do_orm_execute", self._before_statement)

    def add(self, row: Any) -> None:
        """Add a row. If its table has a `pk`, the row is given one."""
        kind: type[Base] = type(row)
        if hasattr(kind, "pk") and row.pk is None:
            row.pk = self._next_key(kind)
        self._rows[kind].append(row)

    def index(self, revision: RevisionText) -> None:
        """Add a revision's text to the full-text index."""
        self._texts.append(revision)

    def write(self) -> None:
        """Write what was added, in the order in which the tables refer to each other."""
        rows, self._rows = self._rows, defaultdict(list)
        texts, self._texts = self._texts, []
        if rows:
            connection = self._session.connection()
            kinds = {kind.__tablename__: kind for kind in rows}
            for table in Base.metadata.sorted_tables:
                if (kind := kinds.get(table.name)) is not None:
                    names = table.columns.keys()
                    fields = [vars(row) for row in rows[kind]]  # ten times faster than by attribute
                    connection.execute(table.insert(), [{name: known.get(name) for name in names} for known in fields])
        if texts:
            backend(self._session.get_bind().dialect.name).add(self._session, texts)

    def forget(self) -> None:
        """Forget what was added and is not yet written, because its savepoint was rolled back."""
        self._rows.clear()
        self._texts.clear()
        self._keys.clear()

    def _before_flush(self, session: Session, *_: object) -> None:
        self.write()
        if session.new:
            self._keys.clear()  # SQLite gives those rows the keys that come next

    def _before_statement(self, state: ORMExecuteState) -> None:
        self.write()
        if state.is_insert:
            self._keys.clear()

    def _next_key(self, kind: type[Base]) -> int:
        if (key := next(self._keys.get(kind, iter(())), None)) is None:
            self._keys[kind] = self._more_keys(kind)
            key = next(self._keys[kind])
        return key

    def _more_keys(self, kind: type[Base]) -> Iterator[int]:
        """PostgreSQL: from the table's sequence, which other processes use as well; as many again as have been added. SQLite:
        what it would give itself; only one transaction writes at a time."""
        connection = self._session.connection()
        if connection.dialect.name == "postgresql":
            fields = {"table": kind.__tablename__, "count": max(self._expected, len(self._rows[kind]))}
            return iter(connection.scalars(_NEXT_KEYS, fields).all())
        (pk,) = inspect(kind).primary_key
        return count((connection.scalar(select(func.max(pk))) or 0) + 1)
