"""The sub-commands of all rooms, loaded when they are asked for: importing all of them takes longer than most of them run."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer import main as typer_main

from archive.cli.console.common_options import add_common_options
from archive.cli.console.help import App, Group

Register = Callable[[typer.Typer], None]


def _in(module: str) -> Register:
    return lambda app: import_module(module).register(app)


def _sources(app: typer.Typer) -> None:
    from archive.cli import opml, sources
    from crawler.cli import add, check

    for more in (check, add, opml):
        more.register(sources.app)
    app.add_typer(sources.app, name="sources")


def _crawl(app: typer.Typer) -> None:
    from crawler.cli import crawl
    from scheduler.crawl_plan import plan_crawl

    crawl.register(app, plan_crawl)


def _backfill(app: typer.Typer) -> None:
    from crawler.cli.estimate import estimate
    from scheduler.cli import backfill

    backfill.register(app, estimate)


@dataclass(frozen=True, slots=True)
class Entry:
    """A command as `dateline --help` lists it.

    `does` is the first sentence of its own help, which need not be loaded for that.
    """

    section: str
    does: str
    register: Register


COLLECT, READ, LOOK_AFTER, LEARN = "Collect", "Read", "Look after", "Learn"

COMMANDS: Mapping[str, Entry] = {
    "init": Entry(COLLECT, "Create the archive, or upgrade it after an update", _in("archive.cli.init")),
    "sources": Entry(COLLECT, "Choose the publishers to follow, and check whether they can be read", _sources),
    "crawl": Entry(COLLECT, "Fetch what is new now, and print what happened", _crawl),
    "daemon": Entry(COLLECT, "Collect on schedule until it is stopped", _in("scheduler.cli.daemon")),
    "backfill": Entry(COLLECT, "Collect what was published on days in the past", _backfill),
    "worker": Entry(COLLECT, "Add a fetching process, on this machine or another", _in("crawler.cli.worker")),
    "search": Entry(READ, "Find articles by their text, in any language", _in("archive.cli.search")),
    "show": Entry(READ, "Show an article as it is now, or as it was", _in("archive.cli.show")),
    "history": Entry(READ, "List the revisions of an article, and when it was looked at", _in("archive.cli.history")),
    "diff": Entry(READ, "Show what changed between two revisions of an article", _in("archive.cli.diff")),
    "coverage": Entry(
        READ, "Show how much was collected each day, and where something is missing", _in("archive.cli.coverage")
    ),
    "export": Entry(
        READ, "Write articles for other programs, or as a table for spreadsheets", _in("archive.cli.export")
    ),
    "extract": Entry(READ, "Read one page as a crawl would, and print the article", _in("crawler.cli.extract")),
    "status": Entry(LOOK_AFTER, "Show how the sources are doing and what is being fetched", _in("archive.cli.status")),
    "schedule": Entry(
        LOOK_AFTER, "Show which source is polled next and why; pause, resume or poll one", _in("scheduler.cli.schedule")
    ),
    "verify": Entry(
        LOOK_AFTER,
        "Check that the whole archive is there, and that nothing in it has changed",
        _in("archive.cli.verify"),
    ),
    "backup": Entry(LOOK_AFTER, "Copy the whole archive into a folder", _in("archive.cli.backup")),
    "restore": Entry(LOOK_AFTER, "Make an archive from a backup, and verify it", _in("archive.cli.backup")),
    "reindex": Entry(LOOK_AFTER, "Rebuild the full-text index", _in("archive.cli.reindex")),
    "config": Entry(
        LOOK_AFTER, "Print every setting with its value, its origin and its meaning", _in("archive.cli.config")
    ),
    "demo": Entry(LEARN, "Show what Dateline does, with sample news sites on this machine", _in("dateline.demo")),
    "help": Entry(LEARN, "Show the help of a command, or explain a subject", _in("dateline.help")),
}
"""Every command, in the order in which `--help` shows them."""


class OnDemand(Group):
    """The group of these commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS:
            return loaded(cmd_name)
        self.commands = {name: loaded(name) for name in COMMANDS}  # one of them may have been meant
        return None

    def sections(self, ctx: Any) -> list[tuple[str, list[tuple[str, str]]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for name, entry in COMMANDS.items():
            found.setdefault(entry.section, []).append((name, entry.does))
        return list(found.items())


@cache
def loaded(name: str) -> Any:
    """One of `COMMANDS`, imported now if it was not before."""
    # What is imported stays: to look for garbage among it meanwhile is a seventh of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        app = App(pretty_exceptions_enable=False)
        COMMANDS[name].register(app)
        add_common_options(app)
        return typer_main.get_group(app).commands[name]
    finally:
        if collecting:
            gc.enable()
