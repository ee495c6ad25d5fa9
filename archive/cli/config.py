"""`dateline config`: every setting with its value, the place where that is set, and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import typer
from pydantic_settings import EnvSettingsSource, TomlConfigSettingsSource

from archive.cli.console.context import CommandContext, settings_of
from archive.cli.console.output import Column, Format, FormatOption, emit
from archive.config import Settings, is_size, named_files
from archive.masking import masked, masked_web

COLUMNS = (
    Column("setting", style="bold", wrap=False),
    Column("value", show=lambda value: str(value) or NOT_SET),
    Column("origin", wrap=False),
    Column("meaning"),
)

_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
SIZES = frozenset(name for name, field in Settings.model_fields.items() if is_size(field))
NOT_SET = "not set"
_SIZES = (("T", 40), ("G", 30), ("M", 20), ("K", 10))


def register(app: typer.Typer) -> None:
    """Add `config` to the front door's app."""
    app.command()(config)


def config(ctx: typer.Context, fmt: FormatOption = Format.table) -> None:
    """Print every setting with its value, its origin and its meaning.

    A setting is taken from the first of these places that has it:

        DATELINE_NAME        an environment variable, such as DATELINE_DELAY
        DATELINE_NAME_FILE   an environment variable that names a file with the value
        dateline.toml        the settings file in the home
        default              the value that Dateline comes with

    Passwords are masked.

    Examples:

        dateline config
        DATELINE_DELAY=2 dateline config --format json
    """
    context = ctx.find_object(CommandContext)
    assert context is not None, "the front door sets the context"
    emit(rows(settings_of(ctx), context.home, context.config), COLUMNS, fmt)


def rows(settings: Settings, home: Path | None, config: Path | None) -> Iterator[dict[str, Any]]:
    """Yield one row for each setting. `home` and `config` are what the command line gave."""
    origins = _origins(settings, home, config)
    for name, field in Settings.model_fields.items():
        yield {
            "setting": name,
            "value": _shown(name, settings),
            "origin": origins.get(name, "default"),
            "variable": f"DATELINE_{name.upper()}",
            "meaning": field.description,
        }


def _origins(settings: Settings, home: Path | None, config: Path | None) -> Mapping[str, str]:
    """Where each setting that is not at its default comes from; the strongest place is entered last."""
    file = config or settings.home / "dateline.toml"
    found: dict[str, str] = dict.fromkeys(TomlConfigSettingsSource(Settings, file)(), str(file))
    found |= {name: f"{named} (DATELINE_{name.upper()}_FILE)" for name, named in named_files().items()}
    found |= dict.fromkeys(EnvSettingsSource(Settings)(), "environment")
    if home is not None:
        found["home"] = "command line"
    return found


def _shown(name: str, settings: Settings) -> str:
    """The value in force, as it would be written in the environment."""
    if name == "database_url":
        return masked(settings.database)
    if name == "webhook":  # its path is often a secret
        return masked_web(settings.webhook)
    if name == "warc_dir":
        return str(settings.warc_path)
    value = getattr(settings, name)
    if isinstance(value, timedelta):
        return _duration(value)
    if name in SIZES:
        return _size(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ",".join(f"{key}={item}" for key, item in value.items())
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


def _duration(value: timedelta) -> str:
    seconds = value.total_seconds()
    for unit, size in _UNITS:
        if seconds % size == 0 and (seconds >= size if unit != "d" else seconds > size):  # a day is 24h
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


def _size(value: int) -> str:
    for unit, power in _SIZES:
        if value >= 1 << power and value % (1 << power) == 0:
            return f"{value >> power}{unit}"
    return str(value)
