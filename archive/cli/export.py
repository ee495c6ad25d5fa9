"""`dateline export`: the archive for other programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from archive.cli.context import is_quiet
from archive.cli.output import tell
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
    progress_bar,
)
from archive.errors import DatelineError
from archive.export import jsonl


class ExportFormat(StrEnum):
    """What is written."""

    jsonl = "jsonl"


def register(app: typer.Typer) -> None:
    """Add `export` to the front door's app."""

    @app.command()
    def export(
        ctx: typer.Context,
        fmt: Annotated[
            ExportFormat, typer.Option("--format", help="jsonl writes one article per line, with all its revisions.")
        ] = ExportFormat.jsonl,
        output: Annotated[
            Path | None,
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
    ) -> None:
        """Write articles with all their revisions, for other programs.

        Where a value is unknown it is null, and the field "reasons" says why.

        Examples:

            dateline export -o archive.jsonl
            dateline export --source yonhap-en --since 2026-11-01 | jq .title
        """
        wanted = filters(source, country, language, since, until, as_of)
        with archive_of(ctx) as archive, progress_bar() as bar, _target(output) as stream:
            task = bar.add_task("articles", total=None)
            written = jsonl.write(
                archive, stream, wanted, lambda done, total: bar.update(task, completed=done, total=total)
            )
        if not is_quiet(ctx):
            where = f" to {output}" if output and str(output) != "-" else ""
            tell(f"Wrote {counted(written, 'article')}{where}.")


@contextmanager
def _target(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that takes its name only once it is complete and on disk."""
    if path is None or str(path) == "-":
        yield sys.stdout
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
