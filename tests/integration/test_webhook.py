"""The webhook against a real server: what is posted, and what happens when nobody takes it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import select

from archive.monitoring.health import raise_alarms
from archive.tables import AlarmRow
from archive.testing import START, Desk
from scheduler.monitoring.webhook import FIRST_PAUSE, LONGEST_PAUSE, Webhook


@dataclass
class Listener:
    """Takes what is posted; answers with `status`, and if it is `silent` not before the test is over."""

    url: str = ""
    status: int = 204
    silent: bool = False
    taken: list[tuple[dict[str, str], Any]] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    told = Listener()
    go_on = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if told.silent:
                go_on.wait()
            told.taken.append((dict(self.headers), json.loads(body)))
            self.send_response(told.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            told.taken.append(({}, "a redirect was followed"))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/hook?key=s3cret"
    yield told
    go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def alarmed(news_desk: Desk) -> Desk:
    with news_desk.archive.writing() as session:
        raise_alarms(session, {"harbour-times": [("silent", "nichts Neues · 없음")]}, news_desk.now)
    return news_desk


def close(desk: Desk) -> None:
    with desk.archive.writing() as session:
        raise_alarms(session, {}, desk.now)


def told_at(desk: Desk) -> tuple[datetime | None, datetime | None]:
    with desk.archive.reading() as session:
        row = session.scalars(select(AlarmRow)).one()
    return row.opening_told_at, row.closing_told_at


def test_opening_and_closing_are_told_once(alarmed: Desk, listener: Listener) -> None:
    hook = Webhook(listener.url)
    assert hook.tell(alarmed.archive, alarmed.now) == 1
    headers, body = listener.taken[0]
    assert headers["X-Dateline-Event"] == "alarm.opened"
    assert headers["X-Dateline-Delivery"] == "1-opened"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert body == {
        "event": "alarm.opened",
        "alarm": {
            "id": 1,
            "kind": "silent",
            "detail": "nichts Neues · 없음",
            "opened_at": "2026-11-02T09:00:00Z",
            "closed_at": None,
        },
        "source": {"id": "harbour-times", "name": "Harbour Times"},
    }
    assert hook.tell(alarmed.archive, alarmed.now) == 0
    alarmed.now += timedelta(hours=1)
    close(alarmed)
    assert hook.tell(alarmed.archive, alarmed.now) == 1
    assert (listener.taken[1][1]["event"], listener.taken[1][1]["alarm"]["closed_at"]) == (
        "alarm.closed",
        "2026-11-02T10:00:00Z",
    )
    assert told_at(alarmed) == (START, alarmed.now)
    assert len(listener.taken) == 2


def test_what_is_refused_is_told_again_after_longer_and_longer_pauses(alarmed: Desk, listener: Listener) -> None:
    listener.status = 500
    hook = Webhook(listener.url)
    for pause in (FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4):
        tried = len(listener.taken)
        assert hook.tell(alarmed.archive, alarmed.now) == 0
        assert hook.tell(alarmed.archive, alarmed.now + pause - timedelta(seconds=1)) == 0
        assert len(listener.taken) == tried + 1
        alarmed.now += pause
    close(alarmed)
    assert told_at(alarmed) == (None, None)
    listener.status = 200
    assert hook.tell(alarmed.archive, alarmed.now) == 2
    assert [body["event"] for _, body in listener.taken[-2:]] == ["alarm.opened", "alarm.closed"]


def test_the_pause_has_a_longest(alarmed: Desk, listener: Listener) -> None:
    listener.status = 503
    hook = Webhook(listener.url)
    for _ in range(20):
        hook.tell(alarmed.archive, alarmed.now)
        alarmed.now += LONGEST_PAUSE
    assert len(listener.taken) == 20


def test_a_redirect_is_not_followed(alarmed: Desk, listener: Listener) -> None:
    listener.status = 302
    assert Webhook(listener.url).tell(alarmed.archive, alarmed.now) == 0
    assert len(listener.taken) == 1
    assert told_at(alarmed) == (None, None)


def test_an_address_that_does_not_answer(
    alarmed: Desk, listener: Listener, closed_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    listener.silent = True
    assert Webhook(listener.url, timeout=0.2).tell(alarmed.archive, alarmed.now) == 0
    assert Webhook(f"http://127.0.0.1:{closed_port}/").tell(alarmed.archive, alarmed.now) == 0
    logged = "".join(capsys.readouterr())
    assert "webhook_failed" in logged and "timed out" in logged and "Connection refused" in logged
    assert "s3cret" not in logged
    assert told_at(alarmed) == (None, None)
