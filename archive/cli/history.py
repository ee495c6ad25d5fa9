"""`dateline history`: the revisions of an article, and every look at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Annotated, Any

import typer

from archive.cli.console.output import Column, Format, FormatOption, emit, out, say
from archive.cli.console.query_options import Ref, archive_of, counted, tell_of_namesakes
from archive.cli.diff import paragraph
from archive.export.jsonl import origin
from archive.model.decisions.diff import diff_revisions
from archive.query import History, RevisionView
from archive.query import history as history_of
from archive.query.when import rfc3339


def _list(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else ""


def _kind(value: object) -> str:
    return str(value["kind"]) if isinstance(value, Mapping) else ""


COLUMNS = (
    Column("observed_at", "looked at", wrap=False),
    Column("outcome", wrap=False),
    Column("revision", align="right"),
    Column("changes", show=_list),
    Column("http_status", "HTTP", align="right"),
    Column("title"),
    Column("detail"),
    Column("captured_at"),
    Column("origin", show=_kind, cell=_kind),
)
PRINTED = (
    Column("captured_at", "captured", wrap=False, show=lambda at: str(at)[:16].replace("T", " ")),
    Column("outcome", wrap=False),
    Column("revision", align="right", wrap=False, show=lambda number: "·" if number is None else str(number)),
    Column("http_status", "HTTP", align="right", wrap=False, leave_out=1, show=lambda s: "·" if s is None else str(s)),
    Column("what", "what changed"),
)
"""For people: what counts in a history is when the publisher showed the page."""
FIRST_SEEN = "first seen"
LONGEST_CHANGE = 90
"""Characters that are shown of what changed in one field."""


def register(app: typer.Typer) -> None:
    """Add `history` to the front door's app."""
    app.command()(history)


def history(
    ctx: typer.Context,
    ref: Ref,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Show every look in a line of its own. Without this, looks in a row with the same outcome share one line.",
        ),
    ] = False,
    fmt: FormatOption = Format.table,
) -> None:
    """List the revisions of an article, and when it was looked at.

    The oldest comes first. A look is one time at which Dateline or a web archive asked for the page. The table says what
    each new revision changed; `dateline diff` shows the whole of it. json, jsonl and csv always have every look.

    Examples:

        dateline history k3v9m2x7q0ab
        dateline history https://www.example.org/news/pact --all
        dateline history k3v9m2x7q0ab --format csv
    """
    with archive_of(ctx) as archive:
        found = history_of(archive, ref)
        tell_of_namesakes(archive, ref)
    lines = list(rows(found))
    if fmt is Format.table:
        article = found.article
        title = article.revision.title if article.revision else None
        console = out()
        say(console, title or "(no title)", style="bold")
        marked = " · noarchive" if article.noarchive else ""
        say(console, f"{article.id} · {article.status}{marked}", style="dim")
        say(console, article.url, style="dim")
        lines = lines if every else list(_folded(lines))
        lines = list(_told(lines, found))
        others = any(line["origin"]["kind"] != "live" for line in lines)
        emit(lines, (*PRINTED, replace(COLUMNS[-1], wrap=False)) if others else PRINTED, fmt)
    else:
        emit(lines, COLUMNS, fmt)


def rows(found: History) -> Iterator[dict[str, Any]]:
    """Yield one row for each look. The look that made a revision has its title and what changed."""
    revisions = {revision.number: revision for revision in found.article.revisions}
    for look in found.looks:
        made = revisions.get(look.revision) if look.wrote and look.revision is not None else None
        yield {
            "observed_at": rfc3339(look.observed_at),
            "captured_at": rfc3339(look.captured_at or look.observed_at),
            "origin": origin(look.origin),
            "outcome": look.outcome,
            "revision": look.revision,
            "made_revision": look.wrote,
            "changes": list(made.changes) if made else [],
            "http_status": look.http_status,
            "title": made.title if made else None,
            "detail": look.detail,
        }


def _told(lines: Iterable[Mapping[str, Any]], found: History) -> Iterator[dict[str, Any]]:
    """Rows for people: what the first look showed, and what each new revision changed."""
    revisions = {revision.number: revision for revision in found.article.revisions}
    before: RevisionView | None = None
    heading = found.article.revision.title if found.article.revision else None
    for line in lines:
        now = revisions.get(line["revision"])
        outcome, what = line["outcome"], line["detail"]
        if str(what).removeprefix("HTTP ") == str(line["http_status"]):
            what = None
        if line["made_revision"] and now is not None:
            if before is None:
                outcome, what = FIRST_SEEN, now.title if now.title != heading else None
            else:
                what = changed(before, now) or ", ".join(now.changes)
        told = "; ".join(filter(None, (what, line.get("looks"))))
        yield {**line, "outcome": outcome, "what": told}
        before = now or before


def changed(before: RevisionView, now: RevisionView) -> str:
    """The changes of a revision, in a few words for each field: `title: Ministers [-sign-] {+postpone+} harbour pact`."""
    told = []
    for field in diff_revisions(before, now):
        paragraphs = [paragraph(change, numbered=False).plain.strip() for change in field.changes]
        if field.field == "body":
            rest = f" and {counted(len(paragraphs) - 1, 'more paragraph')}" if len(paragraphs) > 1 else ""
            told.append(f"body: {_excerpt(paragraphs[0])}{rest}")
        else:
            told.append(f"{field.field}: {' '.join(map(_excerpt, paragraphs))}")
    return "; ".join(told)


def _excerpt(text: str) -> str:
    """The part of a marked text around its first change, cut between words."""
    places = [at for at in (text.find("[-"), text.find("{+")) if at >= 0]
    at = min(places, default=0)
    start = text.rfind(" ", 0, max(0, at - 30)) + 1 if at > 40 else 0
    if len(text) - start <= LONGEST_CHANGE:
        return ("… " if start else "") + text[start:]
    end = text.rfind(" ", start + LONGEST_CHANGE // 2, start + LONGEST_CHANGE)
    shown = text[start : end if end > 0 else start + LONGEST_CHANGE]
    # A bracket that was opened is closed, so that it stays clear which words are gone and which are new.
    left_open = [
        (shown.rfind(begin), close)
        for begin, close in (("[-", "-]"), ("{+", "+}"))
        if shown.rfind(begin) > shown.rfind(close)
    ]
    close = max(left_open)[1] if left_open else ""
    return ("… " if start else "") + shown + (f" …{close}" if close else " …")


def _folded(lines: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Looks in a row that showed the same, as one line with their number."""

    def kind(line: Mapping[str, Any]) -> tuple[Any, ...]:
        return line["outcome"], line["revision"], line["made_revision"], line["origin"]["kind"]

    for _, group in groupby(lines, kind):
        same = list(group)
        last = dict(same[-1])
        if len(same) > 1:
            last["looks"] = f"{len(same)} looks since {same[0]['captured_at'][:16].replace('T', ' ')}"
        yield last
