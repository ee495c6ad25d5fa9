"""A web server that misbehaves in every way that we must survive; one path for each kind of trouble.

It speaks HTTP by hand, because good servers refuse to lie about lengths and codings.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

ARTICLE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<link rel="canonical" href="{url}"></head><body><article><h1>{title}</h1>{body}</article></body></html>"""

PARAGRAPHS = [
    "The foreign ministers of the two coastal states met on Monday to discuss shared patrols in the strait.",
    "Officials said that the talks, which lasted for three hours, had been frank and would go on next month.",
    "A joint statement named fisheries, rescue at sea and the protection of cables as the first three subjects.",
    "Neither side would say whether the disputed shoal had been mentioned, though diplomats expected that it had.",
]


def article(url: str, title: str, paragraphs: list[str] | None = None) -> bytes:
    body = "".join(f"<p>{p}</p>" for p in paragraphs or PARAGRAPHS)
    return ARTICLE.format(url=url, title=title, body=body).encode()


def rss(base: str, *items: str) -> bytes:
    entries = "".join(
        f"<item><title>{item}</title><link>{item if ':' in item else base + item}</link>"
        "<pubDate>Mon, 02 Nov 2026 09:00:00 GMT</pubDate></item>"
        for item in items
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>x</title>{entries}</channel></rss>'.encode()


def http(status: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    head = [
        f"HTTP/1.1 {status}",
        "Connection: close",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body


HTML = "Content-Type: text/html; charset=utf-8"
XML = "Content-Type: application/rss+xml"


@dataclass
class Server:
    """`routes` maps (host, path) to what is sent: bytes, or a function that is given the socket."""

    port: int
    routes: dict[tuple[str, str], bytes | Callable[[socket.socket], None]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)

    def url(self, host: str, path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"

    def site(self, host: str, *items: str) -> None:
        """A site whose feed shows these paths (or whole URLs); every path gets a good article until told otherwise."""
        self.routes[host, "/robots.txt"] = http("404 Not Found", b"")
        self.routes[host, "/feed"] = http("200 OK", rss(self.url(host, ""), *items), XML)
        for item in items:
            if item.startswith("/"):
                self.page(host, item)

    def page(self, host: str, path: str, paragraphs: list[str] | None = None) -> None:
        body = article(self.url(host, path), f"Ministers meet at {host} on {path.strip('/')}", paragraphs)
        self.routes[host, path] = http("200 OK", body, HTML)


@contextmanager
def serve(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A running server on a loopback port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    server = Server(listener.getsockname()[1])
    stopping = threading.Event()

    def accept() -> None:
        while not stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=_answer, args=(server, connection, context), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        stopping.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _answer(server: Server, connection: socket.socket, context: ssl.SSLContext | None) -> None:
    try:
        with connection if context is None else context.wrap_socket(connection, server_side=True) as sock:
            sock.settimeout(300)
            data = b""
            while b"\r\n\r\n" not in data:
                more = sock.recv(65536)
                if not more:
                    return
                data += more
            lines = data.decode("latin-1").split("\r\n")
            path = lines[0].split(" ")[1]
            host = next(line[5:].strip() for line in lines if line.lower().startswith("host:")).rpartition(":")[0]
            server.requests.append((host, path))
            answer = server.routes.get((host, path), http("404 Not Found", b"<h1>Not found</h1>", HTML))
            if isinstance(answer, bytes):
                sock.sendall(answer)
            else:
                answer(sock)
    except OSError:
        return  # the client went away, which is what some of the tests are about


# --- kinds of trouble


def endless(sock: socket.socket) -> None:
    """A body that never ends."""
    sock.sendall(f"HTTP/1.1 200 OK\r\n{HTML}\r\nConnection: close\r\n\r\n".encode())
    while True:
        sock.sendall(b"<p>and so on</p>" * 4096)


def silent(sock: socket.socket) -> None:
    """Nothing comes, for as long as anybody waits for it."""
    sock.settimeout(None)
    sock.recv(1)


def cut(sock: socket.socket) -> None:
    """The connection ends before the promised length."""
    sock.sendall(http("200 OK", b"<html><p>half", HTML, length=100_000))


def bomb() -> bytes:
    """200 MB of zeros in 200 KB."""
    return http("200 OK", gzip.compress(bytes(200 << 20), 9), HTML, "Content-Encoding: gzip")


def truncated_gzip(url: str) -> bytes:
    return http("200 OK", gzip.compress(article(url, "Cut short"))[:-40], HTML, "Content-Encoding: gzip")


ENTITY_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "' + b"ha" * 50 + b'">'
    + b"".join(b'<!ENTITY a%d "%s">' % (i, (b"&a%d;" % (i - 1) if i else b"&a;") * 10) for i in range(9))
    + b"]><rss version='2.0'><channel><title>&a8;</title></channel></rss>"
)  # fmt: skip
