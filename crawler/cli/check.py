"""`dateline sources check`: which channels are alive?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from archive.cli.console.context import is_quiet, settings_of
from archive.cli.console.output import Format, FormatOption, emit, tell
from archive.errors import DatelineError, UsageError
from archive.model.source import Source
from archive.planning import checks
from archive.planning.checks import Check
from archive.registry import Registry, registry_for
from archive.sources.discovered_channels import complete_registry
from archive.sources.state import POLLED_KINDS, choose_sources, source_states, sync_sources
from archive.storage.session import Archive, open_archive
from crawler.cli.check_words import COLUMNS, check_sentences, not_checked
from crawler.cli.run_checks import Seeing, show_check_progress


def register(sources_app: typer.Typer) -> None:
    """Add `check` to the `sources` commands."""

    @sources_app.command()
    def check(
        ctx: typer.Context,
        ids: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="ID",
                help="The sources to check. Without an id all enabled sources are checked.",
                show_default=False,
            ),
        ] = None,
        fmt: FormatOption = Format.table,
    ) -> None:
        """Find out which sources work.

        robots.txt and every channel are fetched, the items are counted, and the newest date is read. Nothing is stored in the
        archive but the result. If the registry names no channel for a source, its site is searched for one, and what is found
        is remembered. A source with a channel that works is verified from then on, and is polled.

        This works beside a running daemon or crawl. The process that fetches then does the checking, and this command waits for
        the result. Ctrl-C stops the waiting; the check is still carried out.

        The exit status is 1 if a channel does not work.

        Examples:

            dateline sources check                  all enabled sources
            dateline sources check yonhap-en        one source
            dateline sources check --format jsonl   for a monitoring program
        """
        settings = settings_of(ctx)
        registry = registry_for(settings)
        archive = open_archive(settings)
        ctx.call_on_close(archive.engine.dispose)
        now = datetime.now(UTC)
        with archive.writing() as session:
            sync_sources(session, registry, now)
            registry = complete_registry(session, registry)
        chosen = _choose(archive, registry, ids or [])
        with archive.writing() as session:
            pks = checks.order_checks(session, chosen, now, why="asked for")
        with show_check_progress(is_quiet(ctx)) as say:
            seeing = Seeing(settings, archive, {source.id: source for source in chosen}, pks, say)
            over = seeing.run()
        told = [check for check in over if check.outcome != checks.OFFLINE]
        if told:
            emit((row for check in told for row in check.channels), COLUMNS, fmt)
        tell_ends(over, seeing, quiet=is_quiet(ctx))


def tell_ends(over: Sequence[Check], seeing: Seeing, *, quiet: bool) -> None:
    """Say of checks what their rows do not.

    Raises:
        DatelineError: This machine is offline.
        typer.Exit: A source was not checked, or a channel is not alive. The exit status is 1.
    """
    if not quiet:
        _tell_of_pauses(over, seeing)
    checked = {check.source_id for check in over}
    left = [source_id for source_id in seeing.sources if source_id not in checked]
    if left:
        tell(not_checked(left))
    if offline := [check.source_id for check in over if check.outcome == checks.OFFLINE]:
        raise _no_network(offline)
    if left or any(_has_dead_channel(check) for check in over):
        raise typer.Exit(1)


def _tell_of_pauses(over: Sequence[Check], seeing: Seeing) -> None:
    """Say which sources were not asked because their host wants to be left alone."""
    for check in over:
        if check.outcome == checks.PUT_OFF and check.until is not None:
            tell(check_sentences(seeing.sources[check.source_id], check, polled=""))


def _no_network(offline: Sequence[str]) -> DatelineError:
    return DatelineError(
        "no host can be reached, and no host name can be resolved: is this machine online?",
        hint=f"Nothing was noted about {', '.join(offline[:5])}{' …' if len(offline) > 5 else ''}. "
        "Give the same command again when it is online.",
    )


def _has_dead_channel(check: Check) -> bool:
    return any(not row["alive"] and row["outcome"] != "unchecked" for row in check.channels)


def _choose(archive: Archive, registry: Registry, ids: list[str]) -> list[Source]:
    """The sources named, else those worth asking. Raises UsageError."""
    if ids:
        chosen = choose_sources(registry, ids)
        refused = [source.id for source in chosen if source.status == "refused"]
        if refused:
            raise UsageError(
                f"{', '.join(refused)}: the publisher refuses crawlers, so it is not asked",
                hint=f"`dateline sources show {refused[0]}` says why.",
            )
        return chosen
    with archive.reading() as session:
        states = source_states(session, registry.sources.values())
    chosen = [
        state.source
        for state in states
        if state.enabled
        and state.source.status != "refused"
        and (not state.source.discover or any(channel.kind in POLLED_KINDS for channel in state.source.discover))
    ]
    if not chosen:
        raise UsageError(
            "no source is enabled that can be checked",
            hint="`dateline sources list` shows the sources, and `dateline sources enable ID` enables one.",
        )
    return chosen
