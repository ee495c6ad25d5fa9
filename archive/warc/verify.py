"""Verify: are the bytes that the rows speak of there, and unchanged?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from archive.model.capture import digest
from archive.session import Archive
from archive.tables import CaptureRow
from archive.warc.reader import WarcError, read_response

BATCH = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """One capture looked at. `problem` is None where all is well."""

    capture_pk: int
    source_id: str
    url: str
    warc_file: str
    warc_offset: int
    problem: str | None


def count(archive: Archive) -> int:
    """Captures whose bytes are in a WARC file."""
    with archive.reading() as session:
        return session.scalar(select(func.count()).where(CaptureRow.warc_file.is_not(None))) or 0


def verify(archive: Archive, folder: Path) -> Iterator[Finding]:
    """Read every kept capture back from its WARC file and compare id, address, status and digests with its row."""
    last = 0
    with archive.reading() as session:
        while True:
            rows = list(
                session.scalars(
                    select(CaptureRow)
                    .where(CaptureRow.warc_file.is_not(None), CaptureRow.pk > last)
                    .order_by(CaptureRow.pk)
                    .limit(BATCH)
                )
            )
            for row in rows:
                assert row.warc_file is not None and row.warc_offset is not None, "selected so"
                yield Finding(row.pk, row.source_id, row.url, row.warc_file, row.warc_offset, _problem(row, folder))
            if len(rows) < BATCH:
                return
            last = rows[-1].pk
            session.expunge_all()


def _problem(row: CaptureRow, folder: Path) -> str | None:
    assert row.warc_file is not None and row.warc_offset is not None, "selected so"
    try:
        stored = read_response(folder / row.warc_file, row.warc_offset)
    except WarcError as error:
        return str(error)
    if stored.record_id != row.warc_record_id:
        return f"another record stands there: {stored.record_id}"
    if stored.url != (row.origin_url if row.origin == "wayback" else row.final_url):
        return f"the record is of another address: {stored.url}"
    if stored.status != row.status:
        return f"the record has status {stored.status}, the row {row.status}"
    if stored.kind != row.kept:
        return f"the record is a {stored.kind}, the row says {row.kept}"
    if stored.kind == "response" and digest(stored.body) != row.payload_digest:
        return "the bytes differ from the row's digest"
    if stored.dom is not None and digest(stored.dom) != row.content_digest:
        return "the DOM differs from the row's digest"
    return None
