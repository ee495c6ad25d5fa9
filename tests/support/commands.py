"""All commands of `dateline`, found by looking at the app, and the arguments with which tests call them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import EnumMeta
from typing import Annotated, Any, get_args, get_origin

from dateline.commands import COMMANDS, loaded


@dataclass(frozen=True)
class Command:
    """One command: the words that name it, the formats that it offers, and the parameters that it must be given."""

    name: str
    formats: tuple[str, ...]
    required: tuple[str, ...]


def every_command() -> list[Command]:
    """All commands, also those of groups."""
    return [command for name in COMMANDS for command in _commands(name, loaded(name))]


def _commands(name: str, command: Any) -> Iterator[Command]:
    if hasattr(command, "commands"):
        for part, below in command.commands.items():
            yield from _commands(f"{name} {part}", below)
        return
    parameters = list(inspect.signature(command.callback, eval_str=True).parameters.values())
    formats: list[tuple[Any, ...]] = [
        tuple(kind) for p in parameters if isinstance(kind := _kind(p), EnumMeta) and p.name == "fmt"
    ]
    required = tuple(p.name for p in parameters if p.default is inspect.Parameter.empty and p.name != "ctx")
    yield Command(name, tuple(str(f.value) for f in formats[0]) if formats else (), required)


def _kind(parameter: inspect.Parameter) -> Any:
    annotation = parameter.annotation
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def arguments(command: Command, given: Mapping[str, str], more: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The words with which a command is called. `given`: a value for each parameter that must be given, by its name; `more`:
    further words by the name of the command. Raises LookupError with what is to be done where a value is missing."""
    values = []
    for name in command.required:
        if name not in given:
            raise LookupError(
                f"`dateline {command.name}` must be given {name!r}: put a value for it into GIVEN of the test that calls it"
            )
        values.append(given[name])
    return (*command.name.split(), *values, *more.get(command.name, ()))
