"""WARC/1.1 records (ISO 28500:2017) of an exchange. Each is stored as a gzip member of its own.

They are equal to warcio's byte for byte, and tests compare the two. Apart from the digests, writing them takes a third of the time
that warcio takes.
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
"""The gzip level of zlib-ng. Level 5 gives less than one percent larger records than level 6, in a fifth less time. Level 3 gives
four to seven percent larger ones, in two fifths less time (benchmarks/RESULTS.md). Warcio compresses with zlib at level 9."""

HURRIED_LEVEL = 2
"""The gzip level of ISA-L, for a crawl that waits for the CPU and not for hosts. Its records are nine to thirteen percent larger
than those of zlib-ng at level 5, and take a fifth of the time."""

PROFILES = {
    "identical": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
    "not-modified": "http://netpreserve.org/warc/1.1/revisit/server-not-modified",
}
"""The reasons why a body is not stored again, as WARC/1.1 names them (6.7)."""

_GZIP = zlib_ng.MAX_WBITS | 16
"""The `wbits` value with which zlib writes the gzip format."""

_NO_PAYLOAD_DIGEST = ("warcinfo", "revisit")
"""Types of records without a payload digest of their own. A warcinfo has no payload, and a revisit has that of another record."""

_REASONS = {int(status): status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Earlier:
    """The stored response that a revisit record refers to. `captured_at` is UTC."""

    record_id: str
    url: str
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class Revisit:
    """The reason why a body is not stored again.

    `identical` means that the same bytes came. `not-modified` means that the server answered 304.
    """

    kind: Literal["identical", "not-modified"]
    earlier: Earlier


@dataclass(frozen=True, slots=True)
class Record:
    """A serialised record, not yet compressed, and its id."""

    data: bytes
    record_id: str


def pack(data: bytes, *, hurried: bool = False) -> bytes:
    """Compress `data` into a gzip member.

    The member is small, because an archive is kept for years. With `hurried` it is larger and takes less time.
    """
    if hurried:
        return isal_zlib.compress(data, HURRIED_LEVEL, _GZIP)
    engine = zlib_ng.compressobj(LEVEL, zlib_ng.DEFLATED, _GZIP)
    return engine.compress(data) + engine.flush()


def warcinfo(filename: str, fields: Mapping[str, str], at: datetime) -> Record:
    """The warcinfo record, which is the first of each file."""
    body = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value).encode()
    head = _head("warcinfo", at, new_id(), {"WARC-Filename": filename})
    return _serialise(head, b"", body, "application/warc-fields")


def conversion_record(exchange: Exchange, dom: bytes, record_id: str, response_id: str) -> Record:
    """The record of what a browser made of a response: the page's HTML after its scripts have run."""
    head = _head("conversion", exchange.responded_at, record_id)
    head |= {
        "WARC-Target-URI": exchange.url,
        "WARC-Refers-To": response_id,
        "Content-Type": "text/html; charset=utf-8",
    }
    return _serialise(head, b"", dom, head["Content-Type"])


def capture_records(capture: Capture, *, revisit: Revisit | None = None) -> tuple[list[Record], int]:
    """The records of a capture in the order in which they are written, and the index of the answer among them.

    The records of a memento are our exchanges with the web archive. A capture from a WARC file of others has one record, which
    names that file. A DOM stands directly behind its response, and the response names it in WARC-Concurrent-To. A revisit has no
    DOM.
    """
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
    """Yield the request and the response (or revisit) of one exchange, in the order in which they are written.

    An exchange that is `taken_from` another WARC file has only a response, because the request was not ours. `dom_id` is the id
    of the record that holds what a browser made of the page.
    """
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
    """Response headers as they are stored.

    The transfer coding is renamed: it was removed from the body, and readers of the file would try to remove it again.
    """
    return tuple(
        (f"X-Archive-Orig-{name}" if name.lower() == "transfer-encoding" else name, " ".join(value.splitlines()))
        for name, value in headers
    )


def _http(first_line: str, headers: Headers) -> bytes:
    """The head of an HTTP message. Values beyond ASCII are percent-encoded (RFC 8187), as in warcio."""
    text = f"{first_line}\r\n{_lines(headers)}\r\n"
    if text.isascii():
        return text.encode()
    encoded: bytes = StatusAndHeaders(first_line, list(headers)).to_ascii_bytes()
    return encoded


def _serialise(head: dict[str, str], http: bytes, payload: bytes, content_type: str) -> Record:
    """Build the record whose block is `http` and `payload`. Digests, type and length of the block are added to `head`."""
    if head["WARC-Type"] not in _NO_PAYLOAD_DIGEST:
        head["WARC-Payload-Digest"] = _digest(payload)
    head["WARC-Block-Digest"] = _digest(http, payload)
    head["Content-Type"] = content_type
    head["Content-Length"] = str(len(http) + len(payload))
    fields = f"WARC/1.1\r\n{_lines(head.items())}\r\n".encode()
    return Record(b"".join((fields, http, payload, b"\r\n\r\n")), head["WARC-Record-ID"])


def _head(kind: str, at: datetime, record_id: str, facts: Mapping[str, str] | None = None) -> dict[str, str]:
    """The named fields of a record, in order. Of `facts`, those without a value are left out."""
    fields = {"WARC-Type": kind, "WARC-Record-ID": record_id, "WARC-Date": _time(at)}
    return fields | {name: value for name, value in (facts or {}).items() if value}


def _lines(fields: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in fields)


def new_id() -> str:
    """A new id of a record, which is a random UUID as a URN."""
    return f"<urn:uuid:{uuid4()}>"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _digest(*parts: bytes) -> str:
    """The SHA-1 digest of the joined parts, in the form that is usual in WARC files."""
    digester = sha1()
    for part in parts:
        digester.update(part)
    return f"sha1:{b32encode(digester.digest()).decode()}"


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
