"""`dateline verify`: read every kept capture back and compare it with its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import typer
from rich.progress import Progress

from archive.cli.context import settings_of
from archive.cli.output import Column, Format, FormatOption, emit, err, out, say, tell
from archive.cli.reading import counted
from archive.session import open_archive
from archive.warc import verify as warc
from archive.warc.reader import MISSING

LISTED = 3
"""Addresses that people see of one kind of problem in one file."""
COLUMNS = (Column("source_id", "source"), Column("url"), Column("warc_file"), Column("warc_offset"), Column("problem"))


def register(app: typer.Typer) -> None:
    """Add `verify` to the front door's app."""

    @app.command()
    def verify(ctx: typer.Context, fmt: FormatOption = Format.table) -> None:
        """Check the stored web pages against the database.

        Every capture is read from its WARC file and compared with its row. Problems of one kind in one file are summed up;
        json, jsonl and csv list each capture. The exit status is 1 if anything is wrong.

        Examples:

            dateline verify
            dateline verify --format jsonl > problems.jsonl
        """
        settings = settings_of(ctx)
        archive = open_archive(settings)
        total = warc.count(archive)
        problems = []
        with Progress(console=err(), transient=True) as progress:
            task = progress.add_task("verifying", total=total)
            for finding in warc.verify(archive, settings.warc_path):
                progress.advance(task)
                if finding.problem is not None:
                    problems.append(asdict(finding))
        if fmt is not Format.table:
            emit(problems, COLUMNS, fmt)
        else:
            _print(problems)
            tell(
                f"{len(problems)} of {counted(total, 'capture')} have a problem. `dateline verify --format json` lists each of them."
                if problems
                else f"Verified {counted(total, 'capture')}. No problem was found."
            )
        if problems:
            raise typer.Exit(1)


def _print(problems: Sequence[Mapping[str, Any]]) -> None:
    """One paragraph for each kind of problem in each file; of a file that is there, the first addresses that it concerns."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for problem in problems:
        groups.setdefault((problem["warc_file"], kind_of(problem)), []).append(problem)
    console = out()
    for (file, kind), found in groups.items():
        captures = counted(len(found), "capture")
        if kind == MISSING:
            say(console, f"{file} is missing: {captures}.")
            continue
        say(console, f"{file}: {captures}: {kind}.")
        for problem in found[:LISTED]:
            say(console, problem["url"], first="  ", rest="  ")
        if len(found) > LISTED:
            say(console, f"and {len(found) - LISTED:,} more", first="  ")


def kind_of(problem: Mapping[str, Any]) -> str:
    """A problem without what differs from capture to capture: place, ids and addresses."""
    said = str(problem["problem"]).removeprefix(f"{problem['warc_file']} at {problem['warc_offset']}: ")
    return said.partition(": ")[0]
