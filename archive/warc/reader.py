"""Read one response from the place in a WARC file that its row names."""

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
"""The largest payload that is decoded, in bytes. Stored bodies have passed the crawl's own limit; this one only stops a damaged
file."""


MISSING = "the file is missing"


class WarcError(Exception):
    """The bytes of a response are missing or damaged. The message names the file, the offset and the reason."""


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response as it is stored.

    `body` holds the bytes as transferred, `payload` the bytes after content decoding. `dom` holds what a browser made of the
    page. It is None where the page was not rendered.
    """

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
        """The bytes that extraction reads: the DOM where there is one, else the payload.

        Raises:
            WarcError: The body cannot be decoded.
        """
        return self.payload if self.dom is None else self.dom

    @property
    def payload(self) -> bytes:
        """The body after content decoding.

        Raises:
            WarcError: The body cannot be decoded.
        """
        coding = next((value for name, value in self.headers if name.lower() == "content-encoding"), None)
        try:
            return decode_content(self.body, coding, limit=PAYLOAD_LIMIT)
        except ContentError as error:
            raise WarcError(f"{self.url}: {error.reason}") from error


def read_response(path: Path, offset: int) -> StoredResponse:
    """Read the response or revisit record that begins at byte `offset` of a WARC file.

    Raises:
        WarcError: The file is missing, or no whole record of this kind begins there.
    """
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
    """Read the DOM from the next record.

    Raises:
        WarcError: The next record is not the one with this id.
    """
    record = next(records, None)
    if record is None or record.rec_headers.get_header("WARC-Record-ID") != record_id:
        raise WarcError(f"{where}: the DOM that belongs to it does not follow")
    return bytes(record.raw_stream.read())
