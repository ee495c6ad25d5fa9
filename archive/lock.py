"""One fetching process an archive: it is the sole writer of its WARC files, and keeps the hosts' delays."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from archive.errors import DatelineError

_ADVISORY_KEY = 0x646174656C696E65  # "dateline"


class AlreadyFetching(DatelineError):
    """Another process fetches for this archive."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"another process is fetching for this archive ({where})",
            hint="Wait until it is done, or stop it. Reading (search, show, export …) works meanwhile.",
        )


@contextmanager
def fetching_lock(engine: Engine, home: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the right to fetch; released when the process ends in whatever way. Raises AlreadyFetching.

    On SQLite it is the only one: the home is locked with flock. On PostgreSQL processes that work from the job queue
    (`shared`) may fetch side by side, on this machine or others; one that does not keeps all others out. The database is
    locked as well there (advisory lock), because homes on other machines may share it.
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
