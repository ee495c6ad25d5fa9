"""What a command prints reaches stdout whole, in every format, wherever stdout and stderr lead.

The commands and their formats are those of the app: a new one is called here without being named. Where one needs a value that
is not in `GIVEN`, or ends with an error, the test says what to do.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support.commands import Command, arguments, every_command
from support.reader import Reader
from support.terminal import TARGETS, Ran, Target, run, without_codes

from dateline.newsroom import AFTER_EDITS, Newsroom

SOURCE = "harbour-times"
NO_DATA = {
    "demo": "tells a story; tests/acceptance/test_demo_at_a_terminal.py",
    "init": "says what it made",
    "daemon": "runs until it is stopped, and logs",
    "worker": "runs until it is stopped, and logs",
    "reindex": "says what it did",
    "backup": "says what it did",
    "restore": "says what it did",
    "help": "explains",
    "sources enable": "says what it did",
    "sources disable": "says what it did",
    "schedule pause": "says what it did",
    "schedule resume": "says what it did",
    "schedule run": "says what it did",
}
"""Commands without `--format` that print no data, and why."""
OTHER_DATA: Mapping[str, Callable[[str], Any]] = {"sources export": ElementTree.fromstring}
"""Commands without `--format` that print data, and what reads it."""
TAKES_LONG = frozenset({"crawl", "extract", "backfill start", "sources check", "sources add"})
"""They ask servers or start a pool of readers: here each format goes to a file; the other places are tried in `make test-all`."""
ENDS_WITH = {"verify": 1, "sources check": 1, "sources add": 1}
"""Exit statuses other than 0: a file is away, and what the newsroom publishes is old."""
ON_ONE_TERMINAL = frozenset({"export", "search"})
"""Commands that print while they work: data must not be mixed with what shows how far they are."""
VOLATILE = frozenset({"at", "due", "last", "since", "seconds", "polled_at", "verified_at", "crawl_delay"})
"""Keys whose values depend on the time at which the command ran."""

_AGO = re.compile(r"\d+(?:s|min|h|d)(?:ago|late)?")

COMMANDS = every_command()
WITH_FORMATS = [(command, fmt) for command in COMMANDS for fmt in command.formats]


@dataclass
class Bench:
    """An archive of two sources, one of whose articles was edited; and what the commands print where nobody looks on."""

    reader: Reader
    given: Mapping[str, str]
    more: Mapping[str, tuple[str, ...]]
    folder: Path
    printed: dict[tuple[str, ...], Ran] = field(default_factory=dict)

    def words(self, command: Command, fmt: str | None) -> tuple[str, ...]:
        return (*arguments(command, self.given, self.more), *(("--format", fmt) if fmt else ()))

    def in_a_script(self, words: tuple[str, ...]) -> Ran:
        if words not in self.printed:
            self.printed[words] = run(words, self.environment, "file", quiet_errors=True, cwd=self.folder)
        return self.printed[words]

    def at_a_terminal(self, words: tuple[str, ...], target: Target) -> Ran:
        return run(words, self.environment, target, cwd=self.folder)

    @property
    def environment(self) -> dict[str, str]:
        return self.reader.environment


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("terminal")
    with Newsroom.start() as room:
        reader = Reader(room, folder / "home", extra={"DATELINE_DELAY": "0"})
        reader.run("crawl", SOURCE)
        room.set_time(AFTER_EDITS)
        reader.run("crawl", SOURCE, "--revisit", "all")
        reader.run("backfill", SOURCE, "--since", "2024-02", "--until", "2024-02")
        page = folder / "page.html"
        page.write_text((Path(__file__).parents[1] / "gold/en-jsonld/input.html").read_text("utf-8"), "utf-8")
        opml = folder / "feeds.opml"
        opml.write_text(
            '<opml version="2.0"><body><outline type="rss" text="Other News" xmlUrl="https://other.example/feed" '
            'htmlUrl="https://other.example/"/></body></opml>',
            "utf-8",
        )
        article = room.article(f"{SOURCE}/breakfast").url
        # A file that is away: something for verify to tell of.
        lost = min((folder / "home" / "warc").glob("*.warc.gz"))
        lost.rename(folder / lost.name)
        given = {
            "ref": article,
            "source_id": SOURCE,
            "wanted": f"http://www.courier-south.example:{room.port}/",
            "file": str(opml),
        }
        more = {
            "crawl": (SOURCE, "--revisit", "none"),
            "backfill start": (SOURCE, "--since", "2024-02", "--until", "2024-02"),
            "sources check": (SOURCE,),
            "sources add": ("--id", "another-id"),
            "sources import": ("--dry-run",),
            "extract": (str(page),),
        }
        yield Bench(reader, given, more, folder)


def read(fmt: str, text: str) -> Any:
    """What a program makes of it. Raises where it is not whole."""
    match fmt:
        case "json":
            return _still(json.loads(text))
        case "jsonl":
            assert text.endswith("\n")
            return [_still(json.loads(line)) for line in text.splitlines()]
        case "csv":
            assert text.endswith("\n")
            head, *rows = csv.reader(io.StringIO(text))
            assert {len(row) for row in rows} <= {len(head)}
            return [_still(dict(zip(head, row, strict=True))) for row in rows]
    # For people: what matters is that everything is there, whatever the time, and however it is wrapped and coloured.
    return sorted(_AGO.sub("", re.sub(r"\s+", "", without_codes(text))))


def _still(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _still(part) for key, part in value.items() if key not in VOLATILE}
    return [_still(part) for part in value] if isinstance(value, list) else value


def _cases() -> list[Any]:
    cases = []
    for command, fmt in WITH_FORMATS:
        for target in TARGETS:
            long = command.name in TAKES_LONG and target != "file"
            if target == "same terminal" and command.name not in ON_ONE_TERMINAL:
                continue
            marks = [pytest.mark.slow] if long else []
            name = f"{command.name} {fmt} to {target}".replace(" ", "-")
            cases.append(pytest.param(command, fmt, target, marks=marks, id=name))
    return cases


@pytest.mark.parametrize(("command", "fmt", "target"), _cases())
def test_data_reach_stdout_whole(bench: Bench, command: Command, fmt: str, target: Target) -> None:
    words = bench.words(command, fmt)
    alone = bench.in_a_script(words)
    status = ENDS_WITH.get(command.name, 0)
    assert alone.status == status, (
        f"{words} ended with {alone.status}: {alone.terminal}\nPut what it needs into `more`."
    )
    assert alone.out, f"{words} printed nothing where stderr is a file"
    seen = bench.at_a_terminal(words, target)
    assert seen.status == status, f"{words} ended with {seen.status}: {seen.out}\n{seen.terminal}"
    if target == "same terminal":
        for line in () if fmt in ("table", "text") else alone.out.splitlines():
            if not any(f'"{name}"' in line for name in VOLATILE):
                assert line in seen.out, f"{line!r} is not whole on the terminal"
    elif fmt in ("table", "text"):
        assert seen.out
        assert target == "terminal" or read(fmt, seen.out) == read(fmt, alone.out)
    else:
        assert read(fmt, seen.out) == read(fmt, alone.out)


@pytest.mark.parametrize("target", [target for target in TARGETS if target != "same terminal"])
@pytest.mark.parametrize("command", [c for c in COMMANDS if c.name in OTHER_DATA], ids=lambda c: c.name)
def test_other_data_reach_stdout_whole(bench: Bench, command: Command, target: Target) -> None:
    words = bench.words(command, None)
    seen = bench.at_a_terminal(words, target)
    OTHER_DATA[command.name](seen.out)


def test_every_command_is_known_here() -> None:
    unknown = {c.name for c in COMMANDS if not c.formats} - NO_DATA.keys() - OTHER_DATA.keys()
    assert not unknown, (
        f"{unknown}: without --format. Name them in NO_DATA with a reason, or in OTHER_DATA with a reader."
    )
    assert not (NO_DATA.keys() | OTHER_DATA.keys()) - {c.name for c in COMMANDS}


def test_all_csv_may_begin_with_a_byte_order_mark(bench: Bench) -> None:
    for command in COMMANDS:
        if "csv" in command.formats and command.name not in TAKES_LONG:
            words = (*bench.words(command, "csv"), "--bom")
            assert bench.in_a_script(words).out.startswith("\ufeff"), command.name


def test_no_display_takes_stdout(bench: Bench) -> None:
    """Displays are made in one place: Rich's own ones make stdout go to stderr."""
    root = Path(__file__).parents[2]
    made = re.compile(r"\b(?:Progress|Live|Status)\(|\.status\(\s*[\"'f(t]|track\(")
    files = [f for room in ("archive", "crawler", "scheduler", "dateline") for f in (root / room).rglob("*.py")]
    found = {
        str(file.relative_to(root)): line
        for file in files
        if file.name != "progress.py"
        for line in file.read_text("utf-8").splitlines()
        if made.search(line) and "def " not in line
    }
    assert not found, "use archive.cli.console.progress"


def test_a_command_whose_values_are_missing_is_told() -> None:
    with pytest.raises(LookupError, match="dateline newcomer"):
        arguments(Command("newcomer", ("json",), ("planet",)), {}, {})


def test_streams_are_utf_8_whatever_the_locale(bench: Bench) -> None:
    words = ("search", "--format", "jsonl")
    narrow = bench.environment | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "dateline", *words], env=narrow, capture_output=True, cwd=bench.folder, check=True
    )
    assert read("jsonl", done.stdout.decode("utf-8")) == read("jsonl", bench.in_a_script(words).out)
