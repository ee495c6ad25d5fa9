"""The CDX API of web archives."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from archive.model.source import WebArchive
from crawler.discover.archives.cdx import (
    ArchivedCapture,
    CdxAnswer,
    CdxRequest,
    cdx_url,
    distinct,
    memento_url,
    original_headers,
    original_of,
    parse_cdx,
    request_of,
    rest,
)

ARCHIVE = WebArchive()
HEAD = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
ROW = ["example,x)/a", "20240301101112", "http://x.example:80/a?b=1&c=2", "text/html", "200", "SHA1DIGEST", "1234"]
CAPTURE = ArchivedCapture("20240301101112", "http://x.example:80/a?b=1&c=2", 200, "text/html", "SHA1DIGEST", 1234)


def test_a_request() -> None:
    request = CdxRequest("https://x.example/tin?a=1", date(2024, 3, 1), date(2024, 3, 31), "prefix", "abc 1")
    parts = urlsplit(cdx_url(ARCHIVE, request))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://web.archive.org/cdx/search/cdx"
    query = parse_qs(parts.query)
    assert query["url"] == ["https://x.example/tin?a=1"]
    assert (query["from"], query["to"], query["matchType"]) == (["20240301000000"], ["20240331235959"], ["prefix"])
    assert query["filter"] == ["statuscode:200", "mimetype:text/html"]
    assert (query["resumeKey"], query["showResumeKey"], query["output"]) == (["abc 1"], ["true"], ["json"])


def test_an_archive_of_ones_own() -> None:
    own = WebArchive("exact", "http://127.0.0.1:8080/all/cdx?x=1", "http://127.0.0.1:8080/all")
    url = cdx_url(own, CdxRequest("x.example", date(2024, 1, 1), date(2024, 1, 1)))
    assert url.startswith("http://127.0.0.1:8080/all/cdx?x=1&url=x.example&")
    assert "resumeKey=" not in url
    assert memento_url(own, CAPTURE) == "http://127.0.0.1:8080/all/20240301101112id_/http://x.example:80/a?b=1&c=2"


def test_mementos() -> None:
    url = memento_url(ARCHIVE, CAPTURE)
    assert url == "https://web.archive.org/web/20240301101112id_/http://x.example:80/a?b=1&c=2"
    assert original_of(ARCHIVE, url) == ("20240301101112", "http://x.example:80/a?b=1&c=2")
    assert original_of(ARCHIVE, "https://web.archive.org/web/20240301101112/http://x.example/") == (
        "20240301101112",
        "http://x.example/",
    )
    assert original_of(ARCHIVE, "https://web.archive.org/web/2024/http://x.example/") is None
    assert original_of(ARCHIVE, "https://x.example/") is None
    assert CAPTURE.captured_at == datetime(2024, 3, 1, 10, 11, 12, tzinfo=UTC)


def test_the_json_form() -> None:
    assert parse_cdx(json.dumps([HEAD, ROW]).encode()) == CdxAnswer((CAPTURE,))
    answer = parse_cdx(json.dumps([HEAD, ROW, ROW, [], ["example,x)/b 20240302"]]).encode())
    assert (len(answer.captures), answer.resume, answer.skipped) == (2, "example,x)/b 20240302", 0)


def test_fields_in_another_order() -> None:
    body = json.dumps([["original", "timestamp", "extra"], ["http://x.example/", "20240301101112", "z"]])
    assert parse_cdx(body.encode()).captures == (ArchivedCapture("20240301101112", "http://x.example/"),)


def test_the_text_form() -> None:
    body = " ".join(ROW) + "\n" + " ".join(ROW) + "\n\nexample%2Cx%29%2Fb+20240302\n"
    answer = parse_cdx(body.encode())
    assert (answer.captures, answer.resume) == ((CAPTURE, CAPTURE), "example%2Cx%29%2Fb+20240302")
    assert parse_cdx(" ".join(ROW).encode()).resume is None


def test_the_forms_of_pywb() -> None:
    values = {"url": "http://x.example/a", "mime": "text/html", "status": "200", "digest": "D", "length": "9"}
    expected = (ArchivedCapture("20240301101112", "http://x.example/a", 200, "text/html", "D", 9),)
    cdxj = f"example,x)/a 20240301101112 {json.dumps(values)}"
    assert parse_cdx(cdxj.encode()).captures == expected
    lines = json.dumps({"urlkey": "example,x)/a", "timestamp": "20240301101112"} | values)
    assert parse_cdx(f"{lines}\n{lines}\n".encode()).captures == expected * 2


def test_the_rest_of_a_long_answer() -> None:
    march = CdxRequest("x.example", date(2024, 3, 1), date(2024, 3, 31), limit=2)
    assert rest(march, CdxAnswer((CAPTURE,))) == ()
    assert rest(march, CdxAnswer()) == ()
    (following,) = rest(march, CdxAnswer((CAPTURE,), resume="k"))
    assert (following.resume, following.since) == ("k", march.since)
    assert rest(following, CdxAnswer((CAPTURE,), resume="k")) == ()  # a key that leads to itself


def test_an_archive_without_keys_is_asked_in_smaller_parts() -> None:
    march = CdxRequest("x.example", date(2024, 3, 1), date(2024, 3, 31), limit=2)
    full = CdxAnswer((CAPTURE,), skipped=1)
    first, second = rest(march, full)
    assert (first.since, first.until) == (date(2024, 3, 1), date(2024, 3, 16))
    assert (second.since, second.until) == (date(2024, 3, 17), date(2024, 3, 31))
    day = CdxRequest("x.example", date(2024, 3, 1), date(2024, 3, 1), limit=2)
    assert [part.limit for part in rest(day, full)] == [20]
    assert rest(CdxRequest("x", day.since, day.until, limit=150_000), CdxAnswer((CAPTURE,), skipped=149_999)) == ()


def test_what_an_archive_does_not_tell_is_unknown() -> None:
    row = ["k", "20240301101112", "http://x.example/a", "-", "-", "-", "-"]
    assert parse_cdx(json.dumps([HEAD, row]).encode()).captures == (
        ArchivedCapture("20240301101112", "http://x.example/a"),
    )


def test_the_sixtieth_second() -> None:
    assert ArchivedCapture("20240301101160", "x").captured_at == datetime(2024, 3, 1, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize("body", [b"", b"\n", b"[]", b"[ ]\n", json.dumps([HEAD]).encode()])
def test_no_captures(body: bytes) -> None:
    assert parse_cdx(body) == CdxAnswer()


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Too many requests</html>",
        b"[[1, 2]]",
        b'[["a", "b"], ["c", "d"]]',
        b"[" * 100_000,
        b'{"error": "x"}',
        b"Blocked Site Error",
        b"org.archive.util.io.RuntimeIOException: org.archive.wayback.exception.RobotAccessControlException: Blocked By Robots",
    ],
)
def test_something_else(body: bytes) -> None:
    answer = parse_cdx(body)
    assert answer.captures == ()
    assert answer.problem is not None
    assert answer.problem.startswith("not-cdx: ")


@pytest.mark.parametrize(
    "change",
    [
        {"timestamp": "2024"},
        {"timestamp": "20249901000000"},
        {"timestamp": "٢٠٢٤٠٣٠١١٠١١١٢"},
        {"original": "javascript:alert(1)"},
        {"original": "file:///etc/passwd"},
        {"original": "http://x.example/a b\r\nHost: evil"},
    ],
)
def test_lines_that_make_no_sense_are_counted(change: dict[str, str]) -> None:
    row = list((dict(zip(HEAD, ROW, strict=True)) | change).values())
    answer = parse_cdx(json.dumps([HEAD, row, ROW]).encode())
    assert (answer.captures, answer.skipped) == ((CAPTURE,), 1)


def test_a_request_is_told_from_its_address() -> None:
    request = CdxRequest("https://x.example/a?b=c", date(2024, 3, 1), date(2024, 3, 9), "host", "key 1", 7)
    assert request_of(cdx_url(WebArchive(cdx="https://pywb.example/cdx?a=b"), request)) == request
    assert request_of(cdx_url(WebArchive(), CdxRequest("x", date(2024, 3, 1), date(2024, 3, 1)))).resume is None


def test_of_captures_with_one_content_the_first_counts_until_it_changes() -> None:
    def capture(stamp: str, digest: str | None, url: str = "https://x.example/a") -> ArchivedCapture:
        return ArchivedCapture(f"202403{stamp}000000", url, digest=digest)

    listed = [
        capture("03", "A"),
        capture("01", "A"),
        capture("02", "A", "https://x.example/b"),
        capture("04", "B"),
        capture("05", "A"),
        capture("06", None),
        capture("07", "A"),
    ]
    assert [c.timestamp[6:8] for c in distinct(listed)] == ["01", "02", "04", "05", "06"]


def test_headers_are_those_of_the_publisher() -> None:
    ours = (("Content-Type", "text/html"), ("Memento-Datetime", "x"), ("Server", "archive"))
    marked = (*ours, ("X-Archive-Orig-Server", "press"), ("x-archive-orig-x-robots-tag", "noarchive"))
    assert original_headers(marked) == (
        ("Server", "press"),
        ("x-robots-tag", "noarchive"),
        ("Content-Type", "text/html"),
    )
    assert original_headers(ours) == (("Content-Type", "text/html"), ("Server", "archive"))
