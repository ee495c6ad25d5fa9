"""WARC/1.1 records (ISO 28500:2017) of an exchange, each to be kept as a gzip member of its own.

They are written here byte for byte as warcio writes them, which the tests compare; digests aside, that takes a third of its time.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlsplit
from uuid import uuid4

from isal import isal_zlib
from warcio.statusandheaders import StatusAndHeaders
from zlib_ng import zlib_ng

from archive.model.capture import Capture, Exchange, Headers

LEVEL = 5
"""gzip level of zlib-ng. 5 is larger than 6 by less than one percent and takes a fifth less time, 3 by four to seven and two
fifths (benchmarks/RESULTS.md); warcio compresses with zlib at 9."""

HURRIED_LEVEL = 2
"""gzip level of ISA-L, for a crawl that waits for no host but for the CPU: nine to thirteen percent larger than zlib-ng's 5, in a
fifth of its time."""

PROFILES = {
    "identical": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
    "not-modified": "http://netpreserve.org/warc/1.1/revisit/server-not-modified",
}
"""Why a body is not stored again (WARC/1.1, 6.7)."""

_GZIP = zlib_ng.MAX_WBITS | 16
"""zlib's way of asking for the gzip format."""

_NO_PAYLOAD_DIGEST = ("warcinfo", "revisit")
"""Types of records for which none is computed: a warcinfo has no payload, a revisit that of another record."""

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
    """A serialised record, not yet compressed, and its id."""

    data: bytes
    record_id: str


def pack(data: bytes, *, hurried: bool = False) -> bytes:
    """`data` as a gzip member: small, since an archive is kept for years, or `hurried`, soon done."""
    if hurried:
        return isal_zlib.compress(data, HURRIED_LEVEL, _GZIP)
    engine = zlib_ng.compressobj(LEVEL, zlib_ng.DEFLATED, _GZIP)
    return engine.compress(data) + engine.flush()


def warcinfo(filename: str, fields: Mapping[str, str], at: datetime) -> Record:
    """The record with which a file begins."""
    body = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value).encode()
    head = _head("warcinfo", at, new_id(), {"WARC-Filename": filename})
    return _serialise(head, b"", body, "application/warc-fields")


def conversion_record(exchange: Exchange, dom: bytes, record_id: str, response_id: str) -> Record:
    """What a browser made of a response: the page's HTML after its scripts."""
    head = _head("conversion", exchange.responded_at, record_id)
    head |= {
        "WARC-Target-URI": exchange.url,
        "WARC-Refers-To": response_id,
        "Content-Type": "text/html; charset=utf-8",
    }
    return _serialise(head, b"", dom, head["Content-Type"])


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
    if exchange.truncated:
        facts["WARC-Truncated"] = exchange.truncated
    head = _head("response" if revisit is None else "revisit", at, response_id, facts)
    body = exchange.body
    if revisit is not None:
        head |= {
            "WARC-Profile": PROFILES[revisit.kind],
            "WARC-Refers-To": revisit.earlier.record_id,
            "WARC-Refers-To-Target-URI": revisit.earlier.url,
            "WARC-Refers-To-Date": _time(revisit.earlier.captured_at),
        }
        if revisit.kind == "identical":
            head["WARC-Payload-Digest"] = _digest(body)
            if body and not exchange.truncated:
                head["WARC-Truncated"] = "length"
        body = b""
    elif dom_id is not None:
        head["WARC-Concurrent-To"] = dom_id
    status = f"HTTP/{exchange.http_version} {exchange.status} {_REASONS.get(exchange.status, '')}".rstrip()
    http = _http(status, _stored_headers(exchange.response_headers))
    yield _serialise(head, http, body, "application/http; msgtype=response")


def _request(exchange: Exchange, at: datetime, response_id: str, facts: Mapping[str, str]) -> Record:
    head = _head("request", at, new_id(), {**facts, "WARC-Concurrent-To": response_id})
    asked = f"{exchange.method} {_target(exchange.url)} HTTP/{exchange.http_version}"
    http = _http(asked, exchange.request_headers)
    return _serialise(head, http, exchange.request_body, "application/http; msgtype=request")


def _stored_headers(headers: Headers) -> Headers:
    """Response headers as stored: the body has no transfer coding any more, and readers would undo it again."""
    return tuple(
        (f"X-Archive-Orig-{name}" if name.lower() == "transfer-encoding" else name, " ".join(value.splitlines()))
        for name, value in headers
    )


def _http(first_line: str, headers: Headers) -> bytes:
    """The head of an HTTP message. Values beyond ASCII are written as warcio does: percent-encoded (RFC 8187)."""
    text = f"{first_line}\r\n{_lines(headers)}\r\n"
    if text.isascii():
        return text.encode()
    encoded: bytes = StatusAndHeaders(first_line, list(headers)).to_ascii_bytes()
    return encoded


def _serialise(head: dict[str, str], http: bytes, payload: bytes, content_type: str) -> Record:
    """The record whose block is `http` and `payload`; to `head` is added what follows from them."""
    if head["WARC-Type"] not in _NO_PAYLOAD_DIGEST:
        head["WARC-Payload-Digest"] = _digest(payload)
    head["WARC-Block-Digest"] = _digest(http, payload)
    head["Content-Type"] = content_type
    head["Content-Length"] = str(len(http) + len(payload))
    fields = f"WARC/1.1\r\n{_lines(head.items())}\r\n".encode()
    return Record(b"".join((fields, http, payload, b"\r\n\r\n")), head["WARC-Record-ID"])


def _head(kind: str, at: datetime, record_id: str, facts: Mapping[str, str] | None = None) -> dict[str, str]:
    """A record's named fields, in order; of `facts` those that are known."""
    fields = {"WARC-Type": kind, "WARC-Record-ID": record_id, "WARC-Date": _time(at)}
    return fields | {name: value for name, value in (facts or {}).items() if value}


def _lines(fields: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in fields)


def new_id() -> str:
    return f"<urn:uuid:{uuid4()}>"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _digest(*parts: bytes) -> str:
    """Over the parts as one, in the form that WARC files are wont to have."""
    digester = sha1()
    for part in parts:
        digester.update(part)
    return f"sha1:{b32encode(digester.digest()).decode()}"


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
