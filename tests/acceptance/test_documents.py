"""Every example of README, tutorial and how-tos is typed as it stands, in the order in which it stands there.

What a document says of the web is the newsroom here: its ids of real sources are those of newsroom sites, and `https://` names
of such sites lead to its port. A database address leads to a file. Commands of other programs stand in `OTHERS`, each with the reason
why they are not run; an example that is in neither fails the test.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from support.documents import Block, blocks, commands, documents, programs

from dateline.newsroom import Newsroom
from dateline.newsroom.model import AFTER_EDITS

OTHERS = {
    "git": "fetches this repository; the tests run in one",
    "make": "the Makefile's targets are what runs these tests, and `make demo` has a test of its own",
    "pipx": "installs from the network; an installation has a test of its own",
    "sudo": "changes the machine; what is in docker/ has tests of its own",
    "docker": "needs a container engine",
    "openssl": "makes a password for a container engine",
    "createdb": "needs a PostgreSQL server that the shell's user may make databases on",
    "psql": "needs a PostgreSQL server",
    "jq": "need not be installed here; the command before the pipe is run without it",
    "systemctl": "changes the machine",
    "journalctl": "shows the machine's log",
    "duckdb": "need not be installed here",
    "sqlite3": "need not be installed here; the views have tests of their own",
    "crontab": "changes the machine",
    "scrapy": "has tests of its own",
    "curl": "need not be installed here",
    "umask": "guards a folder for a container engine",
    "chmod": "guards a folder for a container engine",
}
"""Programs of others, and why a command of theirs is not run."""

NOT_HERE = {
    "cd dateline": "the tests run in the repository already",
    'export PATH="$PWD/.venv/bin:$PATH"': "the tests' own command comes first on the path",
    "python -m dateline.newsroom serve": "the test has started one",
    "cd docker": "the files there are for a container engine",
    """printf 'postgresql+psycopg://dateline:%s@postgres/dateline' "$(cat secrets/postgres_password)" > secrets/database_url""": (
        "makes a file for a container engine"
    ),
    "echo DATELINE_CONTACT=https://example.org/our-crawler > .env": "makes a file for a container engine",
}
"""Commands that the test has done in its own way, and why."""

ENDLESS = re.compile(r"^(\S+=\S* )*dateline( --home \S+)? (daemon|worker|status --watch)\b")
"""Commands that go on until they are stopped."""

RENAMED = {"hanbit-en": "yonhap-en", "thoidai": "vietnamnet"}
"""Sites of the newsroom that stand for the real sources that the documents name."""

FROM_NOTHING = {"README.md", "docs/tutorial.md"}
"""Documents that begin without an archive; the others are read by somebody who has one."""

STALE = re.compile(r"has nothing new|\bstale\b")
"""What checks say of the newsroom, and rightly: its newest item is of March 2024. They end with exit status 1 then."""

_ENDLESS_AT_TERMINAL = """
import os, pty, signal, subprocess, sys
ours, theirs = pty.openpty()
running = subprocess.Popen(["bash", "-c", "exec " + sys.argv[1]], stdin=theirs, stdout=theirs, stderr=theirs)
os.close(theirs)
print(os.read(ours, 65536).decode("utf-8", "replace"))
running.send_signal(signal.SIGINT)
try:
    while more := os.read(ours, 65536):
        print(more.decode("utf-8", "replace"))
except OSError:
    pass  # the other side is closed
sys.exit(running.wait())
"""
"""Runs a command at a terminal of its own, until it has said something; then Ctrl-C is pressed."""

SHELL = {"mv", "cd", "eval", "export", "unset", "echo", "printf", "mkdir", "cat", "dateline", "python"}


@dataclass
class Shell:
    """A bash in which somebody types, in an empty folder."""

    folder: Path
    room: Newsroom
    environment: dict[str, str]

    def __post_init__(self) -> None:
        self._log = self.folder / ".typed"
        self._log.touch()
        with self._log.open("ab") as log:
            self._bash = subprocess.Popen(
                ["bash", "--norc"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=self.folder,
                env=self.environment,
                start_new_session=True,
            )
        self._count = 0

    def type(self, command: str) -> tuple[int, str]:
        """Exit status and output of a command."""
        assert self._bash.stdin is not None
        self._count += 1
        done = self.folder / f".done-{self._count}"
        os.mkfifo(done)
        begin = self._log.stat().st_size
        self._bash.stdin.write(f"{command}\necho $? > {done}\n")
        self._bash.stdin.flush()
        status = int(done.read_text() or -1)
        done.unlink()
        with self._log.open("rb") as log:
            log.seek(begin)
            return status, log.read().decode("utf-8", "replace")

    def type_endless(self, command: str) -> tuple[int, str]:
        """A command that goes on until Ctrl-C is pressed."""
        script = self.folder / ".endless.py"
        script.write_text(_ENDLESS_AT_TERMINAL)
        return self.type(f"python {script} {shlex.quote(command)}")

    def close(self) -> None:
        assert self._bash.stdin is not None
        self._bash.stdin.close()
        try:
            self._bash.wait(30)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self._bash.pid, signal.SIGKILL)


def registry_of(room: Newsroom, path: Path) -> Path:
    """A registry of the newsroom's sites, some with the ids of real sources."""
    room.write_registry(path)
    yaml = YAML()
    content = yaml.load(path)
    for entry in content["sources"]:
        entry["id"] = RENAMED.get(entry["id"], entry["id"])
    with path.open("w") as file:
        yaml.dump(content, file)
    return path


