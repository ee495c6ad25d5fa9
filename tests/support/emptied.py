"""PostgreSQL databases that many tests use, one after the other: a new one takes ten times as long as it takes to empty one."""

from __future__ import annotations

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

_STRUCTURE = """
SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
    SELECT format('class %s %s %s %s', oid, relname, relkind, reloptions) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('column %s %s %s %s %s %s', attrelid, attname, atttypid, attnotnull, atthasdef, attisdropped)
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('constraint %s %s', oid, conname) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('trigger %s %s %s', oid, tgname, tgenabled) FROM pg_trigger
    UNION ALL
    SELECT format('rule %s %s', ev_class, md5(ev_action::text)) FROM pg_rewrite
    UNION ALL
    SELECT format('function %s %s', oid, md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('schema %s', nspname) FROM pg_namespace WHERE nspname !~ '^pg_'
    UNION ALL
    SELECT format('extension %s', extname) FROM pg_extension
    UNION ALL
    SELECT format('setting %s %s', setdatabase, setconfig) FROM pg_db_role_setting
    UNION ALL
    SELECT format('statistics %s %s', starelid, staattnum) FROM pg_statistic
        JOIN pg_class ON pg_class.oid = starelid WHERE relnamespace = 'public'::regnamespace
) AS lines (line)
"""
_USED_SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
"""


class Emptied:
    """A database as it is now, to which `again` brings it back."""

    def __init__(self, url: str) -> None:
        self.url = url
        with self._connected() as connection:
            self._tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
            self._rows = {table: _rows(connection, table) for table in self._with_rows(connection)}
            self._structure = connection.scalar(text(_STRUCTURE))

    def again(self) -> bool:
        """Have the rows that it had. False where more than rows was changed, or it cannot be done: then it is of no use any
        more."""
        try:
            with self._connected() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
                if connection.scalar(text(_STRUCTURE)) != self._structure:
                    return False
                used = {*self._with_rows(connection), *self._rows}
                used -= {table for table, rows in self._rows.items() if _rows(connection, table) == rows}
                # TRUNCATE makes new files for a table, its indexes, and all that refers to it: ten times the time.
                work = ["SET lock_timeout = '10s'", "SET session_replication_role = replica"]
                work += [f"DELETE FROM {table}" for table in used]
                work += [f"ALTER SEQUENCE {name} RESTART" for name in connection.scalars(text(_USED_SEQUENCES))]
                connection.execute(text("; ".join(work)))
                for table in used & self._rows.keys():
                    connection.execute(
                        text(f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, :rows)"),
                        {"rows": self._rows[table]},
                    )
                return all(_rows(connection, table) == rows for table, rows in self._rows.items())
        except DBAPIError:
            return False

    def _connected(self) -> Connection:
        return create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect()

    def _with_rows(self, connection: Connection) -> list[str]:
        looks = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in self._tables)
        return [*connection.scalars(text(" UNION ALL ".join(looks)))]


def _rows(connection: Connection, table: str) -> str:
    """A table's rows as JSON."""
    return connection.scalar(text(f"SELECT json_agg(t ORDER BY t::text)::text FROM {table} t")) or "[]"
