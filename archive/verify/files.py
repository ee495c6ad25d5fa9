"""WARC files against rows: every byte of every file is read, and every record must be what a row says, or belong to one.

A row names the record that answered. Before it stand the requests and answers that led to it (redirects; of a web archive's
replay our exchanges with that), behind it the DOM of a rendered page. Nothing else may stand between two rows' records.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.model.capture import digest
from archive.model.content_codings import ContentError, decode_content
from archive.storage.archive_id import archive_id
from archive.storage.session import Archive
from archive.tables import CaptureRow
from archive.verify.problems import Kind, Problem
from archive.verify.records import Damage, Member, WarcRecord, member_at, members, record_of
from archive.warc.reader import PAYLOAD_LIMIT
from archive.warc.writer import NAME, SUFFIX

Progress = Callable[[int], object]
"""Called with the number of captures that were checked since the last call."""
_REPLAYED = "wayback"


def check_files(session: Session, archive: Archive, folder: Path, progress: Progress) -> Iterator[Problem]:
    """Yield the problems of all files of this archive. `session` sees one state of the rows, and a crawl may write on
    meanwhile.
    """
    counts = select(CaptureRow.warc_file, func.count()).where(CaptureRow.warc_file.is_not(None))
    named = {str(name): count for name, count in session.execute(counts.group_by(CaptureRow.warc_file))}
    mine = {path.name for path in folder.glob(f"dateline-{archive_id(session)}-*{SUFFIX}") if NAME.match(path.name)}
    for name in sorted(named.keys() | mine):
        rows = session.scalars(
            select(CaptureRow).where(CaptureRow.warc_file == name).order_by(CaptureRow.warc_offset, CaptureRow.pk)
        )
        checked = _File(archive, folder / name, list(rows))
        yield from checked.problems()
        progress(named.get(name, 0))
        session.expunge_all()


def check_captures(rows: Sequence[CaptureRow], folder: Path, progress: Progress) -> Iterator[Problem]:
    """Yield the problems of these captures' records alone (of a sample)."""
    for row in rows:
        assert row.warc_file is not None, "selected so"
        one = _File(None, folder / row.warc_file, [row])
        yield from one.sampled()
        progress(1)


@dataclass(slots=True)
class _Reading:
    """What is known while a file is read from its first byte to its last.

    `waiting` has the rows whose records were not met yet, by the byte at which these begin. `before` has the records since the
    last row's, whose own row follows. `dom_of` is a row and the id of the DOM that must come next, or None.
    """

    waiting: dict[int | None, CaptureRow]
    before: list[tuple[Member, WarcRecord]] = field(default_factory=list)
    dom_of: tuple[CaptureRow, str] | None = None
    damaged: bool = False
    """Whether something could not be read since the last row's record. Then nobody knows what belongs to the next row."""


