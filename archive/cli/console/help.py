"""The layout of `--help`, which is the same for every command and readable at every width."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from archive.cli.console.output import out, room
from archive.cli.console.wrapping import cells, wrapped

WITHOUT_TERMINAL = 80
"""Columns of a help text that goes to no terminal, unless COLUMNS says otherwise."""
WIDEST = 120
"""Longer lines are hard to read."""
WIDEST_NAME = 26
Function = TypeVar("Function", bound=Callable[..., Any])
_COMMENT = re.compile(r"\s{3,}")
_WORDS = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")


class Command(TyperCommand):
    """A command whose help has this layout."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(help_page(self, ctx))


class Group(TyperGroup):
    """A group of commands whose help has this layout."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(help_page(self, ctx))

    def sections(self, ctx: Any) -> list[tuple[str, list[tuple[str, str]]]]:
        """The headings, and below each its commands with what they do."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [("Commands", [(name, summary(c.help or "")) for name, c in found if c is not None and not c.hidden])]


class App(typer.Typer):
    """A typer app whose commands and groups are of these kinds."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**({"cls": Group} | settings))

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Function], Function]:
        """Add a command, as typer's method does."""
        decorator: Callable[[Function], Function] = super().command(name, **({"cls": Command} | settings))
        return decorator


def summary(text: str) -> str:
    """The first sentence of a help text, in one line, without its full stop."""
    first = " ".join(inspect.cleandoc(text).partition("\n\n")[0].split())
    return first.partition(". ")[0].removesuffix(".")


def help_page(command: Any, ctx: Any) -> str:
    """The help of a command, for the terminal to which stdout goes."""
    console = out()
    with console.capture() as page:
        for line in _lines(command, ctx, _width(console)):
            console.print(line, soft_wrap=True)
    return page.get()


def _width(console: Console) -> int:
    return min(WIDEST, room(console) or WITHOUT_TERMINAL)


def _lines(command: Any, ctx: Any, width: int) -> Iterator[Text]:
    """The lines of a command's help: usage, description, arguments, commands and options."""
    params = [param for param in command.get_params(ctx) if not getattr(param, "hidden", False)]
    arguments = [param for param in params if isinstance(param, TyperArgument)]
    usage = ["[OPTIONS]", *map(_piece, arguments), *(["COMMAND"] if isinstance(command, TyperGroup) else [])]
    yield from wrapped(Text(f"Usage: {ctx.command_path} {' '.join(usage)}"), width, rest=" " * 8)
    yield Text()
    yield from described(command.help or "", width)
    explained = ("Arguments", [entry for entry in (_entry(param, ctx) for param in arguments) if entry[1]])
    options = ("Options", [_entry(param, ctx) for param in params if isinstance(param, TyperOption)])
    commands = command.sections(ctx) if isinstance(command, Group) else []
    beside = _widest_name([explained, options])
    yield from _section(*explained, width, beside)
    for title, entries in commands:
        yield from _section(title, entries, width, _widest_name(commands))
    yield from _section(*options, width, beside)


