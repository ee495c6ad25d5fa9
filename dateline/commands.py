"""The sub-commands of all rooms, loaded when they are asked for: importing all of them takes longer than most of them run."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer import main as typer_main
from typer.core import TyperGroup

from archive.cli.furnish import furnish

Register = Callable[[typer.Typer], None]


def _of(package: str, *names: str) -> dict[str, Register]:
    def register(name: str) -> Register:
        return lambda app: import_module(f"{package}.{name}").register(app)

    return {name: register(name) for name in names}


def _sources(app: typer.Typer) -> None:
    from archive.cli import opml, sources
    from crawler.cli import add, check

    for more in (check, add, opml):
        more.register(sources.app)
    app.add_typer(sources.app, name="sources")


def _crawl(app: typer.Typer) -> None:
    from crawler.cli import crawl
    from scheduler.plan import plan_crawl

    crawl.register(app, plan_crawl)


def _backup(app: typer.Typer) -> None:
    from archive.cli import backup

    backup.register(app)


def _backfill(app: typer.Typer) -> None:
    from crawler.cli.estimate import estimate
    from scheduler.cli import backfill

    backfill.register(app, estimate)


COMMANDS: Mapping[str, Register] = {
    **_of("dateline", "demo"),
    **_of("archive.cli", "init"),
    "sources": _sources,
    "crawl": _crawl,
    "backfill": _backfill,
    **_of("scheduler.cli", "daemon", "schedule"),
    **_of("crawler.cli", "worker"),
    **_of("archive.cli", "status", "coverage", "search", "show", "history", "diff", "export", "verify", "reindex"),
    "backup": _backup,
    "restore": _backup,
    **_of("crawler.cli", "extract"),
    **_of("archive.cli", "config"),
}
"""What adds each command to an app, in the order in which `--help` shows them."""


class OnDemand(TyperGroup):
    """The group of these commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS:
            return loaded(cmd_name)
        self.commands = {name: loaded(name) for name in COMMANDS}  # one of them may have been meant
        return None


@cache
def loaded(name: str) -> Any:
    """One of `COMMANDS`, imported now if it was not before."""
    # What is imported stays: to look for garbage among it meanwhile is a seventh of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        app = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
        COMMANDS[name](app)
        furnish(app)
        return typer_main.get_group(app).commands[name]
    finally:
        if collecting:
            gc.enable()
