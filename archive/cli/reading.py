"""What the reading commands share: an open archive, filters, and the format of a single page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive.cli.context import settings_of
from archive.cli.output import err
from archive.query import Filters, parse_bound
from archive.session import Archive, open_archive


class PageFormat(StrEnum):
    """How one article is printed."""

    text = "text"
    json = "json"


PageFormatOption = Annotated[PageFormat, typer.Option("--format", help="Print text for people, or json for programs.")]

Ref = Annotated[
    str, typer.Argument(metavar="REF", help="The id of an article, or one of its addresses.", show_default=False)
]
SourceOption = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="ID", help="Only this source. May be given more than once.", show_default=False),
]
CountryOption = Annotated[
    list[str] | None,
    typer.Option(
        "--country",
        metavar="CODE",
        help="Only sources of this country, such as KR. May be given more than once.",
        show_default=False,
    ),
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option(
        "--language",
        metavar="TAG",
        help="Only texts in this language, such as ko. May be given more than once.",
        show_default=False,
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="TIME",
        help="Only what was published on this day or at this time, or later.",
        show_default=False,
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="TIME",
        help="Only what was published on this day or at this time, or earlier.",
        show_default=False,
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="TIME",
        help="Show the archive as it was at this time. A day means the end of that day (UTC).",
        show_default=False,
    ),
]


def filters(
    source: Sequence[str] | None,
    country: Sequence[str] | None,
    language: Sequence[str] | None,
    since: str | None,
    until: str | None,
    as_of: str | None,
) -> Filters:
    """Filters of the options. Raises UsageError."""
    return Filters(
        source=tuple(source or ()),
        country=tuple(country or ()),
        language=tuple(language or ()),
        since=parse_bound(since) if since else None,
        until=parse_bound(until) if until else None,
        as_of=parse_bound(as_of) if as_of else None,
    )


@contextmanager
def archive_of(ctx: typer.Context) -> Iterator[Archive]:
    """The archive of the running command. Raises SchemaError, DatabaseError, ConfigError."""
    archive = open_archive(settings_of(ctx))
    try:
        yield archive
    finally:
        archive.engine.dispose()


def counted(number: int, what: str) -> str:
    """`1 article`, `2,000 articles`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def progress_bar() -> Progress:
    """A bar on stderr that is gone when it is done; nothing where stderr is no terminal."""
    console = err()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
