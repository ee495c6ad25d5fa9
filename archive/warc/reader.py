"""Reading one response back from where its row says it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from warcio.archiveiterator import WARCIterator
from warcio.exceptions import ArchiveLoadFailed

from archive.model.capture import Headers
from archive.model.content_codings import ContentError, decode_content

PAYLOAD_LIMIT = 1 << 30
"""Bytes: what was kept had passed the crawl's own limit; this one only stops a damaged file."""


MISSING = "the file is missing"


class WarcError(Exception):
    """The bytes are not there, or not what they should be; the message names file, offset and reason."""


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response as kept. `body` as transferred, `payload` after content decoding; `dom` is what a browser made of it, where
    the page was rendered."""

    url: str
    status: int
    headers: Headers
    body: bytes
    record_id: str
    kind: str
    """`response` or `revisit` (which has no body)."""
    dom: bytes | None = None

    @property
    def shown(self) -> bytes:
        """What extraction reads. Raises WarcError where the body cannot be decoded."""
        return self.payload if self.dom is None else self.dom

    @property
    def payload(self) -> bytes:
        """Raises WarcError where the body cannot be decoded."""
        coding = next((value for name, value in self.headers if name.lower() == "content-encoding"), None)
        try:
            return decode_content(self.body, coding, limit=PAYLOAD_LIMIT)
        except ContentError as error:
            raise WarcError(f"{self.url}: {error.reason}") from error


def read_response(path: Path, offset: int) -> StoredResponse:
    """The response or revisit record that begins at byte `offset` of a WARC file. Raises WarcError."""
    where = f"{path.name} at {offset}"
    try:
        with path.open("rb") as file:
            file.seek(offset)
            records = iter(WARCIterator(file))
            record = next(records, None)
            if record is None or record.rec_type not in ("response", "revisit") or record.http_headers is None:
                raise WarcError(f"{where}: no response record begins here")
            stored = StoredResponse(
                url=record.rec_headers.get_header("WARC-Target-URI"),
                status=int(record.http_headers.get_statuscode()),
                headers=tuple(record.http_headers.headers),
                body=record.raw_stream.read(),
                record_id=record.rec_headers.get_header("WARC-Record-ID"),
                kind=record.rec_type,
            )
            dom_id = record.rec_headers.get_header("WARC-Concurrent-To")
            return stored if dom_id is None else replace(stored, dom=_dom(records, dom_id, where))
    except FileNotFoundError as error:
        raise WarcError(f"{where}: {MISSING}") from error
    except OSError as error:
        raise WarcError(f"{where}: {error.strerror or error}") from error
    except (ArchiveLoadFailed, ValueError, EOFError) as error:
        raise WarcError(f"{where}: {error}") from error


def _dom(records: Iterator[Any], record_id: str, where: str) -> bytes:
    """The DOM that must stand next. Raises WarcError."""
    record = next(records, None)
    if record is None or record.rec_headers.get_header("WARC-Record-ID") != record_id:
        raise WarcError(f"{where}: the DOM that belongs to it does not follow")
    return bytes(record.raw_stream.read())
