"""Builders for tests of whoever builds on the archive.

They make sources, captures and articles with sensible defaults, and record them as a crawl would.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from archive.ingest.record import Recorded, record_article
from archive.model.article import Article, ClaimedTime
from archive.model.capture import Capture, Exchange, Rights, RightsPolicy
from archive.model.source import Source
from archive.model.text.urls import clean_url
from archive.storage.archive_id import archive_id
from archive.storage.session import Archive
from archive.tables import SourceRow
from archive.warc.writer import WarcFolder
from archive.writer.writer import Transaction, Writer

T = TypeVar("T")
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
EXTRACTOR = "test-1"
WITHHOLD = RightsPolicy(noarchive="withhold")
"""The policy of an owner who keeps nothing that says `noarchive`."""


def a_source(source_id: str = "harbour-times", **fields: Any) -> Source:
    """A source at `https://www.<id>.example/`."""
    defaults: dict[str, Any] = {
        "name": source_id.replace("-", " ").title(),
        "homepage": f"https://www.{source_id}.example/",
        "country": "US",
        "language": ("en",),
        "timezone": "America/New_York",
        "status": "verified",
    }
    return Source(id=source_id, **defaults | fields)


def a_time(at: datetime, **fields: Any) -> ClaimedTime:
    """A time as JSON-LD claims it, to the minute."""
    defaults: dict[str, Any] = {"precision": "minute", "raw": at.isoformat(), "source": "json-ld", "confidence": 0.9}
    return ClaimedTime(at=at, **defaults | fields)


def an_article(url: str = "https://www.harbour-times.example/news/pact", **fields: Any) -> Article:
    """An article of which every field is known."""
    defaults: dict[str, Any] = {
        "canonical_url": clean_url(url) or url,
        "title": "Ministers sign harbour pact",
        "lead": "Two governments agreed on shared patrols.",
        "body": "The ministers met on Monday.\nThey signed a pact on shared patrols.\nIt enters into force in May.",
        "authors": ("Ada Whitlock",),
        "language": "en",
        "language_score": 0.99,
        "declared_language": "en",
        "published": a_time(START),
        "modified": None,
        "extractor": EXTRACTOR,
        "reasons": {"modified_at": "no date found"},
    }
    return Article(url=url, **defaults | fields)


def a_capture(
    url: str = "https://www.harbour-times.example/news/pact",
    body: bytes = b"<html><p>The ministers met on Monday.</p></html>",
    *,
    source_id: str = "harbour-times",
    at: datetime = START,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),),
    redirects: tuple[Exchange, ...] = (),
    rights: Rights = Rights(),  # noqa: B008  # frozen
    asked: str | None = None,
) -> Capture:
    """A capture of an uncompressed page."""
    exchange = Exchange(
        url=url,
        method="GET",
        request_headers=(("Host", "www.example"), ("User-Agent", "Dateline/test")),
        requested_at=at - timedelta(milliseconds=80),
        responded_at=at,
        status=status,
        response_headers=headers,
        body=body,
        ip="192.0.2.1",
    )
    return Capture(source_id, asked or url, exchange, body, redirects, rights)


@dataclass
class Desk:
    """An archive with its writer, and a clock that stands still until it is moved."""

    archive: Archive
    writer: Writer
    warc_path: Path
    now: datetime = START

    def clock(self) -> datetime:
        """The present time of the desk's clock."""
        return self.now

    def do(self, work: Any) -> Any:
        """Carry out a work of the writer, durably, and return its result."""
        return self.writer.submit(work).result(timeout=60)

    def add_source(self, source: Source) -> Source:
        """Add a source to the archive."""

        def work(tx: Transaction) -> None:
            tx.session.add(
                SourceRow(
                    id=source.id,
                    name=source.name,
                    homepage=source.homepage,
                    country=source.country,
                    language=source.language[0] if source.language else None,
                    kind=source.kind,
                    timezone=source.timezone,
                    enabled=True,
                    added_at=tx.now,
                )
            )

        self.do(work)
        return source

    def record(self, article: Article | None = None, capture: Capture | None = None, **options: Any) -> Recorded:
        """Record a look at an article. By default the capture is a page that holds the article's body."""
        article = article or an_article()
        capture = capture or a_capture(article.url, f"<p>{article.title} {article.body}</p>".encode(), at=self.now)
        recorded: Recorded = self.do(lambda tx: record_article(tx, capture, article, **options))
        return recorded


@contextmanager
def desk(archive: Archive, folder: Path) -> Iterator[Desk]:
    """An archive ready to be written to, with the source `harbour-times` in it and WARC files in `folder`."""
    with archive.reading() as session:
        name = archive_id(session)
    made: list[Desk] = []

    def clock() -> datetime:
        return made[0].now

    warc = WarcFolder(folder, archive_id=name, max_size=1 << 30, clock=clock, info={"software": "tests"})
    with warc, Writer(archive.engine, warc, clock=clock) as writer:
        made.append(Desk(archive, writer, folder))
        made[0].add_source(a_source())
        yield made[0]
