"""What the reading commands share: an open archive, filters, and the format of a single page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive.cli.context import settings_of
from archive.cli.output import err, say
from archive.query import Filters, parse_bound
from archive.query.refs import namesakes
from archive.session import Archive, open_archive


class PageFormat(StrEnum):
    """How one article is printed."""

    text = "text"
    json = "json"


PageFormatOption = Annotated[
    PageFormat, typer.Option("--format", help="How to print: text for people; json for programs.")
]

Ref = Annotated[str, typer.Argument(metavar="REF", help="An article's id, or any of its URLs.", show_default=False)]
SourceOption = Annotated[
    list[str] | None, typer.Option("--source", help="Only this source (may be repeated).", show_default=False)
]
CountryOption = Annotated[
    list[str] | None,
    typer.Option("--country", help="Only sources of this country, ISO 3166-1 (may be repeated).", show_default=False),
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option("--language", help="Only texts in this language, BCP 47 (may be repeated).", show_default=False),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="TIME", help="Published on this day or at this time, or later.", show_default=False
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="TIME", help="Published on this day or at this time, or before.", show_default=False
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="TIME", help="What stood there at the end of this day, or at this time.", show_default=False
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


def tell_of_namesakes(archive: Archive, ref: str) -> None:
    """Say which other articles are known under this address: a source may claim what is another's."""
    others = namesakes(archive, ref)
    if others:
        named = "; ".join(f"{article.id} ({article.source})" for article in others)
        say(f"Another source has named this address as one of its own: {named}. Name an article by its id to see it.")


def counted(number: int, what: str) -> str:
    """`1 article`, `2,000 articles`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def progress_bar() -> Progress:
    """A bar on stderr that is gone when it is done; nothing where stderr is no terminal."""
    console = err()
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
