"""`dateline demo`: the product shown on the sample newsroom, with the same commands that a person would type."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from archive.cli.console.context import CommandContext
from archive.cli.console.help import command_lines
from archive.cli.console.output import out, room
from archive.cli.console.safe_text import safe
from archive.errors import DatelineError, UsageError
from dateline.newsroom import AFTER_EDITS, START, Newsroom, Request
from dateline.newsroom.client import CONTACT

DEFAULT_HOME = Path("dateline-demo")
MARK = ".dateline-demo"
"""A file of this name makes a folder a demo's home, which the next demo may replace."""
WIDTH = 110
"""Columns where stdout is no terminal."""


class DemoError(DatelineError):
    """A command of the demo failed."""


def register(app: typer.Typer) -> None:
    """Add `demo` to the front door's app."""

    @app.command()
    def demo(ctx: typer.Context) -> None:
        """Show what Dateline does, with sample news sites on this machine.

        Ten small news sites are crawled, their publishers edit some articles, and the sites are crawled again. No network is
        needed. The archive stays in the folder dateline-demo (or in --home), so that you can try further commands on it. The
        next demo replaces it.

        Examples:

            dateline demo
            dateline --home /tmp/try-out demo
        """
        context = ctx.find_object(CommandContext)
        home = (context.home if context is not None else None) or DEFAULT_HOME
        prepare_home(home)
        with Newsroom.start(time=START) as room:
            write_settings(home, room)
            Story(room, Commands(home, command_name()), out()).tell()


# --- its home


def prepare_home(home: Path) -> None:
    """Make an empty demo home. An earlier demo's is replaced.

    Raises:
        UsageError: The folder holds something else.
    """
    if home.exists() or home.is_symlink():
        if home.is_symlink() or not home.is_dir():
            raise UsageError(f"{home} is no folder", hint="Name another one: dateline --home DIR demo")
        if any(home.iterdir()):
            if not (home / MARK).is_file():
                raise UsageError(
                    f"{home} is not empty and was not made by a demo; it stays untouched",
                    hint="Name a new folder: dateline --home DIR demo",
                )
            shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / MARK).write_text("This folder was made by `dateline demo`; the next demo here replaces it.\n", "utf-8")


def write_settings(home: Path, room: Newsroom) -> None:
    """The newsroom's registry, and a dateline.toml with which every later command finds it."""
    registry = room.write_registry(home / "sources.yaml")
    lines = [
        "# Settings of the demo: its sources, and where their invented host names lead.",
        f"sources = [{_quoted(str(registry.absolute()))}]",
        f"contact = {_quoted(CONTACT)}",
        'allow_networks = ["127.0.0.0/8"]',
        "",
        "[resolve]",
        *(f"{_quoted(host)} = {_quoted(address)}" for host, address in room.resolve().items()),
    ]
    (home / "dateline.toml").write_text("\n".join(lines) + "\n", "utf-8")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a basic string of TOML is written as JSON writes strings


# --- its commands


def command_name() -> str:
    """The name by which this person calls `dateline`: `dateline` if that finds it, else as it was called now."""
    called = Path(sys.argv[0])
    if called.name != "dateline":
        return f"{shlex.quote(sys.executable)} -m dateline"
    found = shutil.which("dateline")
    if found is not None and Path(found).resolve() == called.resolve():
        return "dateline"
    return shlex.quote(str(called))


@dataclass(frozen=True, slots=True)
class Commands:
    """The real command, run on the demo's home. `name` is how it is shown."""

    home: Path
    name: str

    def line(self, *words: str) -> str:
        """The command as a person types it."""
        return f"{self.name} --home {shlex.quote(str(self.home))} {shlex.join(words)}"

    def _run(self, words: Sequence[str], *, capture: bool) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "dateline", "--home", str(self.home), *(["-q"] if capture else []), *words],
            env=environment(os.environ),
            stdout=subprocess.PIPE if capture else None,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != 0:
            raise DemoError(
                f"`{self.line(*words)}` ended with status {done.returncode}",
                hint="What it said stands above. Please report it, with your Python version and system.",
            )
        return done.stdout or ""

    def show(self, *words: str) -> None:
        """Run a command for the person to see."""
        sys.stdout.flush()
        self._run(words, capture=False)

    def read(self, *words: str) -> str:
        """Run a command for its output."""
        return self._run(words, capture=True)


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """The environment of the demo's commands.

    It is without settings of another archive, and wide enough where there is no terminal.
    """
    kept = {name: value for name, value in given.items() if not name.startswith("DATELINE_")}
    if not sys.stdout.isatty():
        kept.setdefault("COLUMNS", str(WIDTH))
    return kept


# --- its story

Held = Mapping[str, int]
"""Revisions by id of the article."""


