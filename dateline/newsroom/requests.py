"""What passes between a crawler and the newsroom: requests as they are logged, answers as they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as the log keeps it.

    `at` is the machine's time at which the request line was read, `seconds` how long the answer took, `room_time` the newsroom's time.
    `path` has the query. `status` is None if the connection was broken on purpose before any answer. `peer` is the client's port:
    requests of one connection share it.
    """

    number: int
    at: datetime
    seconds: float
    room_time: datetime
    host: str
    method: str
    path: str
    status: int | None
    sent: int
    peer: int
    user_agent: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    accept_encoding: str | None = None
    from_: str | None = None

    @property
    def conditional(self) -> bool:
        return self.if_none_match is not None or self.if_modified_since is not None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat(), "room_time": self.room_time.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Request:
        known = {f.name: data[f.name] for f in fields(cls)}
        known["at"] = datetime.fromisoformat(data["at"])
        known["room_time"] = datetime.fromisoformat(data["room_time"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer depends on. Header names are in lower case; `serial` differs for every request; `form` came by POST."""

    host: str
    path: str
    headers: Mapping[str, str]
    serial: int
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response. `Content-Length` and `Date` are the server's business."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
