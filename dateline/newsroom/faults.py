"""Outages that the caller can order for a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

FaultMode = Literal["500", "503", "429", "403", "reset", "hang", "slow", "truncated", "html", "not-modified"]
"""500, 403: plain answers. 503, 429: with Retry-After if asked. reset: the connection is reset before an answer. hang: silence for
`seconds`, then the connection is closed. slow: the true answer, spread over `seconds`. truncated: fewer bytes than Content-Length
says. html: an error page with status 200. not-modified: every conditional request gets a 304, whatever has changed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a host.

    `path` limits it to addresses that begin so, `times` to the next so many requests. None means until it is healed.
    `retry_after` is the value of the header, seconds or an HTTP-date.
    """

    host: str
    mode: FaultMode
    path: str = "/"
    times: int | None = None
    retry_after: str | None = None
    seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.mode not in get_args(FaultMode):
            raise ValueError(f"{self.mode!r} is no fault; there are {', '.join(get_args(FaultMode))}")
        if self.times is not None and self.times < 1:
            raise ValueError("times must be at least 1")

    def hits(self, host: str, path: str) -> bool:
        return host == self.host and path.startswith(self.path)

    def once_less(self) -> Fault | None:
        """What is left of the fault after it has struck once."""
        if self.times is None:
            return self
        return replace(self, times=self.times - 1) if self.times > 1 else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fault:
        return cls(**data)
