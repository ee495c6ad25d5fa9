"""Hosts that would stop a crawl if they could: each ends by name, and the good source beside them is collected."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from support import forked, hostile
from support.hostile import HTML, Server, http

from archive.model.content_codings import MEMBERS
from crawler.http.bounded_client import HEADER_BYTES, HEADER_LINES

ROBOTS = "Content-Type: text/plain"


def environment(folder: Path, server: Server, hosts: list[str], **more: str) -> dict[str, str]:
    entries = [
        {
            "id": host.partition(".")[0],
            "name": host,
            "homepage": server.url(host),
            "delay": 0,
            "status": "verified",
            "language": "en",
            "timezone": "UTC",
            "discover": [{"feed": server.url(host, "/feed")}],
        }
        for host in hosts
    ]
    (folder / "sources.yaml").write_text(json.dumps({"sources": entries}))
    return os.environ | {
        "DATELINE_HOME": str(folder / "home"),
        "DATELINE_SOURCES": str(folder / "sources.yaml"),
        "DATELINE_RESOLVE": ",".join(f"{host}=127.0.0.1" for host in hosts),
        "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
        "DATELINE_MAX_BODY": "3M",
        "DATELINE_RETRIES": "0",
        "DATELINE_DELAY": "0",
        "DATELINE_EXTRACT_PROCESSES": "1",
        **more,
    }


def crawl(folder: Path, server: Server, answers: dict[str, Any], path: str) -> dict[str, dict[str, Any]]:
    """Crawl a good source and one for each answer, which is what its host says at `path`."""
    hosts = ["good.example", *(f"{name}.example" for name in answers)]
    for host in hosts:
        server.site(host, "/1")
    for name, answer in answers.items():
        server.routes[f"{name}.example", path] = answer
    command = [sys.executable, "-m", "dateline", "crawl", "--format", "json"]
    done = forked.run(command, env=environment(folder, server, hosts), timeout=280)
    assert done.stdout, done.stderr
    rows = {row["source"]: row for row in json.loads(done.stdout)}
    assert rows["good"]["new"] == 1, done.stderr
    return rows


def endless_headers(sock: socket) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        sock.sendall(b"X-More: " + b"m" * 8_000 + b"\r\n")


def endless_small_headers(sock: socket) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        sock.sendall(b"A: b\r\n" * 100)


def endless_continuation(sock: socket) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\nX-Long: a\r\n")
    while True:
        sock.sendall(b" and so on\r\n" * 100)


def endless_interim(sock: socket) -> None:
    while True:
        sock.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100)


def endless_extensions(sock: socket) -> None:
    sock.sendall(f"HTTP/1.1 200 OK\r\n{HTML}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    while True:
        sock.sendall((b"1;" + b"e" * 900 + b"\r\nx\r\n") * 100)


def endless_trailers(sock: socket) -> None:
    sock.sendall(f"HTTP/1.1 200 OK\r\n{HTML}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n".encode())
    while True:
        sock.sendall(b"X-Trailer: more\r\n" * 100)


def test_what_stands_around_a_body_is_bounded(server: Server, tmp_path: Path) -> None:
    body = hostile.article("http://many.example/1", "Many header lines")
    within = [f"X-{n}: {'y' * 100}" for n in range(HEADER_LINES - 20)]
    assert len("".join(within)) < HEADER_BYTES
    answers = {
        "headers": endless_headers,
        "small": endless_small_headers,
        "continued": endless_continuation,
        "interim": endless_interim,
        "chunks": endless_extensions,
        "trailers": endless_trailers,
        "many": http("200 OK", body, HTML, *within),
        "hints": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 20 + http("200 OK", body, HTML),
    }
    rows = crawl(tmp_path, server, answers, "/1")
    for name in ("headers", "small", "continued", "interim"):
        assert list(rows[name]["failed"]) == ["headers-too-large"], rows[name]
        (problem,) = rows[name]["problems"]
        assert server.url(f"{name}.example", "/1") in problem, "it names the address"
        assert "header lines" in problem, "and the bound"
    assert list(rows["chunks"]["failed"]) == ["too-large"]
    assert list(rows["trailers"]["failed"]) == ["connection-lost"]
    assert rows["many"]["new"] == rows["hints"]["new"] == 1


def test_rules_of_any_size_and_delays_of_any_length_stop_nobody(server: Server, tmp_path: Path) -> None:
    def robots(text: bytes) -> bytes:
        return http("200 OK", text, ROBOTS)

    slow = {"day": b"86400", "nines": b"9" * 400, "long": b"1000000000000000"}
    packed = gzip.compress(b"") * (MEMBERS + 1)
    rows = crawl(
        tmp_path,
        server,
        {
            "agents": robots(b"User-agent: Dateline\n" * 12_000 + b"Allow: /x\n" * 20_000),
            "rules": robots(b"User-agent: *\n" + b"".join(b"Disallow: /%d*x$\n" % n for n in range(20_000))),
            "packed": http("200 OK", packed, ROBOTS, "Content-Encoding: gzip"),
            "small": robots(b"User-agent: *\nCrawl-delay: 0." + b"0" * 4_000 + b"1\n"),
            **{name: robots(b"User-agent: *\nCrawl-delay: " + text + b"\n") for name, text in slow.items()},
        },
        "/robots.txt",
    )
    for name in ("agents", "packed", "small"):
        assert rows[name]["new"] == 1, rows[name]
    for name in slow:
        assert rows[name]["postponed"] == {"long crawl-delay": 1}, rows[name]


def test_bodies_in_many_pieces_stop_nobody(server: Server, tmp_path: Path) -> None:
    def packed(body: bytes, coding: str = "gzip") -> bytes:
        return http("200 OK", body, HTML, f"Content-Encoding: {coding}")

    page = hostile.article("http://pieces.example/1", "In many pieces")
    pieces = b"".join(gzip.compress(page[at : at + 3]) for at in range(0, len(page), 3))
    rows = crawl(
        tmp_path,
        server,
        {
            "empty": packed(gzip.compress(b"") * 140_000),
            "nested": packed(gzip.compress(page), ", ".join(["gzip"] * 900)),
            "pieces": packed(pieces),
        },
        "/1",
    )
    assert list(rows["empty"]["failed"]) == ["too-many-members"]
    assert list(rows["nested"]["failed"]) == ["too-many-codings"]
    assert rows["pieces"]["new"] == 1


NAMES = (
    "archive", "crawler", "scheduler", "random", "numpy", "lxml", "trafilatura", "htmldate", "json", "secrets", "scrapy",
    "encodings", "sitecustomize", "usercustomize", "multiprocessing", "structlog", "typer", "sqlalchemy",
)  # fmt: skip


@pytest.mark.parametrize("how", ["command", "module", "daemon"])
def test_nothing_in_the_working_folder_is_run(server: Server, tmp_path: Path, how: str) -> None:
    trap, ran = tmp_path / "trap", tmp_path / "ran"
    trap.mkdir()
    names = (*NAMES, "dateline") if how != "module" else NAMES  # `python -m dateline` there means that file
    for name in names:
        (trap / f"{name}.py").write_text(f"open({str(ran)!r}, 'a').write({name + chr(10)!r})\n")
    server.site("good.example", "/1", "/2")
    given = environment(tmp_path, server, ["good.example"], DATELINE_LOG_FORMAT="json")
    given = {name: value for name, value in given.items() if not name.startswith("PYTHON")}
    program = str(Path(sys.executable).parent / "dateline")
    if how == "daemon":
        with subprocess.Popen([program, "daemon"], cwd=trap, env=given, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            said = []
            for line in process.stderr:
                said.append(line)
                if '"worker_started"' in line or '"worker_died"' in line:
                    break
            process.terminate()
            said.append(process.communicate(timeout=60)[1])
        assert '"worker_started"' in "".join(said)
        assert '"worker_died"' not in "".join(said)
    else:
        command = [program] if how == "command" else [sys.executable, "-m", "dateline"]
        done = subprocess.run(
            [*command, "crawl", "--format", "json"], cwd=trap, env=given, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)[0]["new"] == 2, done.stderr
    assert not ran.exists(), ran.read_text()
