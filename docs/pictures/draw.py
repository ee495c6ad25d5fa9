"""Draws docs/pictures/edited-headline.svg: what `dateline history` and `dateline diff` show of an edited headline.

    .venv/bin/python docs/pictures/draw.py

The output is real: the sample newsroom is crawled twice, before and after its publishers' edits, in a temporary folder.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from dateline.newsroom import Newsroom
from dateline.newsroom.model import AFTER_EDITS

WIDTH = 92
ARTICLE = "/2024/02/29/seoul-washington-breakfast"
THEME = TerminalTheme(
    (250, 250, 248),
    (36, 41, 47),
    [
        (36, 41, 47),
        (179, 29, 40),
        (17, 99, 41),
        (119, 74, 0),
        (9, 80, 174),
        (102, 57, 186),
        (27, 124, 131),
        (110, 119, 129),
    ],
    [
        (87, 96, 106),
        (207, 34, 46),
        (26, 127, 55),
        (154, 103, 0),
        (33, 139, 255),
        (130, 80, 223),
        (49, 146, 170),
        (140, 149, 159),
    ],
)
"""Dark on light, with enough contrast for each colour (WCAG 2.2, 1.4.3)."""


def main() -> None:
    """Write the picture beside this file."""
    with tempfile.TemporaryDirectory() as folder, Newsroom.start() as room:
        environment = os.environ | room.environment(Path(folder) / "home") | {"COLUMNS": str(WIDTH), "FORCE_COLOR": "1"}

        def run(*arguments: str) -> str:
            command = [sys.executable, "-m", "dateline", *arguments]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            return done.stdout

        run("init")
        run("crawl")
        room.set_time(AFTER_EDITS)
        run("crawl", "--revisit", "all")
        url = room.url("harbour-times", ARTICLE)
        shown = f"$ dateline diff {_public(url)}\n{run('diff', url)}".rstrip()
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"), force_terminal=True)  # noqa: PTH123, SIM115
    console.print(Text.from_ansi(_public(shown)), soft_wrap=False)
    picture = console.export_svg(title="An edited headline", theme=THEME, code_format=_without_web_fonts())
    (Path(__file__).parent / "edited-headline.svg").write_text(picture, encoding="utf-8")


def _public(text: str) -> str:
    """Without the port of the newsroom, which is another one each time."""
    return re.sub(r"http://([\w.-]+\.example):\d+", r"https://\1", text)


def _without_web_fonts() -> str:
    """Rich's picture of a terminal, with the reader's own fonts: it asks no other server for any."""
    from rich._export_format import CONSOLE_SVG_FORMAT

    plain = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    return plain.replace("font-family: Fira Code, monospace", "font-family: ui-monospace, Menlo, Consolas, monospace")


if __name__ == "__main__":
    main()
