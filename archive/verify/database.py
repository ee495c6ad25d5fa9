"""The database's own pages, and the references between its rows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnClause, Connection, func, inspect, literal_column, select, table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from archive.tables import Base
from archive.verify.problems import Problem

MOST = 100
"""Damaged places of the database that are named; of more than that nobody needs a list."""
_HEALTHY = "ok"


def check_pages(session: Session) -> Iterator[Problem]:
    """Yield damage of the database itself.

    On SQLite every page, index and constraint is checked (`integrity_check`). On PostgreSQL every row is read. Where the
    extension `amcheck` is installed, the indexes are compared with their tables as well.
    """
    connection = session.connection()
    checks = _sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection)
    try:
        for said in checks:
            yield _damage(said)
    except DBAPIError as error:  # so damaged that not even the check gets through
        yield _damage(str(error.orig).strip())
        session.rollback()


def check_references(session: Session) -> Iterator[Problem]:
    """Yield rows that refer to rows which do not exist.

    PostgreSQL lets nobody delete those, except whoever turns its triggers off.
    """
    for source in Base.metadata.sorted_tables:
        for constraint in source.foreign_key_constraints:
            (here,), (there,) = constraint.columns, (element.column for element in constraint.elements)
            target = there.table.alias("target")
            lost = (
                select(here.label("value"), func.count().label("rows"))
                .select_from(source.outerjoin(target, target.c[there.name] == here))
                .where(here.is_not(None), target.c[there.name].is_(None))
                .group_by(here)
                .order_by(here)
                .limit(MOST)
            )
            for value, rows in session.execute(lost):
                yield Problem(
                    "reference-broken",
                    f"{rows:,} row{'s' if rows > 1 else ''} of `{source.name}` name {there.table.name}.{there.name} {value},"
                    " which is not there",
                    f"{source.name}.{here.name} {value}",
                )


def _damage(said: str) -> Problem:
    return Problem("database-damaged", said, "database")


def _sqlite(connection: Connection) -> Iterator[str]:
    for said in connection.exec_driver_sql(f"PRAGMA integrity_check({MOST})").scalars():
        if said != _HEALTHY:
            yield str(said)


def _postgresql(connection: Connection) -> Iterator[str]:
    names = inspect(connection).get_table_names()
    for name in names:
        row: ColumnClause[str] = literal_column("t::text")
        # Every value is taken out of its page, and out of where long ones are kept.
        query = select(func.sum(func.length(row))).select_from(table(name).alias("t"))
        try:
            with connection.begin_nested():
                connection.execute(query)
        except DBAPIError as error:
            yield f"{name}: {str(error.orig).strip()}"
    if not connection.scalar(text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'amcheck')")):
        return
    indexes = connection.execute(
        text(
            "SELECT c.relname, c.oid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_am a ON a.oid = c.relam JOIN pg_class t ON t.oid = i.indrelid"
            " WHERE a.amname = 'btree' AND i.indisvalid AND t.relname = ANY(:names) AND pg_table_is_visible(t.oid)"
        ),
        {"names": names},
    ).all()
    for name, oid in indexes:
        try:
            with connection.begin_nested():
                connection.execute(text("SELECT bt_index_check(CAST(:oid AS oid), true)"), {"oid": oid})
        except DBAPIError as error:
            said = str(error.orig).strip()
            if "permission denied" in said:
                return
            yield f"index {name}: {said}"
