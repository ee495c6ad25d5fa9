"""What all queries share: a session to read with, and the errors that a reader can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from archive.errors import UsageError
from archive.storage.session import Archive

Reader = Archive | Session
"""What queries read from: an open archive, or a session of the caller's (to ask several things of one state)."""


class NotFound(UsageError):
    """What was asked for is not in the archive. The hint says what is known instead."""


class Ambiguous(UsageError):
    """A reference fits several articles. The hint lists them."""


@contextmanager
def reading(reader: Reader) -> Iterator[Session]:
    """A session on `reader`. A session of the caller's is left as it is."""
    if isinstance(reader, Session):
        yield reader
        return
    with reader.reading() as session:
        yield session
