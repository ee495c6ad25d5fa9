"""What commands print on a terminal of a given width: each runs on a pseudo-terminal of its own, in a process forked from one that
has all of `dateline` imported.

    python tests/support/terminal_screens.py WIDTH < commands.json > screens.json

`commands.json` is a list of lists of words; `screens.json` a list of [exit status, text].
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\]8;[^\x1b]*\x1b\\\\|\x1b[()][AB0]")


def screens(commands: Sequence[Sequence[str]], width: int, environment: Mapping[str, str]) -> list[tuple[int, str]]:
    """Exit status and text of each command, without escape sequences."""
    done = subprocess.run(
        [sys.executable, __file__, str(width)],
        input=json.dumps(commands),
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [(status, text) for status, text in json.loads(done.stdout)]


def _on_terminal(words: Sequence[str], width: int) -> tuple[int, str]:
    child, terminal = pty.fork()
    if child == 0:
        _be(words, width)
    text = bytearray()
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        text += piece
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status, ESCAPES.sub("", text.decode("utf-8")).replace("\r\n", "\n")


def _be(words: Sequence[str], width: int) -> None:
    from dateline.main import main

    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 500, width, 0, 0))
    streams = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
    sys.stdin, sys.stdout, sys.stderr = (
        streams  # held here, as Python holds its own: they close the terminal when they go
    )
    sys.argv = ["dateline", *words]
    status: object = 0
    try:
        main()
    except SystemExit as ended:
        status = ended.code or 0
    except BaseException as error:  # noqa: BLE001  # the test is to read it
        print(f"{type(error).__name__}: {error}")
        status = 99
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 1)


if __name__ == "__main__":
    from dateline.commands import COMMANDS, loaded

    for name in COMMANDS:
        loaded(name)
    print(json.dumps([_on_terminal(words, int(sys.argv[1])) for words in json.load(sys.stdin)]))
