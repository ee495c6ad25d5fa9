"""`dateline crawl`: poll now, look again at known articles, to the end; then say what happened."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn

from archive.cli.console.context import is_quiet, is_talkative, settings_of
from archive.cli.console.output import Column, Format, FormatOption, emit, err, say, tell
from archive.cli.console.progress import progress
from archive.cli.console.query_options import counted
from archive.config import Settings
from archive.errors import UsageError
from archive.model.capture import RightsPolicy
from archive.model.job import CrawlJob, RevisitMode
from archive.model.source import Source
from archive.planning.checks import open_checks
from archive.registry import Registry, registry_for
from archive.sources.discovered_channels import complete_registry
from archive.sources.state import (
    choose_sources,
    polled_channels,
    polled_sources,
    source_states,
    sync_sources,
    wants_check,
)
from archive.storage.session import Archive, open_archive
from crawler.cli.host_waits import once
from crawler.engine.report import CrawlReport, SourceReport


class Planner(Protocol):
    """The function that makes jobs of sources; the scheduler's room provides it."""

    def __call__(
        self, archive: Archive, sources: Sequence[Source], *, revisit: RevisitMode, now: datetime, limit: int | None
    ) -> list[CrawlJob]: ...


class Revisit(StrEnum):
    """The known articles that are looked at again."""

    due = "due"
    all = "all"
    none = "none"


IdsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ID",
        help="The sources to crawl. Without an id all are crawled that are enabled.",
        show_default=False,
    ),
]
SourcesOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--sources",
        metavar="PATH",
        help="Use this registry file or folder instead of the configured ones.",
        show_default=False,
    ),
]
LimitOption = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="N", help="Fetch no more than this many articles from each source.", show_default=False
    ),
]
RevisitOption = Annotated[Revisit, typer.Option(help="Which known articles to look at again.")]


def register(app: typer.Typer, plan: Planner) -> None:
    """Add `crawl` to the front door's app."""

    @app.command()
    def crawl(
        ctx: typer.Context,
        ids: IdsArgument = None,
        sources: SourcesOption = None,
        limit: LimitOption = None,
        revisit: RevisitOption = Revisit.due,
        fmt: FormatOption = Format.table,
    ) -> None:
        """Fetch what is new now, and print what happened.

        The feeds and lists of the sources are read, new articles are fetched, and known articles are looked at again if they
        may have changed. Ctrl-C stops the crawl. The same command continues later.

        An enabled source that no check has found to work yet is checked first, and polled if a channel works. A source that
        you name is polled in any case. If the registry names no channel for it, its site is searched for one.

        The exit status is 1 if nothing of a source could be fetched.

        Examples:

            dateline crawl                        all sources that are enabled
            dateline crawl yonhap-en --limit 20   one source, at most 20 articles
            dateline crawl --sources my.yaml      the sources of a file of your own
            dateline crawl --revisit all          look at every known article again
        """
        settings = settings_of(ctx)
        if sources:
            settings = settings.model_copy(update={"sources": tuple(sources)})
        registry = registry_for(settings)
        archive = open_archive(settings, create=True)
        ctx.call_on_close(archive.engine.dispose)
        now = datetime.now(UTC)
        with archive.writing() as session:
            sync_sources(session, registry, now)
            registry = complete_registry(session, registry)
        # A file named on the command line is meant: what is in it need not have been checked before.
        chosen, unchecked = _choose(archive, registry, ids or [], now, checked=bool(sources))
        if not is_quiet(ctx):
            _tell_of_unpolled(chosen, unchecked)
        planned = plan(archive, chosen, revisit=revisit.value, now=now, limit=limit)
        jobs = [replace(job, unchecked=job.kind == "poll" and job.source.id in unchecked) for job in planned]
        report = _run(ctx, settings, archive, jobs, len(chosen))
        print_report(report, fmt)
        for line in signals_told(report, settings.rights_policy):
            tell(line)
        if _has_failed(report, unchecked):
            raise typer.Exit(1)


def _run(
    ctx: typer.Context, settings: Settings, archive: Archive, jobs: Sequence[CrawlJob], sources: int
) -> CrawlReport:
    """Carry out the jobs to their end, and show the progress. `sources`: how many sources the jobs are of."""
    from crawler.runner.crawl import run_crawl  # Scrapy takes a second to import: not for --help

    quiet = is_quiet(ctx)
    with _shown(sources, on=not quiet and not is_talkative(ctx)) as (progress, say):
        return run_crawl(settings, archive, jobs, progress=progress, waits=None if quiet else once(say))


