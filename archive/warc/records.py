"""WARC/1.1 records (ISO 28500:2017) of an exchange, serialised by warcio, each as a gzip member of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from io import BytesIO
from typing import Literal
from urllib.parse import urlsplit
from uuid import uuid4

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.utils import Digester
from warcio.warcwriter import WARCWriter
from zlib_ng import zlib_ng

from archive.model.capture import Capture, Exchange, Headers

LEVEL = 5
"""gzip level of zlib-ng. 5 is larger than 6 by less than one percent and takes a fifth less time, 3 by four to seven and two
fifths (benchmarks/RESULTS.md); warcio compresses with zlib at 9."""

PROFILES = {
    "identical": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
    "not-modified": "http://netpreserve.org/warc/1.1/revisit/server-not-modified",
}
"""warcio knows the first only, and writes its 1.0 form by default."""


_REASONS = {int(status): status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Earlier:
    """The stored response that a revisit record refers to. `captured_at` is UTC."""

    record_id: str
    url: str
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class Revisit:
    """Why the body is not stored again. `identical`: the same bytes came; `not-modified`: the server answered 304."""

    kind: Literal["identical", "not-modified"]
    earlier: Earlier


@dataclass(frozen=True, slots=True)
class Record:
    """A serialised record: one gzip member, and its id."""

    data: bytes
    record_id: str


def warcinfo(filename: str, fields: Mapping[str, str], at: datetime) -> Record:
    """The record with which a file begins."""
    body = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value).encode()
    record = _Builder().create_warc_record(
        "",
        "warcinfo",
        payload=BytesIO(body),
        length=len(body),
        warc_headers=_head("warcinfo", at, WARC_Filename=filename),
    )
    return _serialise(record)


def conversion_record(exchange: Exchange, dom: bytes, record_id: str, response_id: str) -> Record:
    """What a browser made of a response: the page's HTML after its scripts."""
    head = _head("conversion", exchange.responded_at, record_id)
    head.add_header("WARC-Target-URI", exchange.url)
    head.add_header("WARC-Refers-To", response_id)
    head.add_header("Content-Type", "text/html; charset=utf-8")
    record = _Builder().create_warc_record(
        exchange.url, "conversion", payload=BytesIO(dom), length=len(dom), warc_headers=head
    )
    return _serialise(record, record_id)


def capture_records(capture: Capture, *, revisit: Revisit | None = None) -> tuple[list[Record], int]:
    """The records of a capture in the order in which they are written, and which of them is the answer. Of a memento they are
    our exchanges with the web archive, of a record in a WARC file of others that record, which names the file. A DOM stands
    directly behind its response, which names it in WARC-Concurrent-To; a revisit needs none."""
    if capture.origin.kind == "warc":
        records = list(exchange_records(capture.answer, taken_from=capture.origin.url or ""))
        return records, len(records) - 1
    *before, last = capture.via or (*capture.redirects, capture.answer)
    records = [record for hop in before for record in exchange_records(hop)]
    dom_id = new_id() if capture.dom is not None and revisit is None else None
    records += exchange_records(last, revisit=revisit, dom_id=dom_id)
    answer = len(records) - 1
    if capture.dom is not None and dom_id is not None:
        records.append(conversion_record(last, capture.dom, dom_id, records[answer].record_id))
    return records, answer


def exchange_records(
    exchange: Exchange, *, revisit: Revisit | None = None, taken_from: str | None = None, dom_id: str | None = None
) -> Iterator[Record]:
    """Request and response (or revisit) of one exchange, in the order in which they are written; the response alone where
    it is `taken_from` another WARC file: then the request was not ours. `dom_id`: the record of what a browser made of it."""
    at = exchange.responded_at
    response_id = new_id()
    facts = {"WARC-Target-URI": exchange.url, "WARC-IP-Address": exchange.ip or ""}
    if taken_from is not None:
        facts["WARC-Source-URI"] = taken_from
    else:
        yield _request(exchange, at, response_id, facts)
    http = StatusAndHeaders(
        f"{exchange.status} {_REASONS.get(exchange.status, '')}".rstrip(),
        _stored_headers(exchange.response_headers),
        protocol=f"HTTP/{exchange.http_version}",
    )
    if exchange.truncated:
        facts["WARC-Truncated"] = exchange.truncated
    if revisit is None:
        head = _head("response", at, response_id, **facts)
        if dom_id is not None:
            head.add_header("WARC-Concurrent-To", dom_id)
        body = exchange.body
    else:
        head = _head("revisit", at, response_id, **facts)
        head.add_header("WARC-Profile", PROFILES[revisit.kind])
        head.add_header("WARC-Refers-To", revisit.earlier.record_id)
        head.add_header("WARC-Refers-To-Target-URI", revisit.earlier.url)
        head.add_header("WARC-Refers-To-Date", _time(revisit.earlier.captured_at))
        if revisit.kind == "identical":
            head.add_header("WARC-Payload-Digest", _payload_digest(exchange.body))
            if exchange.body and not exchange.truncated:
                head.add_header("WARC-Truncated", "length")
        body = b""
    record = _Builder().create_warc_record(
        exchange.url,
        "response" if revisit is None else "revisit",
        payload=BytesIO(body),
        length=len(body),
        warc_headers=head,
        http_headers=http,
    )
    yield _serialise(record, response_id)


def _request(exchange: Exchange, at: datetime, response_id: str, facts: Mapping[str, str]) -> Record:
    return _serialise(
        _Builder().create_warc_record(
            exchange.url,
            "request",
            payload=BytesIO(exchange.request_body),
            length=len(exchange.request_body),
            warc_headers=_head("request", at, **facts, WARC_Concurrent_To=response_id),
            http_headers=StatusAndHeaders(
                f"{exchange.method} {_target(exchange.url)} HTTP/{exchange.http_version}",
                list(exchange.request_headers),
                is_http_request=True,
            ),
        )
    )


def _stored_headers(headers: Headers) -> list[tuple[str, str]]:
    """Response headers as stored: the body has no transfer coding any more, and readers would undo it again."""
    return [
        (f"X-Archive-Orig-{name}" if name.lower() == "transfer-encoding" else name, " ".join(value.splitlines()))
        for name, value in headers
    ]


class _Builder(WARCWriter):  # type: ignore[misc]  # warcio is untyped
    """warcio's writer in memory, uncompressed."""

    def __init__(self) -> None:
        self.buffer = BytesIO()
        super().__init__(self.buffer, gzip=False, warc_version="1.1")


def _serialise(record: ArcWarcRecord, record_id: str | None = None) -> Record:
    writer = _Builder()
    writer.write_record(record)
    engine = zlib_ng.compressobj(LEVEL, zlib_ng.DEFLATED, zlib_ng.MAX_WBITS | 16)
    data = engine.compress(writer.buffer.getbuffer()) + engine.flush()
    return Record(data, record_id or record.rec_headers.get_header("WARC-Record-ID"))


def _head(kind: str, at: datetime, record_id: str | None = None, **fields: str) -> StatusAndHeaders:
    head = StatusAndHeaders("", [], protocol="WARC/1.1")
    head.add_header("WARC-Type", kind)
    head.add_header("WARC-Record-ID", record_id or new_id())
    head.add_header("WARC-Date", _time(at))
    for name, value in fields.items():
        if value:
            head.add_header(name.replace("_", "-"), value)
    return head


def new_id() -> str:
    return f"<urn:uuid:{uuid4()}>"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _payload_digest(body: bytes) -> str:
    digester = Digester("sha1")
    digester.update(body)
    return str(digester)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
