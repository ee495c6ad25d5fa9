"""`dateline status`: what the archive holds, and how the last polls went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from archive.cli.output import Column, Format, FormatOption, emit, err
from archive.cli.reading import archive_of, counted
from archive.query import SourceStatus
from archive.query import status as status_of
from archive.search import search_is_current


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and value else "·"


COLUMNS = (
    Column("source", style="bold", wrap=False),
    Column("articles", align="right", wrap=False, show=_number),
    Column("revisions", align="right", wrap=False, show=_number),
    Column("captures", align="right", wrap=False, show=_number),
    Column("gone", align="right", wrap=False, show=_number),
    Column("withheld", align="right", wrap=False, show=_number),
    Column("pending", align="right", wrap=False, show=_number),
    Column("excluded", align="right", wrap=False, show=_number),
    Column("failed", align="right", wrap=False, show=_number),
    Column("polled_at", "last poll", wrap=False),
    Column("polls", "channels"),
)


def register(app: typer.Typer) -> None:
    """Add `status` to the front door's app."""

    @app.command()
    def status(
        ctx: typer.Context,
        ids: Annotated[
            list[str] | None,
            typer.Argument(metavar="ID", help="These sources (default: all).", show_default=False),
        ] = None,
        fmt: FormatOption = Format.table,
    ) -> None:
        """Show what the archive holds of each source, what is still to fetch, and how the last polls went.

        pending, excluded, failed: links that wait to be fetched, were not wanted or not allowed, or were given up.

        Examples:

            dateline status
            dateline status yonhap-en --format json       with every channel
        """
        with archive_of(ctx) as archive, archive.reading() as session:
            found = status_of(session, ids or [])
            current = search_is_current(session)
        emit(
            map(row, found),
            _columns(found, fmt),
            fmt,
            empty="no sources yet; `dateline crawl` takes them from the registry",
        )
        if fmt is Format.table and found:
            err().print(
                f"{counted(len(found), 'source')}, {counted(sum(s.articles for s in found), 'article')}, "
                f"{counted(sum(s.revisions for s in found), 'revision')}"
            )
        if not current:
            err().print("The full-text index was made by another version; rebuild it with: dateline reindex")


def _columns(found: Sequence[SourceStatus], fmt: Format) -> list[Column]:
    """For people, the columns in which something stands; programs get all."""
    if fmt is not Format.table:
        return list(COLUMNS)
    sparse = ("gone", "withheld", "pending", "excluded", "failed")
    return [c for c in COLUMNS if c.key not in sparse or any(getattr(s, c.key) for s in found)]


def row(found: SourceStatus) -> dict[str, Any]:
    """A source's status as programs get it, with `polls` in words."""
    return asdict(found) | {"polled_at": found.polled_at, "polls": _polls(found)}


def _polls(found: SourceStatus) -> str:
    """`2 ok, 1 failed: HTTP 500 (3 times in a row)`."""
    fine = Counter(c.outcome or "not polled yet" for c in found.channels if c.outcome != "failed")
    failed = [
        f"{c.key} failed: {c.detail or 'no reason given'}"
        + (f" ({c.failures} times in a row)" if c.failures > 1 else "")
        for c in found.channels
        if c.outcome == "failed"
    ]
    return ", ".join([*(f"{n} {outcome}" for outcome, n in sorted(fine.items())), *failed])