def _has_failed(report: CrawlReport, unchecked: Collection[str]) -> bool:
    """Return whether the exit status tells of a failure: nothing of a source could be fetched, the crawl was halted, or sources
    were checked first and no channel of any source was polled."""
    nothing_alive = bool(unchecked) and not any(source.polls for source in report.sources.values())
    return bool(report.failed_wholly or report.halted) or nothing_alive


def _choose(
    archive: Archive, registry: Registry, ids: Sequence[str], now: datetime, *, checked: bool
) -> tuple[list[Source], frozenset[str]]:
    """Choose the sources named, else those that are enabled; and say which of them are checked first.

    Checked first is a source that nobody has seen alive yet (none where `checked`). One that was checked in vain is left out
    until its next try is due. Raises UsageError.
    """
    if ids:
        return _named(registry, ids), frozenset()
    with archive.reading() as session:
        polled = polled_sources(session, registry, unchecked=checked)
        states = source_states(session, registry.sources.values())
        resting = {
            i
            for i, row in open_checks(session).items()
            if row.state == "resting" and row.due_at > now and row.payload.get("failures")
        }
    waiting = [] if checked else [state.source for state in states if wants_check(state)]
    unchecked = frozenset(source.id for source in waiting if source.id not in resting)
    chosen = unchecked.union(source.id for source in polled)
    if not chosen:
        raise _nothing_to_crawl(len(waiting))
    return [source for source in registry.sources.values() if source.id in chosen], unchecked


def _nothing_to_crawl(checked: int) -> UsageError:
    """Make the error that says why no source is crawled. `checked`: how many enabled sources were checked in vain."""
    said = "no source is enabled that can be polled"
    if checked:
        said = f"none of the enabled sources works ({counted(checked, 'source')} checked)"
    return UsageError(
        said,
        hint="`dateline sources check` says why. `dateline sources add ID` takes up one more of the registry. A source "
        "that you name is crawled in any case: `dateline crawl ID`. `dateline sources list` shows the ids.",
    )


def _named(registry: Registry, ids: Sequence[str]) -> list[Source]:
    chosen = choose_sources(registry, ids)
    refused = [source.id for source in chosen if source.status == "refused"]
    if refused:
        raise UsageError(
            f"{', '.join(refused)}: the publisher refuses crawlers, so it is not asked",
            hint=f"`dateline sources show {refused[0]}` says why.",
        )
    return chosen


def _tell_of_unpolled(chosen: Sequence[Source], unchecked: Collection[str]) -> None:
    """Say which sources are checked first, and of others why nothing new will be found there."""
    if unchecked:
        said = f"{counted(len(unchecked), 'source')} that no check has found to work yet: checked first, then polled."
        tell(said)
    for source in chosen:
        if source.id in unchecked:
            continue
        if not source.discover:
            said = "the registry names no channel for it. Its homepage is searched for one."
        elif not polled_channels(source):
            kinds = ", ".join(dict.fromkeys(channel.kind for channel in source.discover))
            said = f"its channels ({kinds}) hold the past, which only `dateline backfill` reads. Known articles are looked at."
        else:
            continue
        tell(f"{source.id}: {said}")


# --- while it runs

ROOM_FOR_BAR = 100
"""Columns from which the progress line has a bar beside its numbers."""


class _Shown:
    """A progress line on a terminal's stderr; nothing where stderr is not a terminal."""

    def __init__(self, sources: int) -> None:
        self._bar = progress(
            SpinnerColumn(),
            TextColumn(counted(sources, "source"), markup=False),
            *([BarColumn(bar_width=24)] if err().width >= ROOM_FOR_BAR else []),
            MofNCompleteColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
        )
        self._task = self._bar.add_task("starting", total=None)

    def __enter__(self) -> tuple[Callable[[CrawlReport, int, int], None], Callable[[str], None]]:
        self._bar.start()
        return self._update, self._tell

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _tell(self, text: str) -> None:
        """A sentence above the line."""
        say(self._bar.console, text)

    def _update(self, report: CrawlReport, waiting: int, in_flight: int) -> None:
        done = report.requests - in_flight
        sources = report.sources.values()
        new, revised = sum(s.new for s in sources), sum(s.revised for s in sources)
        failed = sum(sum(s.failed.values()) for s in sources)
        self._bar.update(
            self._task,
            completed=done,
            total=done + waiting + in_flight,
            description=f"requests · {new} new · {revised} revised · {failed} failed",
        )


