"""One fetching process an archive: it is the sole writer of its WARC files, and keeps the hosts' delays."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

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
def fetching_lock(engine: Engine, home: Path) -> Iterator[None]:
    """Hold the right to fetch; released when the process ends in whatever way. Raises AlreadyFetching.

    The home is locked with flock (its WARC files have one writer), and on PostgreSQL the database with an advisory
    lock as well, because homes on other machines may share it.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "fetch.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyFetching(str(home / "fetch.lock")) from error
        if engine.dialect.name != "postgresql":
            yield
            return
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}):
                raise AlreadyFetching("the database is locked from elsewhere")
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_KEY})
