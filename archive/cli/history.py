"""`dateline history`: the revisions of an article, and every look at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.text import Text

from archive.cli.output import Column, Format, FormatOption, emit, out
from archive.cli.reading import Ref, archive_of, tell_of_namesakes
from archive.cli.terminal import safe
from archive.export.jsonl import origin
from archive.query import History
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
PRINTED = (Column("captured_at", "captured", wrap=False), *COLUMNS[1:-2])
"""For people: what counts in a history is when the publisher showed the page."""


def register(app: typer.Typer) -> None:
    """Add `history` to the front door's app."""

    @app.command()
    def history(
        ctx: typer.Context,
        ref: Ref,
        every: Annotated[
            bool, typer.Option("--all", help="Every look (default: looks with the same outcome in one line).")
        ] = False,
        fmt: FormatOption = Format.table,
    ) -> None:
        """List the revisions of an article and all looks at it, ours and those of web archives, oldest first. Programs get
        every look.

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
            console.print(Text(safe(title or "(no title)"), style="bold"), soft_wrap=True)
            console.print(Text(safe(f"{article.id} · {article.url} · {article.status}"), style="dim"), soft_wrap=True)
            lines = lines if every else list(_folded(lines))
        others = any(line["origin"]["kind"] != "live" for line in lines)
        printed = (*PRINTED, COLUMNS[-1]) if others else PRINTED
        emit(lines, printed if fmt is Format.table else COLUMNS, fmt)


def rows(found: History) -> Iterator[dict[str, Any]]:
    """One row for each look; the one that made a revision has its title and what changed."""
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


def _folded(lines: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Looks in a row that showed the same, as one line with their number."""

    def kind(line: Mapping[str, Any]) -> tuple[Any, ...]:
        return line["outcome"], line["revision"], line["made_revision"], line["origin"]["kind"]

    for _, group in groupby(lines, kind):
        same = list(group)
        last = dict(same[-1])
        if len(same) > 1:
            last["detail"] = f"{len(same)} looks since {same[0]['captured_at']}"
        yield last
