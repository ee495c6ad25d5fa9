"""`dateline export`: the archive for other programs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.markup import escape

from archive.cli.context import is_quiet
from archive.cli.output import BOM_WANTED, data_stream, err
from archive.cli.reading import (
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
from archive.errors import DatelineError
from archive.export import articles_csv, jsonl
from archive.export.spreadsheet import LONGEST


class ExportFormat(StrEnum):
    """What is written."""

    jsonl = "jsonl"
    csv = "csv"


def register(app: typer.Typer) -> None:
    """Add `export` to the front door's app."""

    @app.command()
    def export(
        ctx: typer.Context,
        fmt: Annotated[
            ExportFormat,
            typer.Option(
                "--format",
                help="jsonl: one article a line, with all its revisions. csv: one article a row, for spreadsheets.",
            ),
        ] = ExportFormat.jsonl,
        output: Annotated[
            Path | None,
            typer.Option(
                "-o",
                "--output",
                metavar="PATH",
                help="Write to this file, whole or not at all (default: standard output).",
                show_default=False,
            ),
        ] = None,
        source: SourceOption = None,
        country: CountryOption = None,
        language: LanguageOption = None,
        since: SinceOption = None,
        until: UntilOption = None,
        as_of: AsOfOption = None,
    ) -> None:
        """Write articles for other programs: with all their revisions (jsonl), or as a table (csv).

        In jsonl every null has its reason beside it. In csv an article has the text that it has today, or that it had at the
        time given with --as-of; a text that begins like a formula gets an apostrophe.

        Examples:

            dateline export -o archive.jsonl
            dateline export --source yonhap-en --since 2026-11-01 | jq .title
            dateline export --format csv --bom --country KR --since 2026-03 -o kr.csv
        """
        wanted = filters(source, country, language, since, until, as_of, now())
        shown = progress_bar(beside_data=_is_stdout(output), quiet=is_quiet(ctx))
        with archive_of(ctx) as archive, _target(output) as stream, shown as bar:
            task = bar.add_task("articles", total=None)

            def progress(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            if fmt is ExportFormat.csv:
                table = articles_csv.write(archive, stream, wanted, progress, bom=BOM_WANTED.get())
                written, cut = table.articles, table.cut
            else:
                written, cut = jsonl.write(archive, stream, wanted, progress), 0
        if not is_quiet(ctx):
            where = "" if _is_stdout(output) else f" to {output}"
            err().print(escape(f"{counted(written, 'article')} written{where}"), soft_wrap=True)
        if cut:
            err().print(
                f"{counted(cut, 'text')} cut to {LONGEST:,} characters, which is what a cell of a spreadsheet holds. "
                "--format jsonl has them whole.",
                soft_wrap=True,
            )


def _is_stdout(path: Path | None) -> bool:
    return path is None or str(path) == "-"


@contextmanager
def _target(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that takes its name only once it is complete and on disk."""
    if path is None or str(path) == "-":
        yield data_stream()
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise DatelineError(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
