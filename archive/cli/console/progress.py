"""Displays of progress on a person's terminal. They are on stderr alone, and are gone when the work is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress import Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn

from archive.cli.console.output import err
from archive.cli.console.safe_text import safe


def is_shown() -> bool:
    """Return whether a person sees stderr."""
    return sys.stderr.isatty()


def progress(*columns: ProgressColumn, beside_data: bool = False, quiet: bool = False) -> Progress:
    """A display of these columns. There is none where stderr is no terminal, or with `quiet`.

    `beside_data` says that data are written while it is shown. If both are on terminals there is no display then, because they
    would be mixed.
    """
    return Progress(
        *columns,
        console=err(),
        transient=True,
        disable=quiet or not is_shown() or (beside_data and sys.stdout.isatty()),
        redirect_stdout=False,
        redirect_stderr=False,
    )


@contextmanager
def spinner(told: str) -> Iterator[Callable[[str], None]]:
    """Show one line that says what is being done, and for how long already. Calling what it gives replaces the words."""
    bar = progress(SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    task = bar.add_task(safe(told), total=None)
    with bar:
        yield lambda told: bar.update(task, description=safe(told))


def live(console: Console, first: RenderableType = "", *, screen: bool = False) -> Live:
    """A picture that whoever shows it renews. With `screen` it takes the whole terminal."""
    return Live(
        first,
        console=console,
        screen=screen,
        auto_refresh=False,
        transient=not screen,
        redirect_stdout=False,
        redirect_stderr=False,
    )
