"""`dateline show`: one article as a readable page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console

from archive.cli.console.output import emit_one, fact, out, say
from archive.cli.console.query_options import (
    AsOfOption,
    PageFormat,
    PageFormatOption,
    Ref,
    archive_of,
    moment,
    now,
    tell_of_namesakes,
)
from archive.export.jsonl import record
from archive.query import ArticleView, LineageView, RevisionView, get
from archive.query.when import rfc3339


def register(app: typer.Typer) -> None:
    """Add `show` to the front door's app."""
    app.command()(show)


def show(
    ctx: typer.Context,
    ref: Ref,
    revision: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Show this revision. Without it the last one that was seen is shown.",
            show_default=False,
        ),
    ] = None,
    as_of: AsOfOption = None,
    fmt: PageFormatOption = PageFormat.text,
) -> None:
    """Show an article as it is now, or as it was.

    --revision and --as-of show an earlier text.

    Examples:

        dateline show k3v9m2x7q0ab
        dateline show 'https://www.example.org/news/pact?utm_source=x'
        dateline show k3v9m2x7q0ab --revision 1
        dateline show k3v9m2x7q0ab --as-of 2026-11-03T12:00Z
    """
    meant = moment(as_of, now())
    with archive_of(ctx) as archive:
        view = get(archive, ref, number=revision, as_of=meant)
        tell_of_namesakes(archive, ref)
    if fmt is PageFormat.json:
        emit_one(_data(view))
    else:
        _print(out(), view)


def _data(view: ArticleView) -> dict[str, object]:
    """As exported, with the chosen revision only, and what the export leaves out."""
    shown = view.revision
    fields: dict[str, object] = record(replace(view, revisions=(shown,) if shown else ()))
    return fields | {
        "looked_at": rfc3339(view.looked_at),
        "aliases": list(view.aliases),
        "revision": shown.number if shown else None,
        "extractor": shown.extractor if shown else None,
        "provenance": dict(shown.provenance) if shown else {},
    }


def _print(console: Console, view: ArticleView) -> None:
    def line(text: str = "", style: str = "") -> None:
        say(console, text, style=style)

    revision = view.revision
    line((revision.title if revision else None) or "(no title)", "bold")
    for name, value in _facts(view, revision):
        fact(console, name, value)
    if revision is None:
        line()
        line(f"The publisher does not allow keeping the text: {view.withheld_because}.", "yellow")
        return
    if revision.lead:
        line()
        line(revision.lead, "italic")
    for paragraph in (revision.body or "").split("\n"):
        if paragraph.strip():
            line()
            line(paragraph)
    if not revision.body:
        line()
        line(f"No text: {revision.reasons.get('body', 'not found on the page')}.", "yellow")
    if revision.captions:
        line()
    for caption in revision.captions:
        credit = f" (photo: {caption.credit})" if caption.credit else ""
        line(f"[picture] {caption.text or caption.image_url or ''}{credit}", "dim")


def _facts(view: ArticleView, revision: RevisionView | None) -> Iterator[tuple[str, str]]:
    yield "source", f"{view.source_name} ({view.source})"
    yield "url", view.url
    if view.canonical_url != view.url:
        yield "canonical", view.canonical_url
    yield "id", view.id
    if revision is not None:
        yield from _facts_of_text(view, revision)
    yield "status", f"{view.status}, last looked at {rfc3339(view.looked_at)}"
    if view.withheld_because is None and (view.noarchive or (revision is not None and revision.noarchive)):
        yield "noarchive", "kept for you alone; an export has no text of it without --include-noarchive"
    if view.text_scope != "full":
        yield "text", f"{view.text_scope} only"
    for claim in view.lineage:
        yield claim.relation.replace("_", " "), _original(claim)
    if view.original_url and not view.lineage:
        yield "original", view.original_url
    if revision is not None:
        yield from _facts_of_capture(revision)


def _facts_of_text(view: ArticleView, revision: RevisionView) -> Iterator[tuple[str, str]]:
    if revision.authors:
        yield "by", ", ".join(revision.authors)
    yield "published", _claim(revision, "published_at")
    if revision.modified is not None:
        yield "modified", _claim(revision, "modified_at")
    declared = view.declared_language
    if revision.language or declared:
        differs = declared and revision.language and declared.split("-")[0] != revision.language.split("-")[0]
        yield "language", (revision.language or "not recognised") + (f" (the page says {declared})" if differs else "")
    last = max(len(view.revisions), revision.number)
    changes = f"; changed: {', '.join(revision.changes)}" if revision.changes else ""
    yield "revision", f"{revision.number} of {last}, captured {rfc3339(revision.captured_at)}{changes}"


def _facts_of_capture(revision: RevisionView) -> Iterator[tuple[str, str]]:
    if revision.origin.kind != "live":
        offset = f" at {revision.origin.offset}" if revision.origin.offset is not None else ""
        yield "origin", f"{revision.origin.kind}: {revision.origin.url}{offset}"
    if revision.warc_file is not None:
        yield "bytes", f"{revision.warc_file} at {revision.warc_offset}"


def _claim(revision: RevisionView, field: str) -> str:
    """A claimed time, with where it comes from."""
    claim = revision.published if field == "published_at" else revision.modified
    if claim is None:
        return f"unknown: {revision.reasons.get(field, 'no date found on the page')}"
    said = f', printed as "{claim.raw}"' if claim.raw and claim.raw != claim.isoformat() else ""
    return f"{claim.isoformat()} (from {claim.source or 'the page'}{said})"


def _original(claim: LineageView) -> str:
    where = claim.article_id or claim.url or claim.name or "unknown"
    named = f"{claim.name}, {where}" if claim.name and claim.name != where else where
    share = f", {claim.copied_share:.0%} of the text" if claim.copied_share is not None else ""
    why = f" ({'; '.join(claim.evidence)})" if claim.evidence else ""
    return f"{named}{share}{why}"
