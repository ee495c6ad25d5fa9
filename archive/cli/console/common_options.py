"""Options that every command gets without asking for them: `--bom` beside a `--format` that knows csv, and completion by the
shell.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import EnumMeta
from functools import wraps
from typing import Annotated, Any, get_args, get_origin

import typer

from archive.cli.console.completion import countries, languages, sources
from archive.cli.console.output import BOM_WANTED
from archive.errors import UsageError

BomOption = Annotated[
    bool,
    typer.Option("--bom", help="With --format csv: begin with a byte-order mark. Excel needs it to read UTF-8."),
]
COMPLETED: dict[str, Callable[..., Any]] = {"--source": sources, "--country": countries, "--language": languages}
"""By the name of an option. Arguments that are called ID in the help name sources."""


def add_common_options(app: typer.Typer) -> None:
    """Add the common options to all commands of an app and of its groups. Adding them twice changes nothing."""
    for group in app.registered_groups:
        if group.typer_instance is not None:
            add_common_options(group.typer_instance)
    for command in app.registered_commands:
        if command.callback is None:
            continue
        signature = inspect.signature(command.callback, eval_str=True)
        for parameter in signature.parameters.values():
            _complete(parameter)
        if "bom" in signature.parameters:
            continue
        for parameter in filter(_offers_csv, signature.parameters.values()):
            command.callback = _with_bom(command.callback, signature, parameter.name)


def _annotation(parameter: inspect.Parameter) -> tuple[Any, Any]:
    """The type of a parameter, and what typer is told of it."""
    if get_origin(parameter.annotation) is not Annotated:
        return parameter.annotation, None
    kind, info, *_ = get_args(parameter.annotation)
    return kind, info


def _offers_csv(parameter: inspect.Parameter) -> bool:
    kind, info = _annotation(parameter)
    return isinstance(kind, EnumMeta) and "csv" in kind.__members__ and "--format" in _names(info)


def _complete(parameter: inspect.Parameter) -> None:
    _, info = _annotation(parameter)
    if info is None or info.autocompletion is not None:
        return
    named = {f"--{parameter.name}", *_names(info)}
    if str(info.metavar or "").rstrip(".") == "ID" and not isinstance(info, typer.models.OptionInfo):
        info.autocompletion = sources
    elif isinstance(info, typer.models.OptionInfo):
        info.autocompletion = next((COMPLETED[name] for name in sorted(named) if name in COMPLETED), None)


def _names(info: Any) -> set[str]:
    """The names of an option. Inside of `Annotated` typer takes the first for a default."""
    declared = (getattr(info, "default", None), *(getattr(info, "param_decls", None) or ()))
    return {name for name in declared if isinstance(name, str)}


def _with_bom(callback: Callable[..., Any], signature: inspect.Signature, fmt: str) -> Callable[..., Any]:
    """The command with `--bom`; its parameter `fmt` says in which format it prints."""

    @wraps(callback)
    def command(*given: Any, bom: bool = False, **named: Any) -> Any:
        if bom and named[fmt] != "csv":
            raise UsageError("--bom is for spreadsheets", hint="Use it together with --format csv.")
        before = BOM_WANTED.set(bom)
        try:
            return callback(*given, **named)
        finally:
            BOM_WANTED.reset(before)

    option = inspect.Parameter("bom", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=BomOption)
    parameters = [*signature.parameters.values(), option]
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # inspect reads it
    return command