def _shown(sources: int, *, on: bool) -> Any:
    """What is told of the progress, and what prints a sentence meanwhile. Where the log tells what happens, its lines and a
    line that moves would write over each other."""
    return _Shown(sources) if on and sys.stderr.isatty() else nullcontext((None, tell))


# --- at the end


def _reasons(counts: object) -> str:
    assert isinstance(counts, dict)
    return ", ".join(f"{n} {reason}" for reason, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _number(value: object) -> str:
    return str(value) if value else "·"


COLUMNS = (
    Column("source", style="bold", wrap=False),
    Column("found", align="right", show=_number),
    Column("new", align="right", show=_number),
    Column("revised", align="right", show=_number),
    Column("unchanged", align="right", leave_out=1, show=_number),
    Column("gone", align="right", leave_out=3, show=_number),
    Column("withheld", align="right", leave_out=2, show=_number),
    Column("noarchive", align="right", leave_out=3, show=_number),
    Column("excluded", "excluded (why)", show=_reasons, cell=_reasons),
    Column("failed", "failed (why)", style="red", show=_reasons, cell=_reasons),
    Column("postponed", "left for later", leave_out=4, show=_reasons, cell=_reasons),
)


def print_report(report: CrawlReport, fmt: Format) -> None:
    """Print the summary of a crawl.

    The table or the data go to stdout. Failures in full and the totals go to stderr.
    """
    rows = [source.as_dict() for source in report.sources.values()]
    if fmt is not Format.table:
        emit(rows, COLUMNS, fmt)
    elif not report.stopped or any(_happened(row) for row in rows):
        # After Ctrl-C, sources of which nothing was asked yet would be rows of dots.
        shown = [row for row in rows if _happened(row)] if report.stopped else rows
        emit(shown, _columns(shown), fmt)
    for source in report.sources.values():
        for problem in source.problems:
            tell(problem, label=f"{source.source_id}:", style="red")
    tell(totals(report))
    if report.halted:
        tell(report.halted, label="stopped:", style="red")
    if report.stopped:
        tell("The crawl was stopped before its end. Nothing is lost: the same command continues where it stopped.")


def _happened(row: Mapping[str, Any]) -> bool:
    return any(row[column.key] for column in COLUMNS if column.key != "source")


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """For people, the columns in which something stands."""
    always = {"source", "found", "new", "revised", "unchanged"}
    return [column for column in COLUMNS if column.key in always or any(row[column.key] for row in rows)]


def signals_told(report: CrawlReport, policy: RightsPolicy) -> Iterator[str]:
    """A sentence for each signal of publishers on the pages of a crawl. It names the setting that decides what follows from it."""
    sources = report.sources.values()
    because = sum((source.withheld_because for source in sources), Counter[str]())
    if marked := sum(source.noarchive for source in sources):
        yield f"noarchive on {counted(marked, 'page')}: kept for you and handed to nobody (DATELINE_NOARCHIVE = {policy.noarchive})."
    if withheld := because["noarchive"]:
        yield f"noarchive on {counted(withheld, 'page')}: withheld (DATELINE_NOARCHIVE = {policy.noarchive})."
    if withheld := because["tdm-reservation"]:
        yield f"A TDM reservation on {counted(withheld, 'page')}: withheld (DATELINE_TDM = {policy.tdm})."


def totals(report: CrawlReport) -> str:
    """Sum a crawl up in one line."""
    sources: list[SourceReport] = list(report.sources.values())
    polls, failed = sum(s.polls for s in sources), sum(s.polls_failed for s in sources)
    fresh = polls - failed - sum(s.polls_unchanged for s in sources)
    channels = f"; {fresh:,} of {counted(polls, 'channel')} had something new" if polls else ""
    channels += f", {failed:,} failed" if failed else ""
    return (
        f"{counted(report.requests, 'request')}, {report.bytes / 1024:,.0f} KB; "
        f"{counted(sum(s.new for s in sources), 'new article')}, {sum(s.revised for s in sources):,} revised, "
        f"{sum(s.unchanged for s in sources):,} unchanged{channels}"
    )