@dataclass(frozen=True, slots=True)
class Story:
    """The demo, section by section."""

    room: Newsroom
    commands: Commands
    console: Console

    def tell(self) -> None:
        self.sources()
        held = self.first_crawl()
        self.second_crawl(held)
        self.edits(held)
        self.deleted()
        self.clean_page()
        self.search()
        self.next_steps()

    # --- sections

    def sources(self) -> None:
        languages = len({site.language for site in self.room.sites.values()})
        self.section(
            1,
            "The sources",
            f"{len(self.room.sites)} invented news sites in {languages} languages now run on this machine. "
            f"It is {START:%-d %B %Y, %H:%M} UTC in their newsroom. A registry names each site and its feeds.",
        )
        self.run("sources", "list")

    def first_crawl(self) -> Held:
        self.section(
            2, "The first crawl", "Every feed is read, and every article that it lists. The bytes go to WARC files."
        )
        self.run("crawl")
        records = self.records()
        languages = Counter(record["language"] for record in records if record["language"])
        private = sum(record["noarchive"] for record in records)
        withheld = sum(record["status"] == "withheld" for record in records) - private
        told = ", ".join(f"{count} {language}" for language, count in languages.most_common())
        self.say(
            f"The archive now knows {len(records)} articles ({told}). Of {withheld} it keeps no text, because their publishers "
            f"reserve text and data mining. {private} are kept for you alone, because their publishers say noarchive: the "
            "export holds no text of them."
        )
        asked = {f"http://{request.host}:{self.room.port}{request.path}" for request in self.room.log()}
        overstepped = [article.url for article in self.room.truth() if article.forbidden and article.url in asked]
        self.say(
            f"Asked for although robots.txt forbids it: {', '.join(overstepped)}. That is an error of ours."
            if overstepped
            else "What robots.txt forbids was not asked for."
        )
        return {record["id"]: len(record["revisions"]) for record in records}

    def second_crawl(self, held: Held) -> None:
        self.section(
            3,
            "A second crawl, a moment later",
            "Nothing has happened. All known articles are looked at again, but servers are asked only whether something changed.",
        )
        self.room.clear_log()
        self.run("crawl", "--revisit", "all")
        self.say(f"{requests_told(self.room.log())} New revisions: {len(new_revisions(self.records(), held))}.")

    def edits(self, held: Held) -> None:
        self.room.set_time(AFTER_EDITS)
        made = sum(state.since > START for article in self.room.truth() for state in article.states[1:])
        self.section(
            4,
            "The publishers edit",
            f"Six hours pass in the newsroom. {made} articles are edited without a word about it, new ones appear, one moves, some vanish.",
        )
        self.run("crawl", "--revisit", "all")
        records = self.records()
        fresh = new_revisions(records, held)
        kinds = Counter(kind for revision in fresh for kind in revision["changes"])
        told = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
        if not fresh:
            raise DemoError(
                f"{made} edits were made, and the crawl found none of them",
                hint="Please report it, with your Python version and system.",
            )
        self.say(f"{made} edits made, {len(fresh)} new revisions found ({told}). What some of them changed:")
        revised = {record["canonical_url"] for record in records if new_revisions([record], held)}
        for name in ("mekonghub/breakfast", "harbour-times/breakfast", "vestnik/northern-route"):
            if (url := self.room.article(name).url) in revised:
                self.run("diff", url)

    def deleted(self) -> None:
        gone = next(article for article in self.room.truth() if article.status == "gone")
        self.section(
            5,
            "A deleted article",
            "Its address now answers 410 Gone. The archive keeps what it said, and every look at it.",
        )
        self.run("history", gone.url)

    def clean_page(self) -> None:
        copy = self.room.article("mekonghub/breakfast")
        self.section(
            6,
            "A messy page, cleaned up",
            "A machine-translated copy: no headline on the page, the photo in a table, “[iklan_2]”, a bare link “Sumber”, a comment "
            "counter. The archive has title, lead, text, caption and credit apart, and knows where the original stands.",
        )
        self.run("show", copy.url)

    def search(self) -> None:
        self.section(7, "Search, in any script", "The same event, looked for in Latin letters and in Hangul.")
        self.run("search", "Seoul Washington", "--limit", "3")
        self.run("search", "서울", "--limit", "3")

    def next_steps(self) -> None:
        url = self.room.article("harbour-times/breakfast").url
        self.section(8, "Your turn", f"The sites close now; their archive stays in {self.commands.home}. Try:")
        for words in (
            ("search", "Москва Пекин"),
            ("history", url),
            ("export", "--format", "jsonl", "-o", "articles.jsonl"),
        ):
            self.command(*words, begin="  ")
        self.say("Next, follow sources of your own: `dateline help sources add` shows how.")

    # --- how it is told

    def section(self, number: int, title: str, text: str) -> None:
        self.console.print()
        self.console.rule(Text(f"{number}  {title}", style="bold"), align="left", style="dim")
        self.say(text)

    def say(self, text: str) -> None:
        self.console.print(Text(safe(text)))

    def run(self, *words: str) -> None:
        """Print a command line, then run it."""
        self.console.print()
        self.command(*words, begin="$ ")
        self.commands.show(*words)

    def command(self, *words: str, begin: str) -> None:
        """Print a command line as it is typed."""
        for line in command_lines(self.commands.line(*words), room(self.console), begin):
            self.console.print(line, style="bold cyan", soft_wrap=True)

    def records(self) -> list[dict[str, Any]]:
        """List what the archive exports now.

        Raises:
            DemoError: It exports nothing.
        """
        found = [json.loads(line) for line in self.commands.read("export", "--format", "jsonl").splitlines()]
        if not found:
            raise DemoError(
                f"the demo's archive in {self.commands.home} is empty, or its export gave nothing",
                hint="The crawls above should have found articles. Please report it, with your Python version and system.",
            )
        return found


def new_revisions(records: Iterable[Mapping[str, Any]], held: Held) -> list[Mapping[str, Any]]:
    """The revisions that articles known before have got since. `records` are as exported."""
    return [
        revision for record in records if record["id"] in held for revision in record["revisions"][held[record["id"]] :]
    ]


def requests_told(log: Sequence[Request]) -> str:
    """What a crawl asked for, in two sentences."""
    unchanged = sum(request.status == 304 for request in log)
    rest = [request for request in log if request.status != 304]
    size = sum(request.sent for request in rest) / 1024
    return (
        f"{len(log)} requests: {unchanged} were answered with 304 Not Modified and no content. "
        f"The other {len(rest)} went to addresses whose servers cannot say whether something changed ({size:,.0f} KB)."
    )
