"""`dateline diff`: what a publisher changed."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from archive.cli.console.output import emit_one, out, say
from archive.cli.console.query_options import (
    PageFormat,
    PageFormatOption,
    Ref,
    archive_of,
    tell_of_namesakes,
)
from archive.cli.console.safe_text import safe
from archive.model.decisions.diff import ParagraphChange, Part, as_dicts
from archive.query import RevisionDiff
from archive.query import diff as diff_of
from archive.query.when import rfc3339

CONTEXT = 80
"""Characters shown of what stayed the same, on each side of a change."""


def register(app: typer.Typer) -> None:
    """Add `diff` to the front door's app."""
    app.command()(diff)


def diff(
    ctx: typer.Context,
    ref: Ref,
    old: Annotated[
        int | None,
        typer.Argument(
            metavar="A",
            min=1,
            help="The number of the older revision. Without it the last two are compared.",
            show_default=False,
        ),
    ] = None,
    new: Annotated[
        int | None,
        typer.Argument(
            metavar="B",
            min=1,
            help="The number of the newer revision. Without it the last one is taken.",
            show_default=False,
        ),
    ] = None,
    fmt: PageFormatOption = PageFormat.text,
) -> None:
    """Show what changed between two revisions of an article.

    [-Deleted words-] and {+inserted words+} stand in these brackets. On a terminal with colours, deleted words are red and
    inserted words are green as well.

    Examples:

        dateline diff k3v9m2x7q0ab
        dateline diff https://www.example.org/news/pact 1 3
        dateline diff k3v9m2x7q0ab --format json
    """
    with archive_of(ctx) as archive:
        found = diff_of(archive, ref, old, new)
        tell_of_namesakes(archive, ref)
    if fmt is PageFormat.json:
        emit_one(data(found))
    else:
        render(out(), found)


def data(found: RevisionDiff) -> dict[str, Any]:
    """A diff as programs get it."""
    return {
        "id": found.article.id,
        "url": found.article.url,
        "old": {"number": found.old.number, "captured_at": rfc3339(found.old.captured_at)},
        "new": {"number": found.new.number, "captured_at": rfc3339(found.new.captured_at)},
        "fields": as_dicts(found.fields),
    }


def render(console: Console, found: RevisionDiff) -> None:
    """Print a diff for people."""
    say(console, found.new.title or "(no title)", style="bold")
    say(console, f"{found.article.id}{' · noarchive' if found.article.noarchive else ''}", style="dim")
    say(console, found.article.url, style="dim")
    for name, side in (("old", found.old), ("new", found.new)):
        say(console, f"{name}: revision {side.number}, captured {rfc3339(side.captured_at)}", style="dim")
    if not found.fields:
        say(console, "The two have the same title, lead, body, authors, captions and date of publication.")
    for field in found.fields:
        console.print()
        console.print(Text(field.field, style="bold underline"))
        for change in field.changes:
            say(console, paragraph(change, numbered=field.field == "body"))


def paragraph(change: ParagraphChange, *, numbered: bool) -> Text:
    """A paragraph with its changes in brackets, which show them to those who see no colours, too."""
    text = Text()
    if numbered:
        place = change.new if change.new is not None else change.old
        text.append(f"¶{place}{' of the old text' if change.new is None else ''}  ", style="dim")
    last = len(change.parts) - 1
    for at, part in enumerate(change.parts):
        _append(text, part, first=at == 0, last=at == last)
    return text


def _append(text: Text, part: Part, *, first: bool, last: bool) -> None:
    words = safe(part.text)
    if part.op == "equal":
        text.append(_shortened(words, first, last))
    elif part.op == "deleted":
        _mark(text, "[-", words, "-]", "red")
    else:
        _mark(text, "{+", words, "+}", "green")


def _mark(text: Text, begin: str, words: str, end: str, style: str) -> None:
    """Brackets stand close to the words: white space around them stays outside, where a line may be broken."""
    inner = words.strip(" ")
    if not inner:
        text.append(f"{begin}{words}{end}", style=style)
        return
    text.append(words[: len(words) - len(words.lstrip(" "))])
    text.append(f"{begin}{inner}{end}", style=style)
    text.append(words[len(words.rstrip(" ")) :])


def _shortened(words: str, first: bool, last: bool) -> str:
    """The ends that touch a change, where there is much between them."""
    before = "" if first else words[:CONTEXT]
    after = "" if last else words[-CONTEXT:]
    if len(before) + len(after) + 10 >= len(words):
        return words
    return f"{before} … {after}"
