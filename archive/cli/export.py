"""`dateline export`: the archive for other programs."""

from __future__ import annotations

import io
from enum import StrEnum
from typing import Annotated

import typer

from archive.cli.context import is_quiet
from archive.cli.output import say
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
from archive.cli.target import target
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
            ExportFormat, typer.Option("--format", help="jsonl: one article a line, with all revisions.")
        ] = ExportFormat.jsonl,
        output: Annotated[
            str | None,
            typer.Option(
                "-o",
                "--output",
                metavar="PATH",
                help="Write to this file (default: standard output). It is replaced only once all is written.",
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
        """Write articles with all their revisions, for other programs. Every null has its reason beside it.

        Examples:

            dateline export -o archive.jsonl
            dateline export --source yonhap-en --since 2026-11-01 | jq .title
        """
        wanted = filters(source, country, language, since, until, as_of)
        with target(output) as file, archive_of(ctx) as archive, progress_bar() as bar:
            task = bar.add_task("articles", total=None)
            stream = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
            try:
                written = jsonl.write(
                    archive, stream, wanted, lambda done, total: bar.update(task, completed=done, total=total)
                )
            finally:
                stream.detach()
        if not is_quiet(ctx):
            where = f" to {output}" if output and output != "-" else ""
            say(f"{counted(written, 'article')} written{where}")
