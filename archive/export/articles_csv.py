"""Export articles as a table for spreadsheets: one row for each article, with the revision that the filters choose."""

from __future__ import annotations

from typing import Any, TextIO

from archive.export.spreadsheet import Sheet, shortened
from archive.export.wanted import Progress, Written, views
from archive.query.base import Reader
from archive.query.filters import Filters
from archive.query.handing_on import NOARCHIVE
from archive.query.views import ArticleView
from archive.query.when import rfc3339

COLUMNS = (
    "id", "source", "source_name", "country", "language", "title", "lead", "authors", "published_at", "modified_at",
    "first_seen_at", "last_seen_at", "status", "revision", "revisions", "captured_at", "url", "original_url", "taken_from",
    "captions", "body", "noarchive", "withheld_because",
)  # fmt: skip


def write(
    reader: Reader,
    stream: TextIO,
    filters: Filters = Filters(),  # noqa: B008  # frozen
    progress: Progress | None = None,
    *,
    bom: bool = False,
    noarchive: bool = False,
) -> Written:
    """Write the articles that pass the filters to `stream`.

    With `noarchive`, what is kept for the owner of the archive alone is written as well.

    Raises:
        NotFound: The filters name something that the archive does not have.
    """
    sheet = Sheet(stream, COLUMNS, bom=bom)
    articles = left_out = cut = 0
    for view in views(reader, filters, progress, noarchive=noarchive):
        line = row(view)
        line["body"], was_cut = shortened(line["body"])
        sheet.write(line)
        articles += 1
        left_out += view.withheld_because == NOARCHIVE
        cut += was_cut
    return Written(articles, left_out, cut)


def row(view: ArticleView) -> dict[str, Any]:
    """One article as a row. Its text is empty if it is withheld."""
    revision = view.revision
    fields: dict[str, Any] = {
        "id": view.id,
        "source": view.source,
        "source_name": view.source_name,
        "country": view.country,
        "first_seen_at": rfc3339(view.first_seen_at),
        "last_seen_at": rfc3339(view.last_seen_at),
        "status": view.status,
        "revisions": len(view.revisions),
        "url": view.url,
        "original_url": view.original_url,
        "taken_from": [claim.url or claim.name or claim.article_id for claim in view.lineage],
        "body": None,
        "noarchive": view.noarchive,
        "withheld_because": view.withheld_because,
    }
    if revision is None:
        return fields
    return fields | {
        "language": revision.language,
        "title": revision.title,
        "lead": revision.lead,
        "authors": revision.authors,
        "published_at": revision.published.isoformat() if revision.published else None,
        "modified_at": revision.modified.isoformat() if revision.modified else None,
        "revision": revision.number,
        "captured_at": rfc3339(revision.captured_at),
        "captions": [caption.text for caption in revision.captions if caption.text],
        "body": revision.body,
    }
