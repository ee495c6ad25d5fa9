"""`dateline export`: the archive for other programs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, BinaryIO

import typer
from rich.progress import Progress as Bar

from archive.cli.console.context import is_quiet
from archive.cli.console.output import BOM_WANTED, tell
from archive.cli.console.output_target import target
from archive.cli.console.query_options import (
    AsOfOption,
    CountryOption,
    LanguageOption,
    SinceOption,
    SourceOption,
    UntilOption,
    archive_of,
    counted,
    filters,
    now,
    progress_bar,
)
from archive.export import articles_csv, jsonl
from archive.export.spreadsheet import LONGEST
from archive.export.wanted import Progress, Written
from archive.query.filters import Filters
from archive.storage.session import Archive


class ExportFormat(StrEnum):
    """The format of the export."""

    jsonl = "jsonl"
    csv = "csv"


def register(app: typer.Typer) -> None:
    """Add `export` to the front door's app."""
    app.command()(export)


def export(
    ctx: typer.Context,
    fmt: Annotated[
        ExportFormat,
        typer.Option(
            "--format",
            help="jsonl writes one article per line, with all its revisions. csv writes one article per row, for spreadsheets.",
        ),
    ] = ExportFormat.jsonl,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="PATH",
            help="Write to this file. It appears only when it is complete. Without it the articles go to standard output.",
            show_default=False,
        ),
    ] = None,
    source: SourceOption = None,
    country: CountryOption = None,
    language: LanguageOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    as_of: AsOfOption = None,
    include_noarchive: Annotated[
        bool,
        typer.Option(
            "--include-noarchive",
            help="Write the texts of noarchive pages as well. They are kept for you alone, so ask before you hand them on.",
        ),
    ] = False,
) -> None:
    """Write articles for other programs, or as a table for spreadsheets.

    In jsonl an article has all its revisions. Where a value is unknown it is null, and the field "reasons" says why. In csv
    an article has the text that it has today, or that it had at the time given with --as-of. A text that begins like a
    formula gets an apostrophe.

    An export is for handing on. Articles whose publisher says noarchive are in it without their text, with the status
    "withheld", unless --include-noarchive is given.

    Examples:

        dateline export -o archive.jsonl
        dateline export --source yonhap-en --since 2026-11-01 | jq .title
        dateline export --format csv --bom --country KR --since 2026-03 -o kr.csv
    """
    wanted = filters(source, country, language, since, until, as_of, now())
    to_stdout = output is None or output == "-"
    shown = progress_bar(beside_data=to_stdout, quiet=is_quiet(ctx))
    with target(output) as file, archive_of(ctx) as archive, shown as bar:
        written = _write(archive, file, fmt, wanted, _shown_by(bar), include_noarchive)
    if not is_quiet(ctx):
        tell(f"Wrote {counted(written.articles, 'article')}{'' if to_stdout else f' to {output}'}.")
    for line in left_out(written, asked=include_noarchive):
        tell(line)


def left_out(written: Written, *, asked: bool) -> Iterator[str]:
    """The sentences about what a file lacks of the archive. `asked`: the texts of noarchive pages were asked for."""
    if written.noarchive and not asked:
        what = "article is" if written.noarchive == 1 else "articles are"
        yield (
            f"{written.noarchive:,} {what} without text, because the publisher says noarchive. "
            "--include-noarchive writes what is kept of it for you."
        )
    if written.cut:
        was = "was" if written.cut == 1 else "were"
        yield (
            f"{counted(written.cut, 'text')} {was} cut to {LONGEST:,} characters, which is what a cell of a spreadsheet holds. "
            "--format jsonl has them whole."
        )


def _shown_by(bar: Bar) -> Progress:
    """A progress function that moves a bar."""
    task = bar.add_task("articles", total=None)

    def progress(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)

    return progress


def _write(
    archive: Archive, file: BinaryIO, fmt: ExportFormat, wanted: Filters, progress: Progress, noarchive: bool
) -> Written:
    """Write the articles, and return how many there were. The file stays open."""
    stream = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
    try:
        if fmt is ExportFormat.csv:
            return articles_csv.write(archive, stream, wanted, progress, bom=BOM_WANTED.get(), noarchive=noarchive)
        return jsonl.write(archive, stream, wanted, progress, noarchive=noarchive)
    finally:
        stream.detach()
