"""The examples of the documents: found in their Markdown, and run as somebody would who follows them line by line.

A fenced block with the language `sh` is typed into a shell, line by line; a block `python` is a program of its own; `yaml` and
`toml` that follow a line such as "Write this to `papers.yaml`:" become that file. All other blocks are for reading.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[a-z]*)\s*$")
_FILE = re.compile(r"`(?P<name>[\w.-]+\.(?:ya?ml|toml|opml|jsonl))`[^`]*:\s*$")
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")
_JOINTS = {"|", "||", "&&", ";", "&", "(", ")"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the document, its first line there (from 1), its language, its text, and the file that it is to become."""

    document: str
    line: int
    language: str
    text: str
    file: str | None = None

    @property
    def where(self) -> str:
        return f"{self.document}:{self.line}"


def documents() -> list[str]:
    """README, tutorial and how-tos, as paths from the project's root."""
    return [
        "README.md",
        "docs/tutorial.md",
        *sorted(f"docs/how-to/{p.name}" for p in (ROOT / "docs/how-to").glob("*.md")),
    ]


def blocks(document: str) -> Iterator[Block]:
    """The fenced blocks of a document, from top to bottom."""
    lines = (ROOT / document).read_text(encoding="utf-8").splitlines()
    begun: tuple[int, re.Match[str]] | None = None
    said = ""
    for number, line in enumerate(lines, 1):
        match = _FENCE.match(line)
        if begun is None:
            if match is not None:
                begun = number, match
            elif line.strip():
                said = line
            continue
        if match is not None and not match["language"]:
            first, opening = begun
            text = "\n".join(row.removeprefix(opening["indent"]) for row in lines[first : number - 1])
            named = _FILE.search(said)
            yield Block(document, first + 1, opening["language"], text, named["name"] if named else None)
            begun = None
    assert begun is None, f"{document}:{begun and begun[0]}: this block has no end"


def commands(block: Block) -> Iterator[tuple[int, str]]:
    """The commands of a shell block with the line of each; one that goes on behind a backslash is one command."""
    first, gathered = block.line, ""
    for number, line in enumerate(block.text.splitlines(), block.line):
        if not gathered:
            first = number
        gathered += line.strip() if not gathered else " " + line.strip()
        if gathered.endswith("\\"):
            gathered = gathered[:-1].rstrip()
            continue
        if gathered and not gathered.startswith("#"):
            yield first, gathered
        gathered = ""


def programs(command: str) -> list[str]:
    """The programs that a shell command starts, in order: `DATELINE_HOME=x dateline export | jq .id` starts dateline and jq."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    started, expecting = [], True
    for word in lexer:
        if word in _JOINTS:
            expecting = True
        elif expecting and not _ASSIGNMENT.match(word):
            started.append(word.rpartition("/")[2])
            expecting = False
    return started
