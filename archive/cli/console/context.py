"""The context of every command: the settings, read once."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import typer

from archive.config import Settings, load_settings
from archive.logs import configure_logs, level_for


@dataclass
class CommandContext:
    """The settings of a command, which typer carries as `ctx.obj`.

    They are read on first use, because `--help` must work with a broken dateline.toml.
    """

    home: Path | None = None
    config: Path | None = None
    verbosity: int = 0
    """How often `-v` was given; -1: `-q`."""
    service: bool = False
    """Whether the command runs for weeks: then its log is what a person reads of it."""

    @cached_property
    def settings(self) -> Settings:
        """The settings of the running command."""
        settings = load_settings(home=self.home, config=self.config)
        configure_logs(level_for(self.verbosity, service=self.service), settings.log_format)
        return settings


def is_quiet(ctx: typer.Context) -> bool:
    """Return whether `-q` was given, so that only what went wrong is printed."""
    context = ctx.find_object(CommandContext)
    return context is not None and context.verbosity < 0


def is_talkative(ctx: typer.Context) -> bool:
    """Return whether `-v` was given, so that the log says what happens."""
    context = ctx.find_object(CommandContext)
    return context is not None and context.verbosity > 0


def command_prefix(ctx: typer.Context) -> str:
    """The beginning of commands for this archive: `dateline`, with the home and settings file that were given on the command
    line.
    """
    context = ctx.find_object(CommandContext)
    words = ["dateline"]
    if context is not None and context.home is not None:
        words += ["--home", str(context.home)]
    if context is not None and context.config is not None:
        words += ["--config", str(context.config)]
    return shlex.join(words)


def settings_of(ctx: typer.Context, *, service: bool = False) -> Settings:
    """The settings of the running command. A `service` logs what happens even if nobody asks for more.

    Raises:
        ConfigError: A setting cannot be used.
    """
    context = ctx.find_object(CommandContext)
    assert context is not None, "the front door sets the context"
    context.service = service
    return context.settings
