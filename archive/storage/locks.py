"""Locks: the right to fetch for an archive, and the right to schedule it."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import IO

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from archive.errors import DatelineError

_ADVISORY_KEY = 0x646174656C696E65  # "dateline"
_LEADER_KEY = 0x6461746C6C656164


class AlreadyFetching(DatelineError):
    """Another process fetches for this archive."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"another process is fetching for this archive ({where})",
            hint="If it is a daemon, it collects by itself: `dateline schedule run ID` lets it poll a source now. Otherwise wait "
            "until it is done, or stop it. Reading (search, show, export …) and taking up sources (sources add, enable, check) "
            "work meanwhile.",
        )


@contextmanager
def fetching_lock(engine: Engine, home: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the right to fetch for the block. It is released when the process ends in whatever way.

    On SQLite one process has it: the home is locked with flock. On PostgreSQL processes that work from the job queue (`shared`)
    may fetch side by side, on this machine or others. A process that does not keeps all others out. The database is locked as
    well there (advisory lock), because homes on other machines may share it.

    Raises:
        AlreadyFetching: Another process has the right.
    """
    several = shared and engine.dialect.name == "postgresql"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "fetch.lock").open("w") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if several else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyFetching(str(home / "fetch.lock")) from error
        if engine.dialect.name != "postgresql":
            yield
            return
        kind = "_shared" if several else ""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.scalar(text(f"SELECT pg_try_advisory_lock{kind}(:key)"), {"key": _ADVISORY_KEY}):
                raise AlreadyFetching("the database is locked from elsewhere")
            try:
                yield
            finally:
                # Where the connection broke, the lock went with it.
                with suppress(DBAPIError):
                    connection.execute(text(f"SELECT pg_advisory_unlock{kind}(:key)"), {"key": _ADVISORY_KEY})


def is_scheduled(engine: Engine, home: Path) -> bool:
    """Return whether a daemon schedules this archive now. On PostgreSQL it may be anywhere."""
    if engine.dialect.name == "postgresql":
        held = text(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (classid::bigint << 32 | objid::bigint) = :key)"
        )
        with engine.connect() as connection:
            return bool(connection.scalar(held, {"key": _LEADER_KEY}))
    try:
        with (home / "daemon.lock").open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (FileNotFoundError, PermissionError):  # there was none yet; or this person may not know
        return False
    return False


class AlreadyScheduling(DatelineError):
    """Another daemon schedules this archive."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"another daemon is running for this archive ({where})",
            hint="One is enough. On PostgreSQL a second one would stand by and take over; on SQLite there is no way to.",
        )


class Leadership:
    """The right to schedule an archive, which one daemon has at a time. It ends with the process, in whatever way.

    On SQLite it is a lock on a file in the home. On PostgreSQL it is an advisory lock, held by a connection of its own. If that
    breaks, the leadership may be somebody else's from that moment on.
    """

    def __init__(self, engine: Engine, home: Path) -> None:
        self._engine = engine
        self._path = home / "daemon.lock"
        self._file: IO[str] | None = None
        self._connection: Connection | None = None

    @property
    def shared(self) -> bool:
        """Whether another daemon may wait for this one to end."""
        return self._engine.dialect.name == "postgresql"

    def take(self) -> bool:
        """Try to take the leadership, or see whether it is still ours. Return whether it is.

        Raises:
            AlreadyScheduling: Another daemon has it, and nobody may wait for it.
        """
        return self._take_database() if self.shared else self._take_file()

    def give_up(self) -> None:
        """Give the leadership up."""
        if self._connection is not None:
            with suppress(DBAPIError), self._connection as connection:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LEADER_KEY})
            self._connection = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def _take_file(self) -> bool:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("w")
            for patience in (0.05, 0.1, 0.2, None):  # `is_scheduled` holds it for a moment
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError as error:
                    if patience is None:
                        file.close()
                        raise AlreadyScheduling(str(self._path)) from error
                    sleep(patience)
            self._file = file
        return True

    def _take_database(self) -> bool:
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except DBAPIError:
                with suppress(DBAPIError):
                    self._connection.invalidate()
                    self._connection.close()
                self._connection = None
            else:
                return True
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            taken = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LEADER_KEY}))
        except DBAPIError:
            connection.close()
            raise
        if not taken:
            connection.close()
            return False
        self._connection = connection
        return True
