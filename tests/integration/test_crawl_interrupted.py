"""Ctrl-C while a crawl waits for a server, on a pseudo-terminal: one summary, and no rows of dots."""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

from support.terminal import CTRL_C, AtTerminal, without_codes
from support.waiting import ENOUGH

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
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")},
        "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
        "DATELINE_TIMEOUT": "2s",  # a crawl that is stopped waits for what is under way
        "DATELINE_RESOLVE": ",".join(f"{name}.example=127.0.0.1" for name in names),
    }
    words = ("--home", str(home), "crawl", "--sources", str(home / "registry.yaml"))
    with AtTerminal(environment, *words) as terminal:
        try:
            assert asked.wait(ENOUGH), terminal.shown
            terminal.press(CTRL_C)
            status = terminal.wait()
        finally:
            release.set()
    return without_codes(terminal.shown), status
