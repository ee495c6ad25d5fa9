"""Pages out of WARC files that others made: streamed record by record, whatever the size of the file.

Read are the responses of status 200 with a page that a source wants; requests, revisits (they hold no page, and what they refer
to may lie in another file), other statuses and other kinds of content are passed over. A record's place is the byte at which
it begins in the file as it lies there, so that reading goes on from any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Protocol

from fastwarc.stream_io import ChunkedReader
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from archive.model.capture import Headers
from archive.model.content_codings import ContentError, decode_content
from archive.model.text.urls import clean_url

HEADER_LIMIT = 256 << 10
"""Bytes of WARC or HTTP header fields of one record; a record with more is passed over as damaged."""
MARK_EVERY = 1_000
_PAGES = ("text/html", "application/xhtml+xml")
_WANTED = WarcRecordType.response | WarcRecordType.revisit


class Stream(Protocol):
    """Bytes one after the other. `tell`: the byte of the file that `read` gives next."""

    def read(self, size: int = -1, /) -> bytes: ...

    def tell(self) -> int: ...


class DamagedWarc(Exception):
    """The file cannot be read on; the message says why."""


@dataclass(frozen=True, slots=True)
class WarcPage:
    """One page; `offset`: where its record begins. `body` is as transferred, without transfer coding; `payload` is it after content decoding, None where there
    is a `problem` (a stable word first: `too-large`, `truncated: length`, `broken-gzip` …)."""

    offset: int
    url: str
    captured_at: datetime
    status: int
    headers: Headers
    body: bytes
    payload: bytes | None
    ip: str | None = None
    problem: str | None = None


@dataclass(slots=True)
class Passed:
    """Records that were passed over, by what they are."""

    records: int = 0
    revisits: int = 0
    damaged: int = 0


def read_pages(stream: Stream, wants: Callable[[str], bool], passed: Passed, *, limit: int) -> Iterator[WarcPage | int]:
    """The pages in `stream` whose address is wanted, in their order, of each at most `limit` bytes; and every thousand records
    the byte that was reached. Counts in `passed` all records that it comes by. Raises DamagedWarc."""
    try:
        records = ArchiveIterator(
            stream,  # type: ignore[arg-type]  # it reads and tells its place, and that is all that is asked of it
            record_types=WarcRecordType.any_type,
            parse_http=False,
            max_header_len=HEADER_LIMIT,
        )
        for record in records:
            passed.records += 1
            if passed.records % MARK_EVERY == 0:
                yield record.stream_pos
            if record.record_type == WarcRecordType.revisit:
                passed.revisits += 1
            elif record.record_type == WarcRecordType.response:
                url = clean_url((record.headers.get("WARC-Target-URI") or "").strip("<>"))
                if url is not None and wants(url) and (page := _page(record, url, passed, limit)) is not None:
                    yield page
    except OSError as error:
        raise DamagedWarc(str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # fastwarc's own, for what it did not expect
            raise
        raise DamagedWarc(str(error)[:200]) from error


def _page(record: WarcRecord, url: str, passed: Passed, limit: int) -> WarcPage | None:
    at = record.record_date
    try:
        record.parse_http(auto_decode="none", max_header_len=HEADER_LIMIT, quirks_mode=True)
    except OSError:
        passed.damaged += 1
        return None
    http = record.http_headers
    if http is None or at is None or http.status_code is None:
        passed.damaged += 1
        return None
    headers = tuple((name, value.replace("\x00", "")) for name, value in http)
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    if http.status_code != 200 or (kind and kind.partition(";")[0].strip().lower() not in _PAGES):
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    body = record.reader.read(limit + 1)
    cut = record.headers.get("WARC-Truncated")
    problem = "too-large" if len(body) > limit else f"truncated: {cut}" if cut else None
    payload = None
    if problem is None:
        body = _unchunked(body, headers)
        try:
            payload = decode_content(body, _field(headers, "content-encoding"), limit=limit)
        except ContentError as error:
            problem = error.reason
    return WarcPage(
        record.stream_pos,
        url,
        at,
        http.status_code,
        headers,
        body,
        payload,
        record.headers.get("WARC-IP-Address"),
        problem,
    )


def _unchunked(body: bytes, headers: Headers) -> bytes:
    """The body without transfer coding. Many writers undo it and keep the header; what is not chunked is left as it is."""
    if "chunked" not in (_field(headers, "transfer-encoding") or "").lower():
        return body
    try:
        return bytes(ChunkedReader(BytesIO(body)).read(-1))
    except OSError:
        return body


def _field(headers: Headers, name: str) -> str | None:
    return next((value for key, value in headers if key.lower() == name), None)
