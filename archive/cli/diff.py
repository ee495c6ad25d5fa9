"""`dateline diff`: what a publisher changed."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from archive.cli.output import emit_one, out
from archive.cli.reading import PageFormat, PageFormatOption, Ref, archive_of, tell_of_namesakes
from archive.cli.terminal import safe
from archive.model.diff import ParagraphChange, Part, as_dicts
from archive.query import RevisionDiff
from archive.query import diff as diff_of
from archive.query.when import rfc3339

CONTEXT = 80
"""Characters shown of what stayed the same, on each side of a change."""


def register(app: typer.Typer) -> None:
    """Add `diff` to the front door's app."""

    @app.command()
    def diff(
        ctx: typer.Context,
        ref: Ref,
        old: Annotated[
            int | None,
            typer.Argument(metavar="A", min=1, help="Revision before (default: the last but one).", show_default=False),
        ] = None,
        new: Annotated[
            int | None,
            typer.Argument(metavar="B", min=1, help="Revision after (default: the last).", show_default=False),
        ] = None,
        fmt: PageFormatOption = PageFormat.text,
    ) -> None:
        """Show what changed between two revisions: deleted red, inserted green; [-deleted-] {+inserted+} without colours.

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
    console.print(Text(safe(found.new.title or "(no title)"), style="bold"), soft_wrap=True)
    console.print(Text(safe(f"{found.article.id} · {found.article.url}"), style="dim"), soft_wrap=True)
    for name, side in (("old", found.old), ("new", found.new)):
        console.print(Text(f"{name}: revision {side.number}, captured {rfc3339(side.captured_at)}", style="dim"))
    if not found.fields:
        console.print("no difference in title, lead, body, authors, captions and date of publication")
    coloured = console.is_terminal and not console.no_color
    for field in found.fields:
        console.print()
        console.print(Text(field.field, style="bold underline"))
        for change in field.changes:
            console.print(
                _paragraph(change, coloured, numbered=field.field == "body"), soft_wrap=not console.is_terminal
            )


def _paragraph(change: ParagraphChange, coloured: bool, *, numbered: bool) -> Text:
    text = Text()
    if numbered:
        place = change.new if change.new is not None else change.old
        text.append(f"¶{place}{' of the old text' if change.new is None else ''}  ", style="dim")
    last = len(change.parts) - 1
    for at, part in enumerate(change.parts):
        _append(text, part, coloured, first=at == 0, last=at == last)
    return text


def _append(text: Text, part: Part, coloured: bool, *, first: bool, last: bool) -> None:
    words = safe(part.text)
    if part.op == "equal":
        text.append(_shortened(words, first, last))
    elif coloured:
        text.append(words, style="red strike" if part.op == "deleted" else "green")
    elif part.op == "deleted":
        text.append(f"[-{words}-]")
    else:
        text.append(f"{{+{words}+}}")


def _shortened(words: str, first: bool, last: bool) -> str:
    """The ends that touch a change, where there is much between them."""
    before = "" if first else words[:CONTEXT]
    after = "" if last else words[-CONTEXT:]
    if len(before) + len(after) + 10 >= len(words):
        return words
    return f"{before} … {after}"
