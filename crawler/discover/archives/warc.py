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
from fastwarc.warc import ArchiveIterator, HeaderMap, WarcRecord, WarcRecordType

from archive.model.capture import Headers
from archive.model.content_codings import ContentError, decode_content
from archive.model.text.urls import clean_url

HEADER_LIMIT = 256 << 10
"""Bytes of WARC or HTTP header fields of one record; a record with more is passed over as damaged."""
MARK_EVERY = 1_000
_PAGES = ("text/html", "application/xhtml+xml")
_WANTED = WarcRecordType.response | WarcRecordType.revisit


class Stream(Protocol):
    """A stream of bytes. `tell` says at which byte of the file `read` goes on."""

    def read(self, size: int = -1, /) -> bytes: ...

    def tell(self) -> int: ...


class DamagedWarc(Exception):
    """The error of a file that cannot be read on. The message says why."""


@dataclass(frozen=True, slots=True)
class WarcPage:
    """One page. `offset` is the byte at which its record begins.

    `body` is as transferred, without transfer coding. `payload` is the body after content decoding. It is None where
    there is a `problem`, which starts with a stable word: `too-large`, `truncated: length`, `broken-gzip` …
    """

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
    """The numbers of records that were passed over, by what they are."""

    records: int = 0
    revisits: int = 0
    damaged: int = 0


def read_pages(stream: Stream, wants: Callable[[str], bool], passed: Passed, *, limit: int) -> Iterator[WarcPage | int]:
    """Read the pages in `stream` whose address is wanted, in their order, of each at most `limit` bytes.

    Every thousand records the byte that was reached comes between them. All records are counted in `passed`.

    Raises:
        DamagedWarc: The file cannot be read on.
    """
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
    """Read the page of a response. None if it is damaged, which `passed` counts, or no page of status 200."""
    at = record.record_date
    http = _http_headers(record)
    if http is None or at is None or http.status_code is None:
        passed.damaged += 1
        return None
    headers = tuple((name, value.replace("\x00", "")) for name, value in http)
    if http.status_code != 200 or not _is_page(headers):
        return None
    body, payload, problem = _read_body(record, headers, limit)
    return WarcPage(
        record.stream_pos,
        url,
        at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC),
        http.status_code,
        headers,
        body,
        payload,
        record.headers.get("WARC-IP-Address"),
        problem,
    )


def _http_headers(record: WarcRecord) -> HeaderMap | None:
    """Read the HTTP header fields of a record. None if they are damaged."""
    try:
        record.parse_http(auto_decode="none", max_header_len=HEADER_LIMIT, quirks_mode=True)
    except OSError:
        return None
    return record.http_headers


def _is_page(headers: Headers) -> bool:
    """Return whether the header fields name a page, or no type of content at all."""
    kind = _field(headers, "content-type")
    return not kind or kind.partition(";")[0].strip().lower() in _PAGES


def _read_body(record: WarcRecord, headers: Headers, limit: int) -> tuple[bytes, bytes | None, str | None]:
    """Read a body of at most `limit` bytes: as transferred without transfer coding, after content decoding, and the problem
    because of which it could not be decoded."""
    body = record.reader.read(limit + 1)
    if len(body) > limit:
        return body, None, "too-large"
    if cut := record.headers.get("WARC-Truncated"):
        return body, None, f"truncated: {cut}"
    body = _unchunked(body, headers)
    try:
        return body, decode_content(body, _field(headers, "content-encoding"), limit=limit), None
    except ContentError as error:
        return body, None, error.reason


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
