"""What can go wrong between us and a server, by name. The names are stable: they stand in summaries and in the archive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.internet.error import ConnectError, ConnectionLost

from archive.model.failure import FailureKind
from crawler.http.resolver import refusal_of


@dataclass(frozen=True, slots=True)
class Failure:
    """`name` is stable; `detail` is for people. `again`: another try may go better. `host`: it is the host that fails,
    so that the tasks waiting for it are not worth trying either."""

    name: str
    detail: str = ""
    again: bool = False
    host: bool = False

    @property
    def kind(self) -> FailureKind:
        """How heavily it counts against its host."""
        if not self.again:
            return "hard"
        return "temporary" if self.name == "host-not-found" else "soft"

    @property
    def reason(self) -> str:
        """The name with its detail, as reports and the archive show it."""
        return f"{self.name}: {self.detail}" if self.detail else self.name


class AnswerTooLong(Exception):
    """What a server sends around a body goes over a bound. `name`: the failure's."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name = name


def classify(error: BaseException, url: str) -> Failure:
    """Return the failure that a download's exception means."""
    text = str(error)
    if (too_long := _too_long(error)) is not None:
        return Failure(too_long.name, str(too_long))
    match error:
        case CannotResolveHostError():
            address = refusal_of(urlsplit(url).hostname or "")
            if address is not None:
                return Failure("address-refused", f"{address} is not a public address")
            return Failure("host-not-found", again=True, host=True)
        case DownloadConnectionRefusedError():
            return Failure("connection-refused", again=True, host=True)
        case DownloadTimeoutError():
            return Failure("timeout", again=True)
        case DownloadCancelledError():  # Scrapy cancels what exceeds DOWNLOAD_MAXSIZE, announced or not
            return Failure("too-large")
        case ResponseDataLossError():
            return Failure("connection-lost", "the response is incomplete", again=True)
        case UnsupportedURLSchemeError():
            return Failure("not-http")
        case DownloadFailedError() | ConnectError() | ConnectionLost():
            if _is_tls(text):
                return Failure("tls-failure", _tidy(text), host=True)
            return Failure("connection-lost", _tidy(text), again=True)
    if _is_tls(text) or type(error).__name__ in ("VerificationError", "CertificateError"):
        return Failure("tls-failure", _tidy(text), host=True)
    return Failure("download-error", f"{type(error).__name__}: {_tidy(text)}")


def _too_long(error: BaseException) -> AnswerTooLong | None:
    """The bound that was met: Twisted keeps it among the reasons of what it raises, which is the cause of what Scrapy raises."""
    for reason in getattr(error.__cause__, "reasons", ()):
        if isinstance(reason.value, AnswerTooLong):
            return reason.value
    return None


_TLS = re.compile(
    r"certificate|handshake|wrong.version|unsupported.protocol|protocol.version|alert|hostname|no.shared.cipher|unknown.ca",
    re.IGNORECASE,
)


def _is_tls(text: str) -> bool:
    """Return whether host and we cannot agree on TLS at all. A TLS connection that breaks off is a lost connection like others."""
    return _TLS.search(text) is not None


def _tidy(text: str) -> str:
    return " ".join(text.split())[:200]


def of_status(status: int) -> Failure | None:
    """Return the failure that a status means. None where the status is an answer about the page (2xx, 304, 4xx)."""
    if status in (429, 503):
        return Failure(f"HTTP {status}", again=True)
    if status in (500, 502, 504, 520, 521, 522, 523, 524):
        return Failure(f"HTTP {status}", again=True)
    if status >= 500 or (300 <= status < 400 and status != 304):
        return Failure(f"HTTP {status}")
    return None


def backoff(attempt: int, *, first: float = 1.0, longest: float = 60.0) -> float:
    """Return the seconds before try number `attempt` + 1. They double. The host's own delay comes on top."""
    return float(min(longest, first * 2.0**attempt))
