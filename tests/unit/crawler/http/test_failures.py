from __future__ import annotations

from datetime import UTC, datetime

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed

from archive.model.clock import LONGEST_PAUSE
from crawler.http.failures import AnswerTooLong, backoff, classify, of_status
from crawler.http.retry_after import retry_after

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "name", "again", "host"),
    [
        (CannotResolveHostError("x"), "host-not-found", True, True),
        (DownloadConnectionRefusedError("x"), "connection-refused", True, True),
        (DownloadTimeoutError("x"), "timeout", True, False),
        (DownloadCancelledError("Cancelling: expected response size (9) larger than download max size (8)."), "too-large", False, False),
        (ResponseDataLossError("x"), "connection-lost", True, False),
        (UnsupportedURLSchemeError("x"), "not-http", False, False),
        (DownloadFailedError("[('SSL routines', '', 'certificate verify failed')]"), "tls-failure", False, True),
        (DownloadFailedError("Connection was closed"), "connection-lost", True, False),
        (RuntimeError("odd"), "download-error", False, False),
    ],
)  # fmt: skip
def test_classify(error: BaseException, name: str, again: bool, host: bool) -> None:
    failure = classify(error, "https://news.example/")
    assert (failure.name, failure.again, failure.host) == (name, again, host)


@pytest.mark.parametrize(
    ("status", "name", "again"),
    [(500, "HTTP 500", True), (503, "HTTP 503", True), (429, "HTTP 429", True), (501, "HTTP 501", False), (300, "HTTP 300", False)],
)  # fmt: skip
def test_statuses_that_are_failures(status: int, name: str, again: bool) -> None:
    failure = of_status(status)
    assert failure is not None
    assert (failure.name, failure.again) == (name, again)


@pytest.mark.parametrize("status", [200, 204, 304, 401, 403, 404, 410, 451])
def test_statuses_that_are_answers(status: int) -> None:
    assert of_status(status) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 02 Nov 2026 09:01:00 GMT", 60.0),
        ("Mon, 02 Nov 2026 08:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_backoff_doubles_up_to_its_end() -> None:
    assert [backoff(n) for n in (0, 1, 2, 10)] == [1.0, 2.0, 4.0, 60.0]


@pytest.mark.parametrize("name", ["headers-too-large", "too-large"])
def test_a_bound_that_was_met_is_named(name: str) -> None:
    met = Failure(AnswerTooLong(name, "more than 256 KiB of header lines"))  # type: ignore[no-untyped-call]
    error = DownloadFailedError("…")
    error.__cause__ = ResponseFailed([met, Failure(RuntimeError("x"))])  # type: ignore[no-untyped-call]
    failure = classify(error, "https://news.example/")
    assert (failure.reason, failure.again) == (f"{name}: more than 256 KiB of header lines", False)


@pytest.mark.parametrize("value", ["9" * 5_000, "1e9", "Fri, 31 Dec 9999 23:59:59 GMT", "٣"])
def test_nobody_is_left_alone_for_ever(value: str) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or seconds <= LONGEST_PAUSE.total_seconds()