class _File:
    def __init__(self, archive: Archive | None, path: Path, rows: list[CaptureRow]) -> None:
        self._archive = archive
        self._path = path
        self._rows = rows

    def problems(self) -> Iterator[Problem]:
        """Yield the problems of the whole file."""
        try:
            with self._path.open("rb") as file:
                yield from self._read(file)
        except OSError as error:
            yield from self._unreadable(error)

    def sampled(self) -> Iterator[Problem]:
        """Yield the problems of the record of its one row."""
        (row,) = self._rows
        try:
            with self._path.open("rb") as file:
                yield from self._at(file, row)
        except OSError as error:
            yield from self._unreadable(error)

    def _unreadable(self, error: OSError) -> Iterator[Problem]:
        """Every capture of it, so that all are named; people are told their number."""
        kind: Kind = "file-missing" if isinstance(error, FileNotFoundError) else "record-damaged"
        for row in self._rows:
            yield self._of(kind, row, f"{self._path.name}: {error.strerror or error}")

    def _read(self, file: BinaryIO) -> Iterator[Problem]:
        size = os.fstat(file.fileno()).st_size
        end = max((_end(row) for row in self._rows), default=0)
        state = _Reading({row.warc_offset: row for row in self._rows})
        for item in members(file, 0, min(end, size)):
            if isinstance(item, Member):
                yield from self._member(state, item)
            else:
                at, damage = item
                state.damaged = True
                yield self._damaged(at, str(damage), state.waiting.pop(at, None))
        if state.dom_of is not None:
            yield self._dom_missing(state.dom_of[0])
        yield from (self._stray(*one) for one in state.before if one[0].offset or one[1].kind != "warcinfo")
        for row in state.waiting.values():
            yield self._of("record-missing", row, "no record begins there")
        if size > end and not self._is_written(file, end):
            yield from self._tail(size - end, end)

    def _member(self, state: _Reading, member: Member) -> Iterator[Problem]:
        """What is wrong with the next member, and with the rows to which it belongs."""
        row = state.waiting.pop(member.offset, None)
        try:
            record = record_of(member.data)
        except Damage as damage:
            state.damaged = True
            yield self._damaged(member.offset, str(damage), row)
            return
        if state.dom_of is not None:
            of, wanted = state.dom_of
            state.dom_of = None
            if record.id == wanted:
                yield from self._dom(of, record, member)
                return
            yield self._dom_missing(of)
        if row is None:
            state.before.append((member, record))
            return
        if not state.damaged:
            yield from self._led_to(row, record, state.before)
        state.before, state.damaged = [], False
        yield from _compare(self._of, row, record, member)
        if (dom := record.fields.get("warc-concurrent-to")) is not None:
            state.dom_of = row, dom

    def _dom_missing(self, row: CaptureRow) -> Problem:
        return self._of("record-missing", row, "the DOM that belongs to it does not follow")

    def _at(self, file: BinaryIO, row: CaptureRow) -> Iterator[Problem]:
        assert row.warc_offset is not None, "selected so"
        try:
            member = member_at(file, row.warc_offset)
            record = record_of(member.data)
        except Damage as damage:
            yield self._damaged(row.warc_offset, str(damage), row)
            return
        yield from _compare(self._of, row, record, member)
        if (wanted := record.fields.get("warc-concurrent-to")) is None:
            return
        try:
            behind = member_at(file, row.warc_offset + member.length)
            dom = record_of(behind.data)
        except Damage as damage:
            yield self._damaged(row.warc_offset + member.length, str(damage), row)
            return
        if dom.id != wanted:
            yield self._dom_missing(row)
        else:
            yield from self._dom(row, dom, behind)

    def _dom(self, row: CaptureRow, record: WarcRecord, member: Member) -> Iterator[Problem]:
        if digest(record.payload) != row.content_digest:
            yield self._of("record-differs", row, "the DOM differs from the row's digest")
        if member.offset + member.length != _end(row):
            yield self._of("record-differs", row, f"the row says that it ends at byte {_end(row)}")

    def _led_to(
        self, row: CaptureRow, answer: WarcRecord, before: list[tuple[Member, WarcRecord]]
    ) -> Iterator[Problem]:
        """What stands between the last row's record and this one: requests, and the answers before it."""
        if before and before[0][0].offset == 0 and before[0][1].kind == "warcinfo":
            name = before[0][1].payload.decode("utf-8", "replace")
            before = before[1:]
            if not name.strip():
                yield self._damaged(0, "the file's warcinfo record is empty", None)
        asked: dict[str, Member] = {}
        hops: list[WarcRecord] = []
        for member, record in before:
            if record.kind == "request":
                asked[record.fields.get("warc-concurrent-to", "")] = member
            elif (
                record.kind == "response" and asked.pop(record.id, None) is not None and _is_hop(row, len(hops), record)
            ):
                hops.append(record)
            else:
                yield self._stray(member, record)
        if row.origin != "warc" and asked.pop(answer.id, None) is None:
            yield self._of("record-missing", row, "the record of its request is not there")
        for member in asked.values():
            yield self._stray(member, record_of(member.data))
        if row.origin == "live" and len(hops) != len(row.redirects):
            yield self._of(
                "record-missing", row, f"{len(hops)} of its {len(row.redirects)} redirects have a record before it"
            )

    def _tail(self, length: int, end: int) -> Iterator[Problem]:
        said = f"{length:,} bytes stand behind the last committed record, which ends at byte {end:,}"
        yield Problem("unfinished-end", said, self._path.name, warc_file=self._path.name, warc_offset=end)

    def _is_written(self, file: BinaryIO, end: int) -> bool:
        """Return whether a crawl writes to the file, or has committed more meanwhile."""
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        fcntl.flock(file, fcntl.LOCK_UN)
        assert self._archive is not None, "whole files are checked with their archive"
        last = func.max(CaptureRow.warc_offset + CaptureRow.warc_length)
        with self._archive.reading() as session:
            now = session.scalar(select(last).where(CaptureRow.warc_file == self._path.name)) or 0
        return int(now) > end

    def _stray(self, member: Member, record: WarcRecord) -> Problem:
        said = f"a {record.kind} of {record.fields.get('warc-target-uri', 'no address')}, which no row names"
        return Problem(
            "record-without-row",
            said,
            record.id,
            url=record.fields.get("warc-target-uri"),
            warc_file=self._path.name,
            warc_offset=member.offset,
        )

    def _damaged(self, at: int, said: str, row: CaptureRow | None) -> Problem:
        if row is not None:
            return self._of("record-damaged", row, said)
        return Problem("record-damaged", said, f"{self._path.name} at {at}", warc_file=self._path.name, warc_offset=at)

    def _of(self, kind: Kind, row: CaptureRow, said: str) -> Problem:
        return Problem(kind, said, f"capture {row.pk}", row.source_id, row.url, row.warc_file, row.warc_offset, row.pk)


