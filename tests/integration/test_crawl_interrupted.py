"""Ctrl-C while a crawl waits for a server, on a pseudo-terminal: one summary, and no rows of dots."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

from tests.support.terminal_screens import ESCAPES

SOURCE = (
    "  - {{id: {id}, name: {id}, homepage: 'http://{id}.example:{port}/', status: verified, timezone: UTC,\n"
    "     discover: [{{feed: 'http://{id}.example:{port}/rss.xml'}}]}}\n"
)


def test_ctrl_c_ends_a_crawl_with_one_clear_summary(tmp_path: Path) -> None:
    asked, release = Event(), Event()

    class Held(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            release.wait()
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Held)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        told, status = _interrupted(tmp_path, server.server_port, asked, release)
    finally:
        release.set()
        server.shutdown()
        server.server_close()
    assert status in (0, 1), told
    assert "The crawl was stopped before its end. Nothing is lost" in " ".join(told.split())
    assert "Traceback" not in told
    assert not [line for line in told.splitlines() if line.split()[1:] and set(line.split()[1:]) == {"·"}], told


def _interrupted(home: Path, port: int, asked: Event, release: Event) -> tuple[str, int]:
    """What a crawl says on its terminal, from the beginning to its end, and its exit status."""
    names = ("kabar", "vestnik", "guancha")
    (home / "registry.yaml").write_text("sources:\n" + "".join(SOURCE.format(id=name, port=port) for name in names))
    terminal, inside = pty.openpty()
    crawl = subprocess.Popen(
        [sys.executable, "-m", "dateline", "--home", str(home), "crawl", "--sources", str(home / "registry.yaml")],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
        preexec_fn=_take_terminal,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")},
            "TERM": "xterm",
            "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
            "DATELINE_TIMEOUT": "2s",  # a crawl that is stopped waits for what is under way
            "DATELINE_RESOLVE": ",".join(f"{name}.example=127.0.0.1" for name in names),
        },
    )
    os.close(inside)
    said = bytearray()
    reader = Thread(target=_read, args=(terminal, said))
    reader.start()
    try:
        assert asked.wait(120), said.decode()
        os.write(terminal, b"\x03")
        crawl.wait(120)
    finally:
        release.set()
        if crawl.poll() is None:
            crawl.kill()
        status = crawl.wait()
        reader.join()
        os.close(terminal)
    return ESCAPES.sub("", said.decode()).replace("\r\n", "\n"), status


def _take_terminal() -> None:
    """Make standard input the controlling terminal, so that Ctrl-C comes as a signal."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read(terminal: int, said: bytearray) -> None:
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other end is closed
            return
        if not piece:
            return
        said += piece
