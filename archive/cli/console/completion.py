"""Completion by the shell: ids of sources, their countries and languages. A person who presses Tab is shown no errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import typer

from archive.config import load_settings
from archive.errors import DatelineError
from archive.model.source import Source


def sources(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """The ids of the registry's sources that begin so, with their names."""
    return [(source.id, source.name) for source in _registry(ctx) if source.id.startswith(incomplete.lower())]


def countries(ctx: typer.Context, incomplete: str) -> list[str]:
    """The codes of the countries of which the registry has sources."""
    return _beginning(incomplete, (source.country for source in _registry(ctx)))


def languages(ctx: typer.Context, incomplete: str) -> list[str]:
    """The tags of the languages in which the registry's sources write."""
    return _beginning(incomplete, (tag for source in _registry(ctx) for tag in source.language))


def _beginning(incomplete: str, values: Iterable[str | None]) -> list[str]:
    return sorted({value for value in values if value and value.lower().startswith(incomplete.lower())})


def _registry(ctx: typer.Context) -> Iterator[Source]:
    """The sources of the registry that the command line so far means; none where settings or registry are wrong: the command
    itself says so."""
    from archive.registry import registry_for  # half a second: not for commands

    given = ctx.find_root().params
    try:
        yield from registry_for(load_settings(home=given.get("home"), config=given.get("config"))).sources.values()
    except DatelineError:
        return
