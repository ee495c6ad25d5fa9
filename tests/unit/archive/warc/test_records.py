"""Records are those that warcio would write, byte for byte; and either way of compressing them is read by everybody."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from fastwarc import ArchiveIterator
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import WARCIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.model.capture import Capture, Exchange, Headers, Origin
from archive.testing import START, a_capture
from archive.warc.records import Earlier, Record, Revisit, capture_records, pack, warcinfo

URL = "https://www.harbour-times.example/news/pact?id=7"
EARLIER = Earlier("<urn:uuid:11111111-2222-3333-4444-555555555555>", URL + "&é", START - timedelta(days=1))
ODD: Headers = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Set-Cookie", "a=1"),
    ("Set-Cookie", "b=2"),
    ("X-Empty", ""),
    ("Content-Disposition", 'inline; filename="Bücher.html"'),
    ("X-Title", "Ministère – 장관".encode().decode("latin-1")),
    ("Transfer-Encoding", "chunked"),
    ("X-Folded", "one\r\n two"),
)


def by_warcio(ours: Record, payload: bytes, http: StatusAndHeaders | None = None) -> bytes:
    """The record as warcio makes it of our named fields, without those that it computes by itself."""
    lines = ours.data.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    named = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    kind = dict(named)["WARC-Type"]
    computed = {"WARC-Block-Digest", "Content-Length"}
    computed |= {"WARC-Payload-Digest"} if kind != "revisit" else set()
    computed |= {"Content-Type"} if kind != "conversion" else set()
    head = StatusAndHeaders("", [field for field in named if field[0] not in computed], protocol="WARC/1.1")
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=False, warc_version="1.1")
    record = writer.create_warc_record(
        URL, kind, payload=BytesIO(payload), length=len(payload), warc_headers=head, http_headers=http
    )
    writer.write_record(record)
    return buffer.getvalue()


def request(exchange: Exchange) -> StatusAndHeaders:
    line = f"{exchange.method} /news/pact?id=7 HTTP/{exchange.http_version}"
    return StatusAndHeaders(line, list(exchange.request_headers), is_http_request=True)


def response(exchange: Exchange, status: str = "200 OK") -> StatusAndHeaders:
    headers = [
        ("X-Archive-Orig-Transfer-Encoding" if name == "Transfer-Encoding" else name, " ".join(value.splitlines()))
        for name, value in exchange.response_headers
    ]
    return StatusAndHeaders(status, headers, protocol=f"HTTP/{exchange.http_version}")


def odd(body: bytes = b"<p>The ministers met.</p>", **fields: Any) -> Capture:
    capture = a_capture(URL, body, headers=ODD)
    return replace(capture, answer=replace(capture.answer, request_headers=(("Accept", ""), *ODD[1:3]), **fields))


def kinds(records: list[Record]) -> list[str]:
    return [record.data.split(b"\r\n")[1].decode() for record in records]


@pytest.mark.parametrize("body", [b"", b"\x00\xff\r\n\r\n" * 30_000])
@pytest.mark.parametrize("truncated", [None, "length"])
def test_exchanges(body: bytes, truncated: str | None) -> None:
    capture = odd(body, truncated=truncated, method="POST", request_body=b"page=2&q=%C3%A9", ip=None, http_version="2")
    (asked, answered), answer = capture_records(capture)
    assert answer == 1
    assert asked.data == by_warcio(asked, b"page=2&q=%C3%A9", request(capture.answer))
    assert answered.data == by_warcio(answered, body, response(capture.answer))


@pytest.mark.parametrize(
    ("status", "line"), [(200, "200 OK"), (404, "404 Not Found"), (599, "599"), (304, "304 Not Modified")]
)
def test_statuses(status: int, line: str) -> None:
    capture = odd(status=status)
    (_, answered), _ = capture_records(capture)
    assert answered.data == by_warcio(answered, capture.answer.body, response(capture.answer, line))


@pytest.mark.parametrize("truncated", [None, "time"])
def test_revisits(truncated: str | None) -> None:
    capture = odd(truncated=truncated)
    (_, same), _ = capture_records(capture, revisit=Revisit("identical", EARLIER))
    assert same.data == by_warcio(same, b"", response(capture.answer))
    (_, answered), _ = capture_records(capture)
    assert same.data.count(b"WARC-Truncated: ") == 1
    digest = next(line for line in answered.data.split(b"\r\n") if line.startswith(b"WARC-Payload-Digest: "))
    assert digest in same.data
    capture = odd(b"", status=304)
    (_, confirmed), _ = capture_records(capture, revisit=Revisit("not-modified", EARLIER))
    assert confirmed.data == by_warcio(confirmed, b"", response(capture.answer, "304 Not Modified"))


def test_a_record_of_others() -> None:
    capture = replace(odd(), origin=Origin("warc", "s3://news/CC-NEWS.warc.gz", 71))
    (taken,), answer = capture_records(capture)
    assert answer == 0
    assert b"\r\nWARC-Source-URI: s3://news/CC-NEWS.warc.gz\r\n" in taken.data
    assert taken.data == by_warcio(taken, capture.answer.body, response(capture.answer))


def test_what_a_browser_made() -> None:
    capture = replace(odd(), dom="\ufeff<h1>Việt Nam</h1>".encode())
    records, answer = capture_records(capture)
    assert (kinds(records)[answer:], answer) == (["WARC-Type: response", "WARC-Type: conversion"], 1)
    assert capture.dom is not None
    assert records[1].data == by_warcio(records[1], capture.answer.body, response(capture.answer))
    assert records[2].data == by_warcio(records[2], capture.dom)


def test_the_first_record_of_a_file() -> None:
    info = warcinfo("dateline-ä.warc.gz", {"software": "Dateline", "operator": "", "description": "Überblick"}, START)
    assert info.data == by_warcio(info, "software: Dateline\r\ndescription: Überblick\r\n".encode())


_NAMES = st.text("ABCabc-_1", min_size=1, max_size=12)
_VALUES = st.text(st.characters(max_codepoint=255), max_size=40)


@given(st.lists(st.tuples(_NAMES, _VALUES), max_size=6), st.binary(max_size=60))
def test_whatever_is_sent(headers: list[tuple[str, str]], body: bytes) -> None:
    capture = a_capture(URL, body, headers=tuple(headers))
    (_, answered), _ = capture_records(capture)
    assert answered.data == by_warcio(answered, body, response(capture.answer))


@pytest.mark.parametrize("hurried", [False, True])
def test_a_member_is_read_by_everybody(hurried: bool) -> None:
    body = b"<p>The ministers met on Monday.</p>" * 3_000
    records, _ = capture_records(odd(body))
    members = [pack(record.data, hurried=hurried) for record in records]
    assert [gzip.decompress(member) for member in members] == [record.data for record in records]
    stream = b"".join(members)
    found = [(r.rec_type, r.content_stream().read()) for r in WARCIterator(BytesIO(stream), check_digests="raise")]
    assert found == [("request", b""), ("response", body)]
    assert [record.reader.read() for record in ArchiveIterator(BytesIO(stream), parse_http=True)] == [b"", body]


def test_a_hurried_member_is_another() -> None:
    data = b" ".join(str(number * number).encode() for number in range(20_000))
    assert len(pack(data)) < len(pack(data, hurried=True)) < len(data) / 2
