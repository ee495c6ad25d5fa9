"""The newsroom's process: one port for the sites, another for the caller who moves the clock. Standard library only."""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from dateline.newsroom.answer import answer
from dateline.newsroom.content import list_sites, sites
from dateline.newsroom.faults import Fault
from dateline.newsroom.model import START
from dateline.newsroom.requests import Answer, Asked, Request

ADDRESS = "127.0.0.1"


@dataclass
class Room:
    """What the two ports share. Every change is made under the lock."""

    stands_at: datetime = START
    began: float = 0.0
    """Seconds of the Unix epoch at which the clock stood at `stands_at`, if it runs."""
    speed: float = 0.0
    """How many times as fast as the machine's clock it runs; 0: it stands."""
    log: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    serial: int = 0
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def time(self) -> datetime:
        """The time in the newsroom."""
        return self.stands_at + timedelta(seconds=max(0.0, time.time() - self.began) * self.speed)

    def set_time(self, at: datetime, *, began: float = 0.0, speed: float = 0.0) -> None:
        """Let the clock stand at `at`, or run on from there."""
        self.stands_at, self.began, self.speed = at.astimezone(UTC), began, speed

    def next_serial(self) -> int:
        with self.lock:
            self.serial += 1
            return self.serial

    def strike(self, host: str, path: str) -> Fault | None:
        """Find the fault that hits a request. One that is limited loses a stroke. None if there is none."""
        with self.lock:
            for index, fault in enumerate(self.faults):
                if fault.hits(host, path):
                    left = fault.once_less()
                    self.faults[index : index + 1] = [left] if left else []
                    return fault
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, port: int, handler: type[BaseHTTPRequestHandler], room: Room) -> None:
        super().__init__((ADDRESS, port), handler)
        self.room = room

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client that hangs up is no error of ours
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: requests are logged for the caller, not for a terminal."""

    def finish(self) -> None:
        try:
            super().finish()
        except (ConnectionError, ValueError):  # reset on purpose, or by the client
            self.close_connection = True


class SiteHandler(_Handler):
    """Answers for all sites, by Host header."""

    server_version = "Newsroom"
    sys_version = ""

    def do_GET(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._serve(dict(parse_qsl(body.decode("utf-8", "replace"))))

    def _serve(self, form: dict[str, str] | None = None) -> None:
        began, clock, room = datetime.now(UTC), time.perf_counter(), self.server.room
        host = (self.headers.get("Host") or "").partition(":")[0].lower()
        asked = Asked(
            host,
            self.path,
            {name.lower(): value for name, value in self.headers.items()},
            room.next_serial(),
            form or {},
        )
        now = room.time
        fault = room.strike(host, self.path)
        entry = _Entry(asked, began, clock, now, self.command, self.client_address[1])
        if fault is None:
            reply = self._answer(asked, now)
            entry.log(room, reply.status, len(reply.body))
            self._send(reply)
        else:
            self._fail(fault, asked, entry)

    def _answer(self, asked: Asked, now: datetime) -> Answer:
        return answer({**sites(), **list_sites()}, asked, now, self.server.server_address[1])

    def _send(self, reply: Answer, *, length: int | None = None) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(reply.body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _fail(self, fault: Fault, asked: Asked, entry: _Entry) -> None:
        room = self.server.room
        match fault.mode:
            case "500" | "503" | "429" | "403":
                status = int(fault.mode)
                headers = [("Content-Type", "text/html; charset=utf-8")]
                if fault.retry_after is not None:
                    headers.append(("Retry-After", fault.retry_after))
                body = f"<html><body><h1>{status} {HTTPStatus(status).phrase}</h1></body></html>".encode()
                entry.log(room, status, len(body))
                self._send(Answer(status, tuple(headers), body))
            case "html":
                body = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>Back soon</h1></body></html>"
                entry.log(room, 200, len(body))
                self._send(Answer(200, (("Content-Type", "text/html; charset=utf-8"),), body))
            case "not-modified":
                reply = Answer(304) if entry.conditional else self._answer(asked, entry.room_time)
                entry.log(room, reply.status, len(reply.body))
                self._send(reply)
            case "reset":
                entry.log(room, None, 0)
                self._reset()
            case "hang":
                entry.log(room, None, 0)
                self._wait(fault.seconds)
                self.close_connection = True
            case "truncated":
                reply = self._answer(asked, entry.room_time)
                part = Answer(reply.status, reply.headers, reply.body[: len(reply.body) // 2])
                entry.log(room, reply.status, len(part.body))
                self._send(part, length=len(reply.body) or 1000)
                self.close_connection = True
            case "slow":
                reply = self._answer(asked, entry.room_time)
                entry.log(room, reply.status, len(reply.body))
                self._drip(reply, fault.seconds)

    def _reset(self) -> None:
        """Closes the connection with RST instead of FIN: SO_LINGER with a time of zero."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # rfile and wfile hold the socket open; only closing its descriptor sends the RST now
        os.close(self.connection.detach())

    def _wait(self, seconds: float) -> None:
        """Waits, but not longer than the client does."""
        self.connection.settimeout(seconds)
        try:
            self.connection.recv(1)
        except OSError:
            return

    def _drip(self, reply: Answer, seconds: float) -> None:
        pieces = 20
        size = max(1, -(-len(reply.body) // pieces))
        self._send(Answer(reply.status, reply.headers), length=len(reply.body))
        for start in range(0, len(reply.body), size):
            time.sleep(seconds / pieces)
            self.wfile.write(reply.body[start : start + size])
            self.wfile.flush()


@dataclass
class _Entry:
    """A request on its way into the log."""

    asked: Asked
    began: datetime
    clock: float
    room_time: datetime
    method: str
    peer: int

    @property
    def conditional(self) -> bool:
        return "if-none-match" in self.asked.headers or "if-modified-since" in self.asked.headers

    def log(self, room: Room, status: int | None, sent: int) -> None:
        """Logged before the answer goes out: a caller who has the answer finds the request in the log."""
        headers = self.asked.headers
        with room.lock:
            room.log.append(
                Request(
                    number=self.asked.serial,
                    at=self.began,
                    seconds=time.perf_counter() - self.clock,
                    room_time=self.room_time,
                    host=self.asked.host,
                    method=self.method,
                    path=self.asked.path,
                    status=status,
                    sent=sent,
                    peer=self.peer,
                    user_agent=headers.get("user-agent"),
                    if_none_match=headers.get("if-none-match"),
                    if_modified_since=headers.get("if-modified-since"),
                    accept_encoding=headers.get("accept-encoding"),
                    from_=headers.get("from"),
                )
            )


class ControlHandler(_Handler):
    """The caller's port. It answers GET /state and /log, and POST /time, /run, /advance, /fail, /heal and /clear-log
    with a JSON object."""

    def do_GET(self) -> None:
        room = self.server.room
        if self.path == "/state":
            with room.lock:
                self._reply(
                    {
                        "time": room.time.isoformat(),
                        "port": room.port,
                        "faults": [fault.as_json() for fault in room.faults],
                    }
                )
        elif self.path == "/log":
            with room.lock:
                entries = list(room.log)
            self._reply([entry.as_json() for entry in entries])
        else:
            self._reply({"error": f"no {self.path} here"}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self._reply(self._change(json.loads(body or b"{}")))
        except (ValueError, KeyError, TypeError) as error:
            self._reply({"error": f"{type(error).__name__}: {error}"}, 400)

    def _change(self, data: dict[str, Any]) -> dict[str, Any]:
        room = self.server.room
        with room.lock:
            match self.path:
                case "/time":
                    at = datetime.fromisoformat(data["time"])
                    if at.tzinfo is None:
                        raise ValueError("the time needs a zone")
                    room.set_time(at)
                case "/run":
                    at = datetime.fromisoformat(data["time"])
                    if at.tzinfo is None:
                        raise ValueError("the time needs a zone")
                    room.set_time(at, began=float(data["began"]), speed=float(data["speed"]))
                case "/advance":
                    room.stands_at += timedelta(seconds=float(data["seconds"]))
                case "/fail":
                    fault = Fault.from_json(data)
                    room.faults = [f for f in room.faults if (f.host, f.path) != (fault.host, fault.path)] + [fault]
                case "/heal":
                    room.faults = [f for f in room.faults if data.get("host") not in (None, f.host)]
                case "/clear-log":
                    room.log.clear()
                case _:
                    raise ValueError(f"no {self.path} here")
            return {"time": room.time.isoformat()}

    def _reply(self, data: Any, status: int = 200) -> None:
        body = json.dumps(data, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


@dataclass(frozen=True, slots=True)
class Running:
    """The two servers, each in a thread of its own."""

    port: int
    control_port: int
    servers: tuple[_Server, _Server]

    def stop(self) -> None:
        for server in self.servers:
            server.shutdown()
            server.server_close()


def run(*, start: datetime = START, port: int = 0, control_port: int = 0) -> Running:
    """Start serving. Port 0 takes a free one.

    Raises:
        OSError: A port is taken.
    """
    list_sites()
    sites()  # a mistake in the content stops us here, not in the first request
    room = Room(start)
    public = _Server(port, SiteHandler, room)
    try:
        control = _Server(control_port, ControlHandler, room)
    except OSError:
        public.server_close()
        raise
    room.port = public.server_address[1]
    for name, server in (("sites", public), ("control", control)):
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name=name, daemon=True).start()
    return Running(public.server_address[1], control.server_address[1], (public, control))
