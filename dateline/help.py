"""`dateline help`: the help of a command, or a subject explained."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from archive.cli.console.help import print_text
from archive.errors import UsageError
from dateline.subjects import SUBJECTS


def register(app: typer.Typer) -> None:
    """Add `help` to the front door's app."""

    @app.command("help")
    def show_help(
        ctx: typer.Context,
        words: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="[COMMAND|SUBJECT]", help="A command such as `sources add`, or a subject.", show_default=False
            ),
        ] = None,
    ) -> None:
        """Show the help of a command, or explain a subject.

        The subjects are:

            registry   how a source is described in a file of your own
            channels   how to follow a source that has no feed
            times      how days and times are written

        Examples:

            dateline help
            dateline help sources add
            dateline help registry
        """
        front = ctx.find_root()
        if words and len(words) == 1 and words[0] in SUBJECTS:
            print_text(SUBJECTS[words[0]])
            return
        typer.echo(_found(front, words or []).get_help())


def _found(ctx: Any, words: list[str]) -> Any:
    """The context of the command that `words` name. Raises UsageError."""
    for place, word in enumerate(words):
        group = ctx.command
        names = group.list_commands(ctx) if isinstance(group, TyperGroup) else []
        if word not in names:
            close = get_close_matches(word, [*names, *(SUBJECTS if place == 0 else ())], n=1)
            meant = (
                f"Did you mean `{' '.join([*words[:place], close[0]])}`?"
                if close
                else "`dateline help` lists the commands."
            )
            raise UsageError(f"There is no help for {' '.join(words[: place + 1])!r}.", hint=meant)
        command = group.get_command(ctx, word)
        ctx = command.context_class(command, parent=ctx, info_name=word, help_option_names=ctx.help_option_names)
    return ctx
