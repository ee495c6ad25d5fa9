"""Single lookups in the database, for whoever makes one a page: a session for each would cost more than the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, Select
from sqlalchemy.exc import DBAPIError

from archive.storage.session import connect_for_questions


class Lookups:
    """One connection, for one thread, that stays open from the first question to `close`.

    Each question is answered from what is committed when it is asked. Between two of them no transaction is open. One would
    keep SQLite from cutting its WAL, and PostgreSQL from cleaning up what is outdated.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def value(self, statement: Select[Any], values: Mapping[str, Any]) -> Any:
        """The first column of the first row. None means that there is no row.

        If the connection turns out to be broken (the server was restarted), it is made anew and the question is asked once
        more.

        Raises:
            DBAPIError: The database cannot answer (SQLAlchemy's).
        """
        try:
            return self._ask(statement, values)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return self._ask(statement, values)

    def _ask(self, statement: Select[Any], values: Mapping[str, Any]) -> Any:
        if self._connection is None:
            self._connection = connect_for_questions(self._engine)
        try:
            return self._connection.scalar(statement, values)
        except BaseException:
            self.close()  # whatever state it is in: the next question gets another one
            raise

    def close(self) -> None:
        """Close the connection. A later question opens another one."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()
