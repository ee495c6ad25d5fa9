"""Groups of commands with a default command."""

from __future__ import annotations

from typing import Any

from archive.cli.console.help import Group


def defaulting_to(command: str, *, also_for_help: bool = False) -> type[Group]:
    """A class of groups in which `dateline GROUP …` means `dateline GROUP COMMAND …`, with all options of that command.

    With `also_for_help`, `dateline GROUP --help` is the help of that command, not of the group.
    """

    class Defaulting(Group):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            named = bool(args) and args[0] in self.commands
            asks_for_help = bool(args) and args[0] in ctx.help_option_names and not also_for_help
            return super().parse_args(ctx, args if named or asks_for_help else [command, *args])

    return Defaulting