def _is_hop(row: CaptureRow, number: int, record: WarcRecord) -> bool:
    """Return whether an answer before the row's own may have led to it."""
    if row.origin == _REPLAYED:
        return True  # what the web archive answered on the way is no part of the row
    if row.origin != "live" or number >= len(row.redirects):
        return False
    hop = row.redirects[number]
    return bool(record.fields.get("warc-target-uri") == hop["url"] and record.status == hop["status"])


def _end(row: CaptureRow) -> int:
    return (row.warc_offset or 0) + (row.warc_length or 0)


def _compare(
    problem: Callable[[Kind, CaptureRow, str], Problem], row: CaptureRow, record: WarcRecord, member: Member
) -> Iterator[Problem]:
    """A row and the record that stands where it says."""
    for said in _differences(row, record, member):
        yield problem("record-differs", row, said)


def _differences(row: CaptureRow, record: WarcRecord, member: Member) -> Iterator[str]:
    if record.kind not in ("response", "revisit"):
        yield f"no response begins there, but a {record.kind or 'record without a type'}"
        return
    yield from _differences_of_record(row, record, member)
    yield from _of_time(row, record.fields.get("warc-date"))
    yield from _differences_of_answer(row, record)
    if record.kind == "response":
        yield from _differences_of_body(row, record)


def _differences_of_record(row: CaptureRow, record: WarcRecord, member: Member) -> Iterator[str]:
    if record.id != row.warc_record_id:
        yield f"another record stands there: {record.id}"
    url = record.fields.get("warc-target-uri")
    if url != (row.origin_url if row.origin == _REPLAYED else row.final_url):
        yield f"the record is of another address: {url}"
    if record.status != row.status:
        yield f"the record has status {record.status}, the row {row.status}"
    if record.kind != row.kept:
        yield f"the record is a {record.kind}, the row says {row.kept}"
    if "warc-concurrent-to" not in record.fields and member.length != row.warc_length:
        yield f"the record has {member.length} bytes, the row says {row.warc_length}"


def _differences_of_answer(row: CaptureRow, record: WarcRecord) -> Iterator[str]:
    """Who answered, and the headers."""
    if (record.fields.get("warc-ip-address") or None) != (row.ip or None) and row.origin != _REPLAYED:
        yield f"the record has the address {record.fields.get('warc-ip-address')}, the row {row.ip}"
    plain = all(str(name).isascii() for name, _ in row.headers)
    if row.origin != _REPLAYED and plain and _comparable(record.headers) != _stored(row.headers):
        yield "the headers of the record are not those of the row"


def _differences_of_body(row: CaptureRow, record: WarcRecord) -> Iterator[str]:
    """The body as it came and the page that it shows. A revisit record has none."""
    if (record.fields.get("warc-truncated") or None) != (row.truncated or None):
        yield "the record and the row do not agree on whether the body is whole"
    if digest(record.payload) != row.payload_digest:
        yield "the bytes differ from the row's digest"
    if len(record.payload) != row.length:
        yield f"the body has {len(record.payload)} bytes, the row says {row.length}"
    if "warc-concurrent-to" not in record.fields and row.origin != _REPLAYED and not row.truncated:
        coding = next((value for name, value in record.headers if name.lower() == "content-encoding"), None)
        try:
            shown = decode_content(record.payload, coding, limit=PAYLOAD_LIMIT)
        except ContentError:
            return  # a body that cannot be decoded was kept as it came
        if digest(shown) != row.content_digest:
            yield "the page differs from the row's digest"


def _of_time(row: CaptureRow, written: str | None) -> Iterator[str]:
    """The record's date (UTC, to the microsecond) is when the answer was complete."""
    try:
        at = datetime.fromisoformat(written or "")
    except ValueError:
        yield f"the record has no date: {written}"
        return
    if row.origin == _REPLAYED:
        if at < row.requested_at:
            yield f"the record was written at {written}, before the row says that we asked"
    elif at != row.captured_at:
        yield f"the record is of {written}, the row of {row.captured_at.isoformat()}"


def _comparable(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str | None]]:
    """Names and values; of values beyond ASCII, which are stored percent-encoded, the name alone."""
    return [
        (name.lower().removeprefix("x-archive-orig-"), value if value.isascii() and "%" not in value else None)
        for name, value in headers
    ]


def _stored(headers: Sequence[Sequence[str]]) -> list[tuple[str, str | None]]:
    pairs = [(str(name), " ".join(str(value).splitlines()).strip()) for name, value in headers]
    return _comparable(pairs)
