"""Options and helpers of the reading commands: an open archive, filters, and the format of a single page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive.cli.console.context import settings_of
from archive.cli.console.output import tell
from archive.cli.console.progress import progress
from archive.query import Bound, Filters, parse_days, parse_since, parse_until
from archive.query.refs import namesakes
from archive.query.spoken import DAY_FORMS, FORMS
from archive.storage.session import Archive, opened


class PageFormat(StrEnum):
    """The format in which one article is printed."""

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
        help="Only sources of this country, such as KR or 'South Korea'. May be given more than once.",
        show_default=False,
    ),
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option(
        "--language",
        metavar="TAG",
        help="Only texts in this language, such as ko or Korean. May be given more than once.",
        show_default=False,
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="TIME",
        help=f"Only what was published then or later. TIME is a day, a month, a year, a span back from now, or a time: {FORMS}.",
        show_default=False,
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="TIME",
        help="Only what was published then or earlier. The day, month or year is included. Write it as for --since.",
        show_default=False,
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="TIME",
        help="Show the archive as it was at this time, or at the end of this day, month or year: 2026-11-03, 2026-11, "
        "yesterday, 7d or 2026-11-03T09:30Z.",
        show_default=False,
    ),
]
SinceDayOption = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DAY",
        help=f"The first day: {DAY_FORMS}. Days are those of each source's own time zone.",
        show_default=False,
    ),
]
UntilDayOption = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="DAY",
        help="The last day, or the last day of a month or year. Without it the last day is today. Write it as for --since.",
        show_default=False,
    ),
]


def now() -> datetime:
    """The present time in the zone of this machine, because `today` is what its user calls so."""
    return datetime.now(UTC).astimezone()


def days(since: str | None, until: str | None, at: datetime) -> tuple[date | None, date | None]:
    """The first and the last day that the options name. A day is None if no option names it.

    Raises:
        UsageError: An option names no day.
    """
    first = parse_days(since, at)[0] if since else None
    last = parse_days(until, at)[1] if until else None
    Filters(since=first, until=last)  # refuses days in the wrong order
    return first, last


def moment(as_of: str | None, at: datetime) -> Bound | None:
    """The time that `--as-of` names. None means that the option was not given.

    Raises:
        UsageError: The option names no time.
    """
    return parse_until(as_of, at) if as_of else None


def filters(
    source: Sequence[str] | None,
    country: Sequence[str] | None,
    language: Sequence[str] | None,
    since: str | None,
    until: str | None,
    as_of: str | None,
    at: datetime,
) -> Filters:
    """The filters of the options, read at the time `at`.

    Raises:
        UsageError: An option means nothing.
    """
    return Filters(
        source=tuple(source or ()),
        country=tuple(country or ()),
        language=tuple(language or ()),
        since=parse_since(since, at) if since else None,
        until=parse_until(until, at) if until else None,
        as_of=moment(as_of, at),
    )


@contextmanager
def archive_of(ctx: typer.Context) -> Iterator[Archive]:
    """The archive of the running command.

    Raises:
        SchemaError: The schema is not the one of this version.
        DatabaseError: The database cannot be reached or opened.
        ConfigError: A setting cannot be used.
    """
    with opened(settings_of(ctx)) as archive:
        yield archive


def tell_of_namesakes(archive: Archive, ref: str) -> None:
    """Print which other articles are known under this address, because a source may claim what is another's."""
    others = namesakes(archive, ref)
    if others:
        named = "; ".join(f"{article.id} ({article.source})" for article in others)
        tell(f"Another source has named this address as one of its own: {named}. Name an article by its id to see it.")


def counted(number: int, what: str) -> str:
    """A number with its noun: `1 article`, `2,000 articles`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def progress_bar(*, beside_data: bool = False, quiet: bool = False) -> Progress:
    """A bar on stderr. `archive.cli.console.progress` describes it."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return progress(*columns, beside_data=beside_data, quiet=quiet)
