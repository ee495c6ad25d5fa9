"""The archive's writer, and works for it: a row, or a row and its bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from archive.storage.session import Archive
from archive.tables import RunRow
from archive.testing import START, a_capture
from archive.warc.writer import Place, WarcFolder
from archive.writer.writer import Transaction, Writer


@contextmanager
def a_writer(
    archive: Archive,
    folder: Path,
    *,
    worker: int | None = None,
    patience: float = 0.0,
    patience_for_room: float = 0.0,
) -> Iterator[Writer]:
    """The writer of a fetching process, with its WARC files in `folder`. Its clock stands at START."""
    warc = WarcFolder(folder, archive_id="abc", max_size=1 << 30, clock=lambda: START, info={})
    writer = Writer(
        archive.engine,
        warc,
        clock=lambda: START,
        worker=worker,
        patience=patience,
        patience_for_room=patience_for_room,
    )
    with warc, writer:
        yield writer


def a_row(tx: Transaction) -> None:
    """Write a row."""
    tx.session.add(RunRow(kind="test", started_at=tx.now))


def a_look(tx: Transaction) -> Place:
    """Write a row and its bytes. Return the place of the bytes."""
    a_row(tx)
    tx.session.flush()
    return tx.warc.write(a_capture())


def rows(archive: Archive) -> int:
    """Count the rows of such works."""
    with archive.reading() as session:
        return session.scalar(select(func.count()).select_from(RunRow)) or 0
