"""`dateline verify`: check that everything is there that the archive says it has, as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from archive.cli.console.context import is_quiet, settings_of
from archive.cli.console.output import Column, Format, FormatOption, emit, tell
from archive.cli.console.query_options import archive_of, counted, progress_bar
from archive.verify import Problem, Step, count, sum_up
from archive.verify import verify as check

COLUMNS = (
    Column("source_id", "source"),
    Column("url"),
    Column("warc_file"),
    Column("warc_offset"),
    Column("problem"),
    Column("kind"),
    Column("subject"),
    Column("advice"),
)
"""For programs, a row for each problem."""
SUMMED = (Column("text", "problem"), Column("where"), Column("example"))
"""For people, a row for each kind of problem and place."""


def register(app: typer.Typer) -> None:
    """Add `verify` to the front door's app."""
    app.command()(verify)


def verify(
    ctx: typer.Context,
    sample: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Check only N articles and N captures, drawn at random. This takes seconds.",
            show_default=False,
        ),
    ] = None,
    fmt: FormatOption = Format.table,
) -> None:
    """Check that the whole archive is there, and that nothing in it has changed.

    It reads the database, all texts, the record of every look at an article, and every byte of the WARC files. Problems of
    one kind are summed up, with what to do about them; json, jsonl and csv list each of them. The exit status is 1 if
    anything is wrong. A crawl or the daemon may go on meanwhile.

    Examples:

        dateline verify
        dateline verify --sample 1000
        dateline verify --format jsonl > problems.jsonl
    """
    settings = settings_of(ctx)
    with archive_of(ctx) as archive, progress_bar(quiet=is_quiet(ctx)) as bar:
        total = count(archive)
        task = bar.add_task("checking", total=None)

        def show(step: Step) -> None:
            bar.update(task, description=step.text, completed=step.done, total=step.total)

        problems = list(check(archive, settings.warc_path, sample=sample, progress=show))
    serious = [problem for problem in problems if problem.serious]
    report(problems, fmt)
    if serious:
        was = "was" if len(serious) == 1 else "were"
        tell(f"{counted(len(serious), 'problem')} {was} found. `dateline verify --format json` lists each of them.")
        raise typer.Exit(1)
    if fmt is Format.table:
        looked = f"{min(sample, total):,} of {counted(total, 'capture')}" if sample else counted(total, "capture")
        tell(f"Verified {looked}. No problem was found.")


def report(problems: Sequence[Problem], fmt: Format) -> None:
    """Print the problems. Programs get all of them, people get them summed up."""
    if fmt is not Format.table:
        emit((_row(problem) for problem in problems), COLUMNS, fmt)
        return
    summed = sum_up(problems)
    if not summed:
        return
    shown = [{"text": s.text, "where": s.where, "example": f"{s.example.subject}: {s.example.problem}"} for s in summed]
    emit(shown, SUMMED, fmt)
    for advice, kinds in _advice(problems).items():
        tell(advice, label=f"{', '.join(kinds)}:", style="bold")


def _advice(problems: Sequence[Problem]) -> dict[str, list[str]]:
    """What to do, and about which kinds of problems."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        kinds = found.setdefault(problem.advice, [])
        if problem.kind not in kinds:
            kinds.append(problem.kind)
    return found


def _row(problem: Problem) -> dict[str, Any]:
    return asdict(problem) | {"advice": problem.advice}
