"""Scrapy's HTTP client with bounds for what stands around a body.

`DOWNLOAD_MAXSIZE` counts the body alone, and Twisted bounds one header line (16 KiB), the trailers (64 KiB) and one line of a
chunked body (1 KiB), but neither the number of header lines and interim answers nor that of chunks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from twisted.python.failure import Failure

from crawler.http.failures import AnswerTooLong

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred

HEADER_BYTES = 256 << 10
"""Bytes of status and header lines of one answer, the interim answers (1xx) before it included. Chromium allows as many."""
HEADER_LINES = 1_000
"""Lines of one answer, counted in the same way."""
AROUND = 8
"""An answer may have so many bytes on the wire for each byte that its body may have: a chunk of one byte takes six."""


class _Parser(_LenientHTTPClientParser):
    bytes_read = 0
    lines_read = 0

    def lineReceived(self, line: bytes) -> None:
        self.bytes_read += len(line) + 1
        self.lines_read += 1
        if self.bytes_read > HEADER_BYTES:
            raise AnswerTooLong("headers-too-large", f"more than {HEADER_BYTES >> 10} KiB of header lines")
        if self.lines_read > HEADER_LINES:
            raise AnswerTooLong("headers-too-large", f"more than {HEADER_LINES} header lines")
        super().lineReceived(line)


class _Protocol(_LenientHTTP11ClientProtocol):
    most: int
    """Bytes that an answer may have on the wire."""
    received = 0

    def request(self, request: Any) -> Deferred[Any]:
        answer = super().request(request)
        self.received = 0
        if self._parser is not None:
            self._parser.__class__ = _Parser  # as Scrapy's protocol does, which makes its own parser of Twisted's
        return answer

    def dataReceived(self, data: bytes) -> None:
        self.received += len(data)
        if self.received > self.most:
            reason = AnswerTooLong("too-large", f"more than {self.most >> 20} MiB for one answer")
            self._giveUp(Failure(reason))  # type: ignore[no-untyped-call]
        else:
            super().dataReceived(data)  # type: ignore[no-untyped-call]

    def _giveUp(self, reason: Failure) -> None:
        if isinstance(reason.value, AnswerTooLong) and self.transport is not None:
            self.transport.abortConnection()  # whoever sends without end would not let it be closed in good order
            self._disconnectParser(reason)  # type: ignore[no-untyped-call]
        else:
            super()._giveUp(reason)  # type: ignore[no-untyped-call]


class BoundedDownloads(HTTP11DownloadHandler):
    """Downloads over HTTP/1, bounded. What goes over a bound fails with `AnswerTooLong`."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        most = AROUND * crawler.settings.getint("DOWNLOAD_MAXSIZE") + HEADER_BYTES

        class _Factory(_LenientHTTP11ClientFactory):
            def buildProtocol(self, addr: Any) -> _Protocol:
                protocol = _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
                protocol.most = most
                return protocol

        self._pool._factory = _Factory
