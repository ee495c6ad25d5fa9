"""Captures of web archives, as the CDX API lists them: request and answer. Pure.

Wayback CDX server (github.com/internetarchive/wayback, wayback-cdx-server) and pywb's CDXJ server. Answers come as JSON
arrays with a head, as JSON lines, as text with single spaces, or as CDXJ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from archive.model.capture import Headers
from archive.model.source import CdxMatch, WebArchive
from archive.model.text.urls import clean_url, url_key
from crawler.discover.parsing.claims import possible
from crawler.extract.markup.json_text import read_json

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
PAGE_SIZE = 5_000
"""Captures asked for in one request."""
LARGEST_PAGE = 150_000
LINE_LIMIT = 1 << 20

CDX_PER_MINUTE = 24
MEMENTOS_PER_MINUTE = 480
"""What the Internet Archive bears (rate limits of EDGI's wayback client)."""

_MARK = "x-archive-orig-"
_OF_THE_ARCHIVE = frozenset(
    {"memento-datetime", "link", "content-location", "connection", "keep-alive", "transfer-encoding"}
)
_TIMESTAMP = re.compile(r"\d{14}")
_STATUS = re.compile(r"\d{3}")
# What pywb calls the fields.
_NAMES = {"url": "original", "mime": "mimetype", "status": "statuscode"}


@dataclass(frozen=True, slots=True)
class CdxRequest:
    """A request for the captures of `url` in whole days (UTC), from `since` to `until`, both included.

    `resume` is the key that the answer before gave. `limit` is how many captures one answer holds.
    """

    url: str
    since: date
    until: date
    match: CdxMatch = "prefix"
    resume: str | None = None
    limit: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class ArchivedCapture:
    """One capture in a web archive.

    `status` and `mime` are None where the archive does not tell (revisits). `digest` is the archive's, in base 32
    SHA-1.
    """

    timestamp: str
    original: str
    status: int | None = None
    mime: str | None = None
    digest: str | None = None
    length: int | None = None

    @property
    def captured_at(self) -> datetime:
        return _time(self.timestamp)


@dataclass(frozen=True, slots=True)
class CdxAnswer:
    """Captures in the answer's order.

    `resume` leads to the rest. It is None at the end. `skipped` counts lines that make no sense. `problem` starts with
    a stable word: `not-cdx: …`.
    """

    captures: tuple[ArchivedCapture, ...] = ()
    resume: str | None = None
    skipped: int = 0
    problem: str | None = None


def cdx_url(archive: WebArchive, request: CdxRequest) -> str:
    """The address of a request for successful captures of web pages, without those that have the same content as the
    one before.

    The request does not say which fields are wanted: the archives' own choice has them all, and pywb leaves out those
    that it calls by another name.
    """
    query = [
        ("url", request.url),
        ("matchType", request.match),
        ("from", request.since.strftime("%Y%m%d") + "000000"),
        ("to", request.until.strftime("%Y%m%d") + "235959"),
        ("output", "json"),
        ("filter", "statuscode:200"),
        ("filter", "mimetype:text/html"),
        ("collapse", "digest"),
        ("limit", str(request.limit)),
        ("showResumeKey", "true"),
    ]
    if request.resume is not None:
        query.append(("resumeKey", request.resume))
    return f"{archive.cdx}{'&' if '?' in archive.cdx else '?'}{urlencode(query)}"


def request_of(url: str) -> CdxRequest:
    """The request that an address of `cdx_url` makes."""
    fields = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    return CdxRequest(
        fields["url"],
        _time(fields["from"]).date(),
        _time(fields["to"]).date(),
        cast(CdxMatch, fields["matchType"]),
        fields.get("resumeKey"),
        int(fields["limit"]),
    )


def rest(request: CdxRequest, answer: CdxAnswer) -> tuple[CdxRequest, ...]:
    """List what is still to be asked after `answer`, so that no capture is missed. Nothing is left at the end.

    The Internet Archive gives a key to go on with. Where a full answer comes without one (pywb), the window is asked
    again in two halves, and a single day with a higher limit, up to `LARGEST_PAGE`.
    """
    if answer.resume is not None:
        return (replace(request, resume=answer.resume),) if answer.resume != request.resume else ()
    if len(answer.captures) + answer.skipped < request.limit:
        return ()
    days = (request.until - request.since).days
    if days > 0:
        middle = request.since + timedelta(days=days // 2)
        return (replace(request, until=middle), replace(request, since=middle + timedelta(days=1)))
    larger = min(LARGEST_PAGE, request.limit * 10)
    return (replace(request, limit=larger),) if larger > request.limit else ()


def memento_url(archive: WebArchive, capture: ArchivedCapture) -> str:
    """The address of a capture's bytes as they were captured (`id_`: without the archive's banner and rewriting)."""
    return f"{archive.replay.rstrip('/')}/{capture.timestamp}id_/{capture.original}"


def original_of(archive: WebArchive, url: str) -> tuple[str, str] | None:
    """The (timestamp, original address) of a memento's address, however its timestamp is marked. None for any other
    address."""
    rest = url.removeprefix(archive.replay.rstrip("/") + "/")
    match = re.match(r"(\d{14})(?:[a-z]{2}_)?/(.+)", rest, re.DOTALL) if rest != url else None
    return (match[1], match[2]) if match else None


def distinct(captures: Iterable[ArchivedCapture]) -> Iterator[ArchivedCapture]:
    """Choose the captures that show something new: of those of one address that follow each other with the same
    content, the first."""
    last: dict[str, str] = {}
    for capture in sorted(captures, key=lambda capture: capture.timestamp):
        key = url_key(capture.original)
        if capture.digest is None or last.get(key) != capture.digest:
            yield capture
        if capture.digest is not None:
            last[key] = capture.digest


def original_headers(headers: Headers) -> Headers:
    """Take the header fields that the publisher had answered out of those of a memento.

    The Internet Archive marks them. pywb sends them as they were.
    """
    marked = tuple((name[len(_MARK) :], value) for name, value in headers if name.lower().startswith(_MARK))
    if not marked:
        return tuple((name, value) for name, value in headers if name.lower() not in _OF_THE_ARCHIVE)
    names = {name.lower() for name, _ in marked}
    return marked + tuple(
        (name, value) for name, value in headers if name.lower() == "content-type" and name.lower() not in names
    )


def parse_cdx(body: bytes) -> CdxAnswer:
    """Read an answer. Never raises; an empty answer means that there are no captures."""
    text = body.decode("utf-8", "replace").strip("\ufeff \t\r\n")
    if not text:
        return CdxAnswer()
    if text.startswith("<"):
        return CdxAnswer(problem="not-cdx: HTML page")
    if text.startswith("["):
        return _of_table(text)
    return _of_lines(text)


def _of_table(text: str) -> CdxAnswer:
    try:
        rows = read_json(text)
    except ValueError as error:
        return CdxAnswer(problem=f"not-cdx: {str(error)[:120]}")
    if not rows:
        return CdxAnswer()
    head = rows[0]
    if not _is_row(head) or "timestamp" not in head or "original" not in head:
        return CdxAnswer(problem="not-cdx: no head")
    rows, resume = _take_resume(rows[1:])
    return _answer([dict(zip(head, row, strict=False)) if _is_row(row) else None for row in rows], resume)


def _take_resume(rows: list[Any]) -> tuple[list[Any], str | None]:
    """The rows in front of an empty one, behind which the resume key stands alone."""
    if len(rows) >= 2 and rows[-2] == [] and _is_row(rows[-1]) and len(rows[-1]) == 1:
        return rows[:-2], rows[-1][0]
    return rows, None


def _is_row(row: Any) -> bool:
    return isinstance(row, list) and all(isinstance(value, str) for value in row)


def _of_lines(text: str) -> CdxAnswer:
    *rest, last = text.split("\n")
    resume = None
    if rest and not rest[-1].strip() and " " not in last.strip():
        resume, rest = last.strip(), rest[:-1]
    else:
        rest = [*rest, last]
    return _answer([_of_line(line.strip()) for line in rest if line.strip()], resume)


def _of_line(line: str) -> Mapping[str, Any] | None:
    """A line of JSON, of CDXJ (`key timestamp {json}`), or of fields with spaces between them."""
    if len(line) > LINE_LIMIT:
        return None
    key, _, data = line.partition("{")
    if data and len(before := key.split()) in (0, 2):
        try:
            values: dict[str, Any] = read_json("{" + data)
        except ValueError:
            return None
        return values if not before else {"timestamp": before[1]} | values
    fields = line.split(" ")
    return dict(zip(FIELDS, fields, strict=False)) if len(fields) >= 5 else None


def _answer(rows: Sequence[Mapping[str, Any] | None], resume: str | None) -> CdxAnswer:
    captures = tuple(_captures(rows))
    if rows and not captures:
        return CdxAnswer(problem="not-cdx: no captures in it")
    return CdxAnswer(captures, resume, len(rows) - len(captures))


def _captures(rows: Sequence[Mapping[str, Any] | None]) -> Iterator[ArchivedCapture]:
    for row in rows:
        values = {_NAMES.get(name, name): value for name, value in row.items() if isinstance(value, str)} if row else {}
        timestamp, original = values.get("timestamp", ""), values.get("original", "")
        if not _is_time(timestamp) or clean_url(original) is None or re.search(r"\s", original):
            continue
        status, length = values.get("statuscode", ""), values.get("length", "")
        yield ArchivedCapture(
            timestamp,
            original,
            int(status) if _STATUS.fullmatch(status) else None,
            _known(values.get("mimetype")),
            _known(values.get("digest")),
            int(length) if length.isascii() and length.isdecimal() and len(length) < 16 else None,
        )


def _known(value: str | None) -> str | None:
    return value if value and value != "-" else None


def _is_time(text: str) -> bool:
    if not _TIMESTAMP.fullmatch(text) or not text.isascii():
        return False
    try:
        return possible(_time(text)) is not None
    except (ValueError, OverflowError):
        return False


def _time(timestamp: str) -> datetime:
    """UTC. Second 60 (in old captures) is the first of the next minute."""
    if timestamp.endswith("60"):
        return datetime.strptime(timestamp[:-2], "%Y%m%d%H%M").replace(tzinfo=UTC) + timedelta(minutes=1)
    return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
