"""`dateline crawl`: poll now, look again at known articles, to the end; then say what happened."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn

from archive.cli.context import is_quiet, is_talkative, settings_of
from archive.cli.output import Column, Format, FormatOption, emit, tell
from archive.cli.progress import progress
from archive.cli.terminal import safe
from archive.errors import UsageError
from archive.found import complete
from archive.model.job import CrawlJob, RevisitMode
from archive.model.source import Source
from archive.registry import Registry, registry_for
from archive.session import Archive, open_archive
from archive.sources import choose_sources, polled_channels, polled_sources, sync_sources
from crawler.cli.waits import once
from crawler.report import CrawlReport, SourceReport


class Planner(Protocol):
    """Makes jobs of sources; the scheduler's room provides it."""

    def __call__(
        self, archive: Archive, sources: Sequence[Source], *, revisit: RevisitMode, now: datetime, limit: int | None
    ) -> list[CrawlJob]: ...


class Revisit(StrEnum):
    """Which known articles are looked at again."""

    due = "due"
    all = "all"
    none = "none"


def register(app: typer.Typer, plan: Planner) -> None:
    """Add `crawl` to the front door's app."""

    @app.command()
    def crawl(
        ctx: typer.Context,
        ids: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="ID", help="Sources to crawl (default: all that are enabled and verified).", show_default=False
            ),
        ] = None,
        sources: Annotated[
            list[Path] | None,
            typer.Option(
                "--sources", help="Registry file or folder to use instead of the configured ones.", show_default=False
            ),
        ] = None,
        limit: Annotated[
            int | None, typer.Option(min=1, help="At most so many articles from each source.", show_default=False)
        ] = None,
        revisit: Annotated[Revisit, typer.Option(help="Known articles to look at again.")] = Revisit.due,
        fmt: FormatOption = Format.table,
    ) -> None:
        """Poll the sources now, fetch what is new, look again at known articles, and print what happened.

        Exit status 1 if a source failed wholly.

        Examples:

            dateline crawl                          all enabled sources
            dateline crawl yonhap-en --limit 20     one source, at most 20 articles
            dateline crawl --sources my.yaml        the sources of a file of your own
            dateline crawl --revisit all            look at every known article again
        """
        settings = settings_of(ctx)
        if sources:
            settings = settings.model_copy(update={"sources": tuple(sources)})
        registry = registry_for(settings)
        archive = open_archive(settings, create=True)
        now = datetime.now(UTC)
        with archive.writing() as session:
            sync_sources(session, registry, now)
            registry = complete(session, registry)
        with archive.reading() as session:
            # A file named on the command line is meant: what is in it need not have been checked before.
            polled = polled_sources(session, registry, unchecked=bool(sources))
        chosen = _choose(registry, ids or [], polled)
        if not is_quiet(ctx):
            _tell_of_unpolled(chosen)
        jobs = plan(archive, chosen, revisit=revisit.value, now=now, limit=limit)

        from crawler.worker import run_crawl  # Scrapy takes a second to import: not for --help

        quiet = is_quiet(ctx)
        with _shown(len(chosen), on=not quiet and not is_talkative(ctx)) as (progress, say):
            report = run_crawl(settings, archive, jobs, progress=progress, waits=None if quiet else once(say))
        print_report(report, fmt)
        if report.failed_wholly or report.halted:
            raise typer.Exit(1)


def _choose(registry: Registry, ids: Sequence[str], polled: Sequence[Source]) -> list[Source]:
    """The sources named, else those that are polled. Raises UsageError."""
    if not ids:
        if not polled:
            raise UsageError(
                "no source is enabled and verified",
                hint="`dateline sources check` finds those that are alive; a source that is named is crawled in any case: "
                "dateline crawl ID (`dateline sources list` shows the ids)",
            )
        return list(polled)
    chosen = choose_sources(registry, ids)
    refused = [source.id for source in chosen if source.status == "refused"]
    if refused:
        raise UsageError(
            f"{', '.join(refused)}: this source refuses crawlers and is not asked",
            hint=f"`dateline sources show {refused[0]}` says why.",
        )
    return chosen


def _tell_of_unpolled(chosen: Sequence[Source]) -> None:
    """Say of sources that were named why nothing new will be found there."""
    for source in chosen:
        if not source.discover:
            said = "the registry names no channel of it; its homepage is looked around for one"
        elif not polled_channels(source):
            kinds = ", ".join(dict.fromkeys(channel.kind for channel in source.discover))
            said = (
                f"its channels hold the past ({kinds}), which a backfill reads; only what is known of it is looked at"
            )
        else:
            continue
        tell(f"{source.id}: {said}")


# --- while it runs


class _Shown:
    """A progress line on a terminal's stderr; nothing where stderr is not a terminal."""

    def __init__(self, sources: int) -> None:
        self._bar = progress(
            SpinnerColumn(),
            TextColumn(f"{sources} source{'s' if sources != 1 else ''}"),
            BarColumn(bar_width=24),
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
        self._bar.console.print(safe(text), soft_wrap=True)

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
    Column("unchanged", align="right", show=_number),
    Column("gone", align="right", show=_number),
    Column("withheld", align="right", show=_number),
    Column("excluded", "excluded (why)", show=_reasons, cell=_reasons),
    Column("failed", "failed (why)", style="red", show=_reasons, cell=_reasons),
    Column("postponed", "left for later", show=_reasons, cell=_reasons),
)


def print_report(report: CrawlReport, fmt: Format) -> None:
    """The summary: the table (or data) on stdout; failures in full and totals on stderr."""
    emit((source.as_dict() for source in report.sources.values()), _columns(report, fmt), fmt)
    for source in report.sources.values():
        for problem in source.problems:
            tell(problem, label=source.source_id, style="red")
    tell(totals(report))
    if report.halted:
        tell(report.halted, label="stopped:", style="red")
    if report.stopped:
        tell("stopped before the end; what is left stays pending: run the same command again")


def _columns(report: CrawlReport, fmt: Format) -> list[Column]:
    """For people, the columns in which something stands; programs get all."""
    if fmt is not Format.table:
        return list(COLUMNS)
    always = {"source", "found", "new", "revised", "unchanged"}
    rows = [source.as_dict() for source in report.sources.values()]
    return [column for column in COLUMNS if column.key in always or any(row[column.key] for row in rows)]


def totals(report: CrawlReport) -> str:
    """One line for the end of a crawl."""
    sources: list[SourceReport] = list(report.sources.values())
    return (
        f"{report.requests} requests, {report.bytes / 1024:,.0f} KB; "
        f"{sum(s.new for s in sources)} new articles, {sum(s.revised for s in sources)} revised, "
        f"{sum(s.unchanged for s in sources)} unchanged; "
        f"{sum(s.polls_unchanged for s in sources)} of {sum(s.polls for s in sources)} channels had nothing new"
    )
