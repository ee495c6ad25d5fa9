"""Commands whose words may begin with a minus: `dateline search iran -nuclear` leaves a word out."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

_MARK = "\ue000"
"""Stands before such a word while options are told from words (a private-use character: nobody types it)."""


class QueryCommand(TyperCommand):
    """A command for which `-word` is a word, whatever letters it begins with. Besides `-h`, options are `--written-out`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Protect the words that begin with a minus, and parse the arguments."""
        short = {name for parameter in self.get_params(ctx) for name in parameter.opts if _is_short(name)}
        rest = super().parse_args(ctx, [_MARK + arg if _is_short(arg) and arg not in short else arg for arg in args])
        for name, value in ctx.params.items():
            ctx.params[name] = _unmarked(value)
        ctx.args = _unmarked(ctx.args)
        return rest


def _is_short(text: str) -> bool:
    return text.startswith("-") and not text.startswith("--") and len(text) > 1


def _unmarked(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return type(value)(_word(part, among=len(value)) for part in value)
    return _word(value, among=1)


def _word(value: Any, *, among: int) -> Any:
    """A word as it was typed. One of several that holds blanks was quoted for the shell: it is meant as a phrase."""
    if not isinstance(value, str) or not value.startswith(_MARK):
        return value
    word = value[len(_MARK) :]
    return f'-"{word[1:]}"' if among > 1 and " " in word and '"' not in word else word