def _widest_name(sections: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> int:
    """The cells of the widest name beside which there is room for what it means."""
    names = [cells(name) for _, entries in sections for name, _ in entries]
    return max((size for size in names if size <= WIDEST_NAME), default=0)


def _section(title: str, entries: Sequence[tuple[str, str]], width: int, beside: int) -> Iterator[Text]:
    """A heading with its entries below. Nothing if there are none."""
    if entries:
        yield Text()
        yield Text(f"{title}:", style="bold")
        yield from _entries(entries, width, beside)


def _entries(entries: Sequence[tuple[str, str]], width: int, beside: int) -> Iterator[Text]:
    """Names with what they mean beside them; below a name that is long."""
    rest = " " * (beside + 4)
    for name, meaning in entries:
        shown = f"  {name:<{beside}}  " if cells(name) <= beside else None
        if shown is None:
            yield Text(f"  {name}", style="cyan")
        lines = wrapped(Text(meaning), width, first=shown or rest, rest=rest)
        if shown is not None:
            lines[0].stylize("cyan", 2, 2 + len(name))
        yield from lines


def described(text: str, width: int) -> Iterator[Text]:
    """Yield a help text in lines of `width` cells."""
    examples = False
    for place, block in enumerate(inspect.cleandoc(text).split("\n\n")):
        if place and not examples:
            yield Text()
        lines = block.split("\n")
        if all(line.startswith("    ") for line in lines if line.strip()):
            if examples:
                yield from _examples([_example(line) for line in lines], width)
            else:
                for line in lines:
                    yield from wrapped(Text(line[2:]), width, rest=" " * _hang(line[2:]))
            examples = False
            continue
        examples = block.strip() in ("Example:", "Examples:")
        if examples:
            yield Text("Examples:", style="bold")
        else:
            yield from wrapped(Text(" ".join(block.split())), width)


@dataclass(frozen=True, slots=True)
class Example:
    """A command line, and what it does."""

    line: str
    comment: str = ""


def _example(line: str) -> Example:
    parts = _COMMENT.split(line.strip(), maxsplit=1)
    return Example(parts[0], parts[1] if len(parts) > 1 else "")


def _examples(examples: Sequence[Example], width: int) -> Iterator[Text]:
    """Commands with their comments beside them where there is room for all, else below each. A command line that is too long goes
    on after a backslash, as a shell takes it."""
    longest = max((cells(example.line) for example in examples if example.comment), default=0)
    beside = all(2 + longest + 3 + cells(e.comment) <= width for e in examples if e.comment)
    for example in examples:
        if beside and example.comment:
            yield Text(f"  {example.line:<{longest}}   ").append(example.comment, style="dim")
            continue
        yield from command_lines(example.line, width)
        if example.comment:
            yield from wrapped(Text(example.comment, style="dim"), width, first=" " * 6, rest=" " * 6)


def _hang(line: str) -> int:
    """Where an indented line goes on: below the meaning of a name, or a little further in than it began."""
    begin = len(line) - len(line.lstrip())
    meaning = _COMMENT.search(line, begin)
    return meaning.end() if meaning and meaning.end() <= WIDEST_NAME else begin + 2


def command_lines(line: str, width: int | None, begin: str = "  ") -> Iterator[Text]:
    """Yield a command behind `begin`, as it is typed. If it is too long, a line goes on behind a backslash. Without a width it
    is one line.
    """
    if width is None or cells(f"{begin}{line}") <= width:
        yield Text(f"{begin}{line}")
        return
    shown = begin
    for part in _parts(line):
        # Two cells stay free for the backslash.
        if shown != begin and cells(shown) + 1 + cells(part) > width - 2:
            yield Text(f"{shown} \\")
            shown = "     "
        shown += part if shown == begin else f" {part}"
    yield Text(shown)


def _parts(line: str) -> list[str]:
    """A command line in pieces that stay together: an option is followed by its value."""
    parts: list[str] = []
    for word in _WORDS.findall(line):
        if parts and parts[-1].split(" ")[-1].startswith("--") and not word.startswith("-"):
            parts[-1] += f" {word}"
        else:
            parts.append(word)
    return parts


def _piece(argument: TyperArgument) -> str:
    name = _name(argument)
    shown = name if argument.required else f"[{name}]"
    return shown + ("..." if argument.nargs != 1 and not name.endswith("...") else "")


def _name(argument: TyperArgument) -> str:
    return (argument.metavar or str(argument.name).upper()).strip("[]")


def _entry(param: Any, ctx: Any) -> tuple[str, str]:
    """How a parameter is written, and what it means."""
    meaning = " ".join((param.help or "").split())
    if isinstance(param, TyperArgument):
        return _name(param), meaning
    flags = sorted([*param.opts, *param.secondary_opts], key=lambda flag: flag.startswith("--"))
    shown = ", ".join(flags)
    if not param.is_flag and not param.count:
        value, choices = _value(param, ctx)
        shown += f" {value}"
        if choices and not all(choice in meaning for choice in choices):
            meaning = _and(meaning, f"One of: {', '.join(choices)}.")
        default = param._extract_default_help_str(ctx=ctx) if param.show_default else None
        if default not in (None, "", (), []):
            meaning = _and(meaning, f"Default: {getattr(default, 'value', default)}.")
    return shown, meaning


def _value(option: Any, ctx: Any) -> tuple[str, list[str]]:
    """What stands for the value of an option, and the values that there are, if they can be listed."""
    kind = option.display_type(ctx).strip("<>").removeprefix("list[").removesuffix("]")
    choices = kind.split("|") if "|" in kind else []
    usual = "NAME" if choices else "N" if kind.startswith("int") else "PATH" if kind in ("path", "file") else "TEXT"
    return option.metavar or usual, choices


def _and(text: str, more: str) -> str:
    return f"{text} {more}" if text else more


def print_text(text: str) -> None:
    """Print a text of its own in the layout of a help text."""
    console = out()
    for line in described(text, _width(console)):
        console.print(line, soft_wrap=True)