def here(text: str, room: Newsroom) -> str:
    """What a document says, with the addresses that it has here."""
    text = re.sub(r"https?://([\w.-]+\.example)(:8780)?(?=[/\s'\"]|$)", rf"http://\1:{room.port}", text)
    text = re.sub(r"DATELINE_DATABASE_URL=postgresql\S+", "DATELINE_DATABASE_URL=sqlite:///other.sqlite", text)
    text = re.sub(
        r"(dateline\.newsroom (?:env|advance \w+|time|log|truth))", rf"\1 --control-port {room.control_port}", text
    )
    return text.replace(":8780", f":{room.port}")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Newsroom]]:
    """An archive of the newsroom after some edits, for documents that are read by somebody who has one."""
    folder = tmp_path_factory.mktemp("documents")
    with Newsroom.start() as room:
        environment = os.environ | room.environment(folder / "home") | {"DATELINE_METRICS": ""}
        environment["DATELINE_SOURCES"] = str(registry_of(room, folder / "newsroom.yaml"))
        command = [sys.executable, "-m", "dateline"]
        subprocess.run([*command, "init"], env=environment, check=True, capture_output=True)
        subprocess.run([*command, "crawl"], env=environment, check=True, capture_output=True)
        room.set_time(AFTER_EDITS)
        subprocess.run([*command, "crawl", "--revisit", "all"], env=environment, check=True, capture_output=True)
        yield folder, room


@pytest.mark.parametrize("document", documents())
def test_every_example_works_as_it_stands(document: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    own = document in FROM_NOTHING
    with Newsroom.start() as fresh:
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "DATELINE_METRICS": "127.0.0.1:0",
            "COLUMNS": "80",
        }
        room = fresh
        if not own or document == "README.md":
            folder, kept_room = request.getfixturevalue("kept")
            room = fresh if own else kept_room
            environment |= room.environment(tmp_path / "dateline-home")
            environment["DATELINE_SOURCES"] = str(registry_of(room, tmp_path / ".newsroom.yaml"))
            if not own:
                shutil.copytree(folder / "home", tmp_path / "dateline-home")
        shell = Shell(tmp_path, room, environment)
        try:
            wrong = [problem for block in blocks(document) for problem in _follow(shell, block)]
        finally:
            shell.close()
    assert not wrong, "\n\n".join(wrong)


def _follow(shell: Shell, block: Block) -> Iterator[str]:
    """Do what a block says; yields what did not work."""
    if block.file is not None and block.language in ("yaml", "toml"):
        (shell.folder / block.file).write_text(here(block.text, shell.room) + "\n")
        return
    if block.language == "python":
        script = shell.folder / ".example.py"
        script.write_text(here(block.text, shell.room) + "\n")
        status, said = shell.type(f"python {script}")
        if status:
            yield f"{block.where}: exit {status}\n{said}"
        return
    if block.language != "sh":
        return
    for line, command in commands(block):
        where = f"{block.document}:{line}: {command}"
        bare = re.sub(r"\s+#\s.*$", "", command)
        if bare in NOT_HERE:
            continue
        started = programs(bare)
        foreign = [program for program in started if program not in SHELL]
        if unknown := [program for program in foreign if program not in OTHERS]:
            yield f"{where}: neither run nor listed with a reason: {', '.join(unknown)}"
            continue
        if foreign:
            if "dateline" not in started or started[0] != "dateline":
                continue
            bare = bare.partition("|")[0]
        bare = here(bare, shell.room)
        status, said = shell.type_endless(bare) if ENDLESS.match(bare) else shell.type(bare)
        if status and not (status == 1 and STALE.search(said)):
            yield f"{where}: exit {status}\n{said}"


def test_programs_are_found_in_a_command() -> None:
    assert programs("DATELINE_HOME=x dateline export --format jsonl | jq -r .id > ids.txt") == ["dateline", "jq"]
    assert programs(".venv/bin/dateline search 'a | b' && cd x; python -c 'print(1)'") == ["dateline", "cd", "python"]
