"""Captures: HTTP exchanges, as they went over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

Headers = tuple[tuple[str, str], ...]
"""Header fields in the order received, names as sent, values decoded as latin-1 (RFC 9110, 5.5)."""

TdmPolicy = Literal["respect", "research"]
"""What follows from a TDM reservation. `research`: the law exempts the owner of the archive (Directive (EU) 2019/790, article 3)."""
NoarchivePolicy = Literal["private", "withhold"]
"""What follows from `noarchive`. `private`: the page is kept for the owner and handed to nobody. `withhold`: it is not kept."""
OriginKind = Literal["live", "wayback", "warc"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response. `body` is the content as transferred: still gzip or br where the server compressed it.

    Times are aware, in UTC. `truncated` names the limit that cut the body (`length`, `time`, `disconnect`). It is None if the
    body is whole.
    """

    url: str
    method: str
    request_headers: Headers
    requested_at: datetime
    responded_at: datetime
    status: int
    response_headers: Headers
    body: bytes
    ip: str | None = None
    http_version: str = "1.1"
    truncated: str | None = None
    request_body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first value of a response header, by case-insensitive name. None means that there is no such header."""
        wanted = name.lower()
        return next((value for key, value in self.response_headers if key.lower() == wanted), None)

    @property
    def is_redirect(self) -> bool:
        """Whether the response leads elsewhere, and says where."""
        return self.status in (301, 302, 303, 307, 308) and bool(self.header("location"))


@dataclass(frozen=True, slots=True)
class RightsPolicy:
    """What the owner of the archive lets follow from the signals of publishers: `DATELINE_TDM` and `DATELINE_NOARCHIVE`."""

    tdm: TdmPolicy = "respect"
    noarchive: NoarchivePolicy = "private"


@dataclass(frozen=True, slots=True)
class Rights:
    """What the publisher signals about keeping this page (robots directives, TDMRep). The most restrictive signal wins.

    `tdm_reservation` is None where nobody said anything. `evidence` names every carrier of a signal, e.g.
    `meta:robots=noarchive`, `header:tdm-reservation=1`.
    """

    noarchive: bool = False
    tdm_reservation: bool | None = None
    tdm_policy: str | None = None
    evidence: tuple[str, ...] = ()

    def withheld_because(self, policy: RightsPolicy) -> str | None:
        """The reason why the bytes and the text must not be kept: `noarchive` or `tdm-reservation`.

        None means that they may be kept. Where `noarchive` is set, they are then for the owner of the archive alone.
        """
        if self.noarchive and policy.noarchive == "withhold":
            return "noarchive"
        if self.tdm_reservation and policy.tdm == "respect":
            return "tdm-reservation"
        return None

    def stored(self) -> dict[str, Any]:
        """The form in which rows keep it."""
        return {
            "noarchive": self.noarchive,
            "tdm_reservation": self.tdm_reservation,
            "tdm_policy": self.tdm_policy,
            "evidence": list(self.evidence),
        }


def rights_of(stored: Mapping[str, Any] | None) -> Rights:
    """Read what `Rights.stored` made. None stands for a publisher who signals nothing."""
    known = stored or {}
    return Rights(
        noarchive=bool(known.get("noarchive")),
        tdm_reservation=known.get("tdm_reservation"),
        tdm_policy=known.get("tdm_policy"),
        evidence=tuple(known.get("evidence") or ()),
    )


@dataclass(frozen=True, slots=True)
class Origin:
    """Who made a capture: we ourselves (`live`), or others.

    `url` is the address at which a web archive replays it, or the place of the WARC file that holds it. `offset` is the byte of
    that file at which its record begins. Both are None for our own captures.
    """

    kind: OriginKind = "live"
    url: str | None = None
    offset: int | None = None


LIVE = Origin()


@dataclass(frozen=True, slots=True)
class Capture:
    """The exchange that answered, and the redirects that led to it, in order, each an exchange of its own.

    `url` is what we asked for first. `payload` is the body after content decoding. `dom`, of a page that was rendered, is its
    HTML after its scripts, in UTF-8 behind a byte order mark. It is None where the page was not rendered.

    Of a capture that others made, `answer` is what the publisher answered then: its time, address, status and headers are those
    of old. `via` has our own exchanges with the web archive that replayed it, as they went over the wire.
    """

    source_id: str
    url: str
    answer: Exchange
    payload: bytes
    redirects: tuple[Exchange, ...] = ()
    rights: Rights = Rights()
    origin: Origin = LIVE
    via: tuple[Exchange, ...] = ()
    dom: bytes | None = None

    @property
    def shown(self) -> bytes:
        """The bytes that extraction reads."""
        return self.payload if self.dom is None else self.dom

    @property
    def final_url(self) -> str:
        """The address that answered, after all redirects."""
        return self.answer.url

    @property
    def captured_at(self) -> datetime:
        """The time (UTC) at which the answering response was complete."""
        return self.answer.responded_at

    @property
    def transfer_digest(self) -> str:
        """The digest of the body as transferred: `sha256:<hex>`."""
        return digest(self.answer.body)

    @property
    def content_digest(self) -> str:
        """The digest of what extraction reads, the body after content decoding or the DOM: `sha256:<hex>`."""
        return digest(self.shown)


def digest(data: bytes) -> str:
    """The digest of `data` as the archive keeps it: `sha256:<hex>`."""
    return f"sha256:{sha256(data).hexdigest()}"
