"""Export as JSON lines: one object for each article, with all its revisions. `article.schema.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any, TextIO

from archive.export.wanted import Progress, Written, views
from archive.model.article import Caption
from archive.model.capture import Origin
from archive.model.text.printable import to_json
from archive.query.base import Reader
from archive.query.filters import Filters
from archive.query.handing_on import NOARCHIVE
from archive.query.views import ArticleView, LineageView, RevisionView
from archive.query.when import rfc3339

_NOT_COMPUTED = {
    "countries": "not computed: this version does not look for countries",
    "story_id": "not computed: this version does not group articles into stories",
    "duplicate_of": "none known: this version looks for moved articles only, not for near duplicates",
}
_UNKNOWN = {
    "title": "not found on the page",
    "lead": "none found on the page",
    "body": "not found on the page",
    "language": "not recognised",
    "published_at": "no date found on the page",
    "modified_at": "no date found on the page",
    "original_url": "the page names no original",
    "declared_language": "the page declares none",
}
_OF_THE_TEXT = ("title", "lead", "authors", "language", "published_at", "modified_at", "captions", "revisions")


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one line."""
    found: dict[str, Any] = json.loads(resources.files(__package__).joinpath("article.schema.json").read_text("utf-8"))
    return found


def write(
    reader: Reader,
    stream: TextIO,
    filters: Filters = Filters(),  # noqa: B008  # frozen
    progress: Progress | None = None,
    *,
    noarchive: bool = False,
) -> Written:
    """Write the articles that pass the filters to `stream`, one on each line.

    With `noarchive`, what is kept for the owner of the archive alone is written as well.

    Raises:
        NotFound: The filters name something that the archive does not have.
    """
    written = left_out = 0
    for view in views(reader, filters, progress, noarchive=noarchive):
        stream.write(to_json(record(view)) + "\n")
        written += 1
        left_out += view.withheld_because == NOARCHIVE
    return Written(written, left_out)


def records(
    reader: Reader,
    filters: Filters = Filters(),  # noqa: B008  # frozen
    progress: Progress | None = None,
    *,
    noarchive: bool = False,
) -> Iterator[dict[str, Any]]:
    """The articles that pass the filters, as the export holds them. `archive.export.wanted.views` describes the arguments."""
    return map(record, views(reader, filters, progress, noarchive=noarchive))


def record(view: ArticleView) -> dict[str, Any]:
    """One article as the export holds it, with its keys in the order of the contract."""
    revision = view.revision
    fields: dict[str, Any] = {
        "id": view.id,
        "source": view.source,
        "url": view.url,
        "canonical_url": view.canonical_url,
        "title": revision.title if revision else None,
        "lead": revision.lead if revision else None,
        "authors": list(revision.authors) if revision else [],
        "language": revision.language if revision else None,
        "published_at": revision.published.isoformat() if revision and revision.published else None,
        "modified_at": revision.modified.isoformat() if revision and revision.modified else None,
        "first_seen_at": rfc3339(view.first_seen_at),
        "last_seen_at": rfc3339(view.last_seen_at),
        "status": view.status,
        "text_scope": view.text_scope,
        "countries": [],
        "story_id": None,
        "duplicate_of": view.duplicate_of,
        "original_url": view.original_url,
        "declared_language": view.declared_language,
        "lineage": [_lineage(claim) for claim in view.lineage],
        "captions": [_caption(caption) for caption in revision.captions] if revision else [],
        "reasons": {},
        "revisions": [_revision(r) for r in view.revisions],
        "noarchive": view.noarchive,
    }
    fields["reasons"] = _reasons(view, fields)
    return fields


def _reasons(view: ArticleView, fields: dict[str, Any]) -> dict[str, str]:
    """The reasons why fields are null or empty lists, by the names of these fields."""
    if view.revision is None:
        why = f"withheld: {view.withheld_because}" if view.withheld_because else "no text was captured"
        of_the_text = {name: why for name in _OF_THE_TEXT if not fields[name]}
    else:
        known = view.revision.reasons
        missing = [name for name in _UNKNOWN if fields.get(name, view.revision.body) is None]
        of_the_text = {name: known.get(name, _UNKNOWN[name]) for name in missing}
    of_the_page = {n: _UNKNOWN[n] for n in ("original_url", "declared_language") if fields[n] is None}
    not_computed = {name: why for name, why in _NOT_COMPUTED.items() if not fields[name]}
    return of_the_page | of_the_text | not_computed


def _revision(revision: RevisionView) -> dict[str, Any]:
    kept = revision.warc_file is not None
    return {
        "number": revision.number,
        "captured_at": rfc3339(revision.captured_at),
        "published_at": revision.published.isoformat() if revision.published else None,
        "title": revision.title,
        "lead": revision.lead,
        "body": revision.body,
        "content_hash": revision.content_hash,
        "changes": list(revision.changes),
        "warc": {"file": revision.warc_file, "offset": revision.warc_offset} if kept else None,
        "first_captured_at": rfc3339(revision.first_captured_at),
        "origin": origin(revision.origin),
        "noarchive": revision.noarchive,
        "withheld_because": revision.withheld_because,
    }


def origin(made_by: Origin) -> dict[str, Any]:
    """The origin of a capture: who made it, and where it is held."""
    place = {"url": made_by.url, "offset": made_by.offset}
    return {"kind": made_by.kind} | {name: value for name, value in place.items() if value is not None}


def _lineage(claim: LineageView) -> dict[str, Any]:
    evidence = list(claim.evidence)
    if claim.name and not any(claim.name in fact for fact in evidence):
        evidence.append(f"credited: {claim.name}")
    return {
        "relation": claim.relation,
        "article_id": claim.article_id,
        "url": claim.url,
        "evidence": evidence,
        "copied_share": claim.copied_share,
    }


def _caption(caption: Caption) -> dict[str, Any]:
    return {"text": caption.text, "credit": caption.credit, "image_url": caption.image_url}
