from __future__ import annotations

import gzip
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from support.foreign_warc import warc_record

from crawler.discover.archives.warc import DamagedWarc, Passed, WarcPage, read_pages

PAGE = b"<html><p>A treaty.</p></html>"


class Pieces(BytesIO):
    """A stream that gives little at a time and knows where it began in its file."""

    def __init__(self, data: bytes, begin: int = 0) -> None:
        super().__init__(data[begin:])
        self._begin = begin
        self.largest = 0

    def tell(self) -> int:
        return self._begin + super().tell()

    def read(self, size: int | None = -1, /) -> bytes:
        self.largest = max(self.largest, size or 0)
        return super().read(min(size, 100) if size and size > 0 else size)


def warc(*records: dict[str, Any]) -> bytes:
    return b"".join(
        warc_record(record.pop("url", f"https://press.example/{number}"), record.pop("body", PAGE), **record)
        for number, record in enumerate(records)
    )


def pages(data: bytes, begin: int = 0, limit: int = 10_000, passed: Passed | None = None) -> list[WarcPage]:
    found = read_pages(
        Pieces(data, begin), lambda url: "press.example" in url, passed if passed is not None else Passed(), limit=limit
    )
    return [item for item in found if isinstance(item, WarcPage)]


def test_a_page_comes_with_its_time_headers_and_place() -> None:
    (page,) = pages(warc({"fields": {"WARC-IP-Address": "192.0.2.7"}}))
    assert (page.url, page.status, page.payload, page.offset) == ("https://press.example/0", 200, PAGE, 0)
    assert page.captured_at == datetime(2024, 3, 5, 10, tzinfo=UTC)
    assert page.headers == (("Content-Type", "text/html; charset=utf-8"),)
    assert page.ip == "192.0.2.7"


def test_reading_goes_on_at_any_record() -> None:
    data = warc(*({} for _ in range(6)))
    whole = pages(data)
    assert [page.url[-1] for page in whole] == list("012345")
    rest = pages(data, whole[3].offset)
    assert rest == whole[3:]


def test_what_is_no_page_of_ours_is_passed_over() -> None:
    passed = Passed()
    data = warc(
        {"url": "https://elsewhere.example/0"},
        {"kind": "request"},
        {"kind": "revisit", "body": b""},
        {"status": "404 Not Found"},
        {"headers": [("Content-Type", "image/png")]},
        {"url": "ftp://press.example/x"},
        {"headers": []},
    )
    assert [page.url[-1] for page in pages(data, passed=passed)] == ["6"]
    assert (passed.records, passed.revisits) == (7, 1)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ([("Content-Encoding", "gzip")], gzip.compress(PAGE, mtime=0)),
        ([("Transfer-Encoding", "chunked")], b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE)),
        ([("Transfer-Encoding", "chunked")], PAGE),  # the writer undid it and kept the header
        ([("Content-Encoding", "gzip")], PAGE),
    ],
)
def test_codings_are_undone(headers: list[tuple[str, str]], body: bytes) -> None:
    (page,) = pages(warc({"headers": headers, "body": body}))
    assert (page.payload, page.problem) == (PAGE, None)


def test_limits_hold_for_what_is_kept_and_for_what_comes_out() -> None:
    bomb = gzip.compress(bytes(1_000_000))
    found = pages(
        warc(
            {"body": bytes(20_000)},
            {"body": bomb, "headers": [("Content-Encoding", "gzip")]},
            {"fields": {"WARC-Truncated": "length"}},
            {"body": b"\x1f\x8bnonsense", "headers": [("Content-Encoding", "gzip")]},
            {},
        )
    )
    assert [page.problem for page in found] == [
        "too-large",
        "too-large",
        "truncated: length",
        "broken-gzip",
        None,
    ]
    assert all(len(page.body) <= 10_001 for page in found)


def test_long_stretches_without_a_page_leave_marks() -> None:
    data = warc(*({"url": "https://elsewhere.example/"} for _ in range(2_100)))
    marks = list(read_pages(Pieces(data), lambda url: "press" in url, Passed(), limit=10))
    assert len(marks) == 2
    assert pages(data, int(marks[1])) == []  # type: ignore[arg-type]


def test_a_damaged_file_is_said_to_be() -> None:
    data = bytearray(warc({}, {}))
    data[30:50] = bytes(20)
    with pytest.raises(DamagedWarc):
        pages(bytes(data))
