"""`dateline verify`: read every kept capture back and compare it with its row."""

from __future__ import annotations

from dataclasses import asdict

import typer

from archive.cli.context import is_quiet, settings_of
from archive.cli.output import Column, Format, FormatOption, emit, err
from archive.cli.reading import archive_of, progress_bar
from archive.warc import verify as warc

COLUMNS = (Column("source_id", "source"), Column("url"), Column("warc_file"), Column("warc_offset"), Column("problem"))


def register(app: typer.Typer) -> None:
    """Add `verify` to the front door's app."""

    @app.command()
    def verify(ctx: typer.Context, fmt: FormatOption = Format.table) -> None:
        """Check the bytes of every capture in the WARC files against the database. Exit status 1 if anything is wrong.

        Examples:

            dateline verify
            dateline verify --format jsonl > problems.jsonl
        """
        problems = []
        with archive_of(ctx) as archive, progress_bar(quiet=is_quiet(ctx)) as progress:
            total = warc.count(archive)
            task = progress.add_task("verifying", total=total)
            for finding in warc.verify(archive, settings_of(ctx).warc_path):
                progress.advance(task)
                if finding.problem is not None:
                    problems.append(asdict(finding))
        emit(problems, COLUMNS, fmt, empty=f"{total} captures verified, no problem found")
        if problems:
            if fmt is Format.table:
                err().print(f"{len(problems)} of {total} captures have a problem")
            raise typer.Exit(1)
