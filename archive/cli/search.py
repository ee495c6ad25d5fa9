"""`dateline search`: find articles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer
from rich.text import Text

from archive.cli.console.dash_words import QueryCommand
from archive.cli.console.output import (
    SHOWN,
    Column,
    Format,
    FormatOption,
    LimitOption,
    emit,
    out,
    say,
    tell,
    tell_of_rest,
)
from archive.cli.console.query_options import (
    AsOfOption,
    CountryOption,
    LanguageOption,
    SinceOption,
    SourceOption,
    UntilOption,
    archive_of,
    filters,
    now,
)
from archive.cli.console.safe_text import safe
from archive.query import COUNTED_TO, Hit, count, hits

COLUMNS = (
    Column("id"),
    Column("source"),
    Column("published_at"),
    Column("language"),
    Column("title"),
    Column("snippet"),
    Column("url"),
    Column("revision"),
    Column("current"),
    Column("captured_at"),
    Column("status"),
    Column("rank"),
    Column("country"),
    Column("lead"),
    Column("authors"),
    Column("first_seen_at"),
    Column("noarchive"),
)


def register(app: typer.Typer) -> None:
    """Add `search` to the front door's app."""
    app.command(cls=QueryCommand)(search)


def search(
    ctx: typer.Context,
    query: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUERY",
            help="The words to find. Without them the newest articles are listed.",
            show_default=False,
        ),
    ] = None,
    source: SourceOption = None,
    country: CountryOption = None,
    language: LanguageOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    as_of: AsOfOption = None,
    limit: LimitOption = None,
    fmt: FormatOption = Format.table,
) -> None:
    """Find articles by their text, in any language.

    The best match comes first. Accents do not matter: "Phap" finds "Pháp". All revisions are searched, so a text that
    the publisher has removed is found as well, and it is marked.

    A query consists of:

        word word       articles with all of these words
        "two words"     articles with this phrase
        -word           articles without this word
        this OR that    articles with one of the two
        begin*          articles with a word that begins so

    Examples:

        dateline search campbell sarapan
        dateline search iran -nuclear --since 7d
        dateline search '"shared patrols" -fishing' --country Indonesia
        dateline search 中美 OR "Mỹ Trung" --limit 50
        dateline search --source yonhap-en              the newest articles of one source
        dateline search tariffs --as-of 2026-11-03      as the archive was on that day
        dateline search tariffs --format csv --bom > all.csv
    """
    wanted = filters(source, country, language, since, until, as_of, now())
    text = " ".join(query) if query else None
    with archive_of(ctx) as archive:
        if fmt is not Format.table:
            emit(map(row, hits(archive, text, wanted, limit)), COLUMNS, fmt)
            return
        most = limit or SHOWN
        with archive.reading() as session:
            found = list(hits(session, text, wanted, most))
            total = count(session, text, wanted) if len(found) == most else len(found)
    _print(found)
    if len(found) < total:
        tell_of_rest(len(found), total, COUNTED_TO)


def row(hit: Hit) -> dict[str, Any]:
    """A hit as programs get it."""
    return {
        "id": hit.id,
        "source": hit.source,
        "url": hit.url,
        "title": hit.title,
        "snippet": hit.snippet,
        "language": hit.language,
        "published_at": hit.published.isoformat() if hit.published else None,
        "captured_at": hit.captured_at,
        "status": hit.status,
        "revision": hit.revision,
        "current": hit.current,
        "rank": round(hit.rank, 6) if hit.rank is not None else None,
        "marks": hit.marks,
        "country": hit.country,
        "lead": hit.lead,
        "authors": list(hit.authors),
        "first_seen_at": hit.first_seen_at,
        "noarchive": hit.noarchive,
    }


def _print(found: Sequence[Hit]) -> None:
    console = out()
    for hit in found:
        say(console, hit.title or "(no title)", style="bold")
        say(console, " · ".join(_facts(hit)), style="dim")
        if hit.snippet:
            say(console, _marked(hit))
        say(console, hit.url, style="blue")
        console.print()
    if not found:
        tell("Nothing was found.")


def _facts(hit: Hit) -> Iterator[str]:
    yield hit.published.isoformat() if hit.published else "date unknown"
    yield safe(hit.source)
    if hit.language:
        yield safe(hit.language)
    yield hit.id
    if hit.status != "live":
        yield hit.status
    if hit.noarchive:
        yield "noarchive"
    if not hit.current:
        yield f"revision {hit.revision}, which the page no longer shows"


def _marked(hit: Hit) -> Text:
    """The snippet with the words found in it in bold. Pieces are made safe one by one: that may shorten them."""
    text, place = Text(), 0
    for start, end in hit.marks:
        text.append(safe(hit.snippet[place:start]))
        text.append(safe(hit.snippet[start:end]), style="bold yellow")
        place = end
    text.append(safe(hit.snippet[place:]))
    return text
