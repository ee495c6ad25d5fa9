"""Pages that are made in the browser, with a real Chromium: what is collected, what is refused, what it may cost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support import forked, hostile
from support.chromium import require_chromium
from support.hostile import HTML, Server, http
from support.processes import is_running, kill, until
from support.waiting import ENOUGH

from archive.config import Settings
from archive.model.source import ListActions
from archive.query import ArticleView, find, get
from archive.storage.session import open_archive
from archive.verify import verify
from archive.warc.reader import read_response
from crawler.browser import processes
from crawler.browser.cache import Part
from crawler.browser.document import Document
from crawler.browser.failures import BrowserLost, BrowserMissing, RenderFailed
from crawler.browser.lifecycle import Browser
from crawler.frontier.unavailable import Unavailable
from dateline.newsroom import Newsroom, scripted

SCRIPT = "Content-Type: text/javascript"
JSON = "Content-Type: application/json"
SENTENCES = "".join(f"<p>{text}</p>" for text in hostile.PARAGRAPHS)


def page(script: str, body: str = "") -> bytes:
    text = f"<!doctype html><html lang=en><title>Shell</title><body>{body}<script>{script}</script></body></html>"
    return http("200 OK", text.encode(), HTML)


def draws(more: str = "") -> str:
    """A script that draws an article, after it has done something else."""
    html = json.dumps(f"<article><h1>Ministers meet again in the capital</h1>{SENTENCES}</article>")
    return f"{more}; document.body.insertAdjacentHTML('beforeend', {html})"


@dataclass
class Listener:
    """Somebody on an address that no page may reach. `heard` counts connections."""

    port: int
    heard: list[str] = field(default_factory=list)


@contextmanager
def listening(address: str) -> Iterator[Listener]:
    with socket.create_server((address, 0)) as server:
        listener = Listener(server.getsockname()[1])

        def accept() -> None:
            while True:
                try:
                    client, peer = server.accept()
                except OSError:
                    return
                listener.heard.append(peer[0])
                client.close()

        threading.Thread(target=accept, daemon=True).start()
        yield listener
        server.shutdown(socket.SHUT_RDWR)


@contextmanager
def drum(address: str, family: socket.AddressFamily, port: int) -> Iterator[list[bytes]]:
    """Somebody who listens for datagrams. What comes is in the list."""
    heard: list[bytes] = []
    with socket.socket(family, socket.SOCK_DGRAM) as bound:
        bound.bind((address, port))

        def receive() -> None:
            while data := bound.recv(2_000):
                heard.append(data)

        thread = threading.Thread(target=receive, daemon=True)
        thread.start()
        yield heard
        with socket.socket(family, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (address, port))  # what was sent before has arrived before
        thread.join()


@dataclass
class Crawled:
    exit_code: int
    sources: dict[str, dict[str, Any]]
    stderr: str
    home: Path
    asked: list[str]
    """What the newsroom was asked for."""
    server: Server
    inside: Listener
    environment: dict[str, str]
    story: str
    """Address of one of the newsroom's stories."""

    def requests(self, host: str) -> list[str]:
        return [path for name, path in self.server.requests if name == host]


def entry(server: Server, host: str) -> dict[str, object]:
    return {
        "id": host.partition(".")[0],
        "name": host,
        "homepage": server.url(host),
        "timezone": "UTC",
        "delay": 0,
        "status": "verified",
        "render": True,
        "discover": [{"feed": server.url(host, "/feed")}],
    }


def variables(folder: Path, sources: list[dict[str, object]], *hosts: str) -> dict[str, str]:
    (folder / "sources.yaml").write_text(json.dumps({"sources": sources}))
    return {
        "DATELINE_HOME": str(folder / "home"),
        "DATELINE_SOURCES": str(folder / "sources.yaml"),
        "DATELINE_RESOLVE": ",".join([*(f"{host}=127.0.0.1" for host in hosts), "inside.example=127.0.0.2"]),
        "DATELINE_ALLOW_NETWORKS": "127.0.0.1/32",
        "DATELINE_DELAY": "0",
        "DATELINE_EXTRACT_PROCESSES": "1",
        "DATELINE_RENDER_TIME": "60s",
        "DATELINE_RENDER_REQUESTS": "12",
        "DATELINE_RENDER_MEMORY": "64M",
        "DATELINE_LOG_FORMAT": "json",
    }


HOSTS = ("prying.example", "hungry.example", "greedy.example", "heavy.example", "other.example")


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """One crawl of all sites: starting the browser takes the longest."""
    require_chromium()
    folder = tmp_path_factory.mktemp("browser")
    with Newsroom.start() as room, hostile.serve() as server, listening("127.0.0.2") as inside:
        for host in HOSTS[:-1]:
            server.site(host, "/news/1")
        _prying(server, inside)
        many = ";".join(f"fetch('/more/{n}').catch(() => 0)" for n in range(30))
        server.routes["hungry.example", "/news/1"] = page(draws(many))
        server.routes["greedy.example", "/news/1"] = page(
            "const all = []; for (let n = 0; n < 110; n++) all.push(new Array(100000).fill(n + 0.5));"
            "setInterval(() => document.body.append(all.length), 50)"
        )
        server.routes["heavy.example", "/news/1"] = page("fetch('/big.json')")
        server.routes["heavy.example", "/big.json"] = http("200 OK", b"1" * (1 << 20), JSON)
        entries = [dict(scripted.entry(room.port)), *(entry(server, host) for host in HOSTS[:-1])]
        environment = variables(folder, entries, scripted.HOST, *HOSTS) | {"DATELINE_RENDER_SIZE": "512K"}
        done = forked.run(
            [sys.executable, "-m", "dateline", "crawl", "--format", "json"],
            env=os.environ | environment,
            timeout=280,
        )
        assert done.stdout, done.stderr
        rows = {row["source"]: row for row in json.loads(done.stdout)}
        story = f"{scripted.entry(room.port)['homepage']}story/river-commission"
        asked = [f"{request.method} {request.path}" for request in room.log()]
        yield Crawled(done.returncode, rows, done.stderr, folder / "home", asked, server, inside, environment, story)


def _prying(server: Server, inside: Listener) -> None:
    """A page that tries every way to an address inside, and asks for what robots files forbid."""
    direct, named = f"http://127.0.0.2:{inside.port}", f"http://inside.example:{inside.port}"
    other = server.url("other.example", "")
    tries = [
        *(f"fetch('{url}/fetch', {{mode: 'no-cors'}}).catch(() => 0)" for url in (direct, named)),
        *(f"(new Image()).src = '{url}/image'" for url in (direct, named)),
        f"try {{ new WebSocket('ws://127.0.0.2:{inside.port}/socket') }} catch (e) {{}}",
        f"new EventSource('{direct}/events')",
        f"navigator.sendBeacon('{direct}/beacon', 'x')",
        "fetch('/leads-inside', {mode: 'no-cors'}).catch(() => 0)",
        f"const f = document.createElement('iframe'); f.src = '{direct}/frame'; document.body.append(f)",
        f"const l = document.createElement('link'); l.rel = 'preload'; l.as = 'script'; l.href = '{direct}/preload'; document.head.append(l)",
        f"window.open('{direct}/popup')",
        "fetch('/private/x').catch(() => 0)",
        f"fetch('{other}/closed/x', {{mode: 'no-cors'}}).catch(() => 0)",
        f"fetch('{other}/open/x', {{mode: 'no-cors'}}).catch(() => 0)",
        f"setTimeout(() => {{ location.href = '{direct}/gone' }}, 50)",
    ]
    server.routes["prying.example", "/robots.txt"] = http("200 OK", b"User-agent: *\nDisallow: /private/\n")
    server.routes["prying.example", "/news/1"] = page(draws(";".join(tries)))
    server.routes["prying.example", "/leads-inside"] = http("302 Found", b"", f"Location: {direct}/redirected")
    server.routes["other.example", "/robots.txt"] = http("200 OK", b"User-agent: *\nDisallow: /closed/\n")
    server.routes["other.example", "/open/x"] = http("200 OK", b"{}", JSON)


# --- a site that is made in the browser


def test_its_articles_are_collected(crawled: Crawled) -> None:
    assert crawled.sources[scripted.ID]["new"] == len(scripted.stories()), crawled.stderr
    held = {article.revision.title: article.revision for article in articles(crawled) if article.revision}
    for story in scripted.stories():
        assert held[story.title].body == "\n".join(story.body)
        assert held[story.title].authors == (story.author,)


def test_the_answer_and_what_the_browser_made_of_it_are_kept(crawled: Crawled) -> None:
    revision = articles(crawled)[0].revision
    assert revision is not None
    assert revision.warc_file is not None
    assert revision.warc_offset is not None
    stored = read_response(crawled.home / "warc" / revision.warc_file, revision.warc_offset)
    assert b"You need to enable JavaScript" in stored.body
    assert b"<h1>" not in stored.body
    assert stored.dom is not None
    assert f"<h1>{revision.title}</h1>".encode() in stored.dom
    archive = open_archive(Settings(home=crawled.home))
    assert list(verify(archive, crawled.home / "warc")) == []


def articles(crawled: Crawled) -> list[ArticleView]:
    archive = open_archive(Settings(home=crawled.home))
    return [get(archive, hit.id) for hit in find(archive, source=[scripted.ID])]


def test_what_says_nothing_about_the_article_is_not_asked_for(crawled: Crawled) -> None:
    story = len(scripted.stories())
    assert crawled.asked.count("GET /static/app.js") == 1  # the next page finds it in the cache
    assert sum(path.startswith("GET /api/story/") for path in crawled.asked) == story
    wrong = ("/pixel", "/static/fonts.css", "/frame", "/beacon", "/api/seen", "/private/", "/popup", "/sw.js", "/live")
    assert not [path for path in crawled.asked if any(part in path for part in wrong)]
    assert not [path for path in crawled.asked if not path.startswith("GET ")]


def test_one_page_can_be_read_without_an_archive(crawled: Crawled) -> None:
    command = [sys.executable, "-m", "dateline", "extract", crawled.story, "--format", "json"]
    told = [
        forked.run(
            [*command, *option],
            env=os.environ | crawled.environment,
            timeout=120,
        )
        for option in ([], ["--render"])
    ]
    served, shown = (json.loads(done.stdout) for done in told)
    assert [done.returncode for done in told] == [1, 0], told[1].stderr
    assert served["body"] is None
    assert shown["title"] == "River commission adopts a common flood calendar"
    assert shown["body"]


# --- pages that ask for too much


def test_no_page_reaches_an_address_inside(crawled: Crawled) -> None:
    assert crawled.sources["prying"]["new"] == 1, crawled.stderr
    assert "/leads-inside" in crawled.requests("prying.example")  # it was asked, and where it leads was not
    assert crawled.inside.heard == []


def test_robots_files_are_asked_before_sub_requests(crawled: Crawled) -> None:
    assert "/private/x" not in crawled.requests("prying.example")
    other = crawled.requests("other.example")
    assert other[0] == "/robots.txt"
    assert "/open/x" in other
    assert "/closed/x" not in other


@pytest.mark.parametrize(("source", "of"), [("hungry", "requests"), ("greedy", "memory"), ("heavy", "size")])
def test_a_page_over_its_budget_has_that_outcome(crawled: Crawled, source: str, of: str) -> None:
    row = crawled.sources[source]
    assert list(row["failed"]) == ["page-budget"], crawled.stderr
    assert f"page-budget: {of}: more than" in row["problems"][0]
    assert len([path for path in crawled.requests("hungry.example") if path.startswith("/more/")]) <= 12


# --- the browser itself


def a_document(script: str = draws()) -> Document:
    body = page(script).partition(b"\r\n\r\n")[2]
    return Document("http://shell.example/1", (("Content-Type", "text/html"),), body)


async def nothing(_url: str, _kind: str, _headers: dict[str, str]) -> Part | Unavailable:
    return Unavailable("failed", "nothing is fetched here")


async def test_a_browser_that_dies_is_replaced(browser: Browser) -> None:
    async def deadly(_url: str, _kind: str, _headers: dict[str, str]) -> Part | Unavailable:
        kill(*processes.browsers_below(os.getpid()))
        await asyncio.sleep(600)
        return Unavailable("failed", "too late")

    with pytest.raises(BrowserLost):
        await browser.draw(a_document("fetch('/x')"), deadly)
    drawn = await browser.draw(a_document(), nothing)
    assert b"<h1>Ministers meet again" in drawn.dom


async def test_a_process_of_a_page_that_dies_is_that_pages_failure(browser: Browser) -> None:
    async def deadly(_url: str, _kind: str, _headers: dict[str, str]) -> Part | Unavailable:
        pids = processes.browsers_below(os.getpid())
        kill(*(pid for pid in pids if b"--type=renderer" in Path(f"/proc/{pid}/cmdline").read_bytes()))
        await asyncio.sleep(600)
        return Unavailable("failed", "too late")

    with pytest.raises(RenderFailed, match="page-crashed"):
        await browser.draw(a_document("fetch('/x')"), deadly)


async def test_a_page_that_never_rests_runs_out_of_time() -> None:
    require_chromium()
    hasty = Browser(Settings(render_time=timedelta(seconds=3)))
    try:
        with pytest.raises(RenderFailed, match="page-budget: time: more than 3 s"):
            await hasty.draw(a_document("for (;;) {}"), nothing)
    finally:
        await hasty.close()


async def test_what_a_page_lacks_is_told(browser: Browser) -> None:
    async def away(url: str, _kind: str, _headers: dict[str, str]) -> Part | Unavailable:
        return Unavailable("unavailable" if "shell.example" in url else "failed", "HTTP 503")

    asks = "fetch('/x').catch(() => 0); fetch('http://elsewhere.example/').catch(() => 0)"
    assert (await browser.draw(a_document(asks), away)).lacking == ("http://shell.example/x: HTTP 503",)


async def test_a_page_is_seen_from_its_own_time_zone_and_by_an_honest_reader(browser: Browser) -> None:
    script = "document.body.append([new Date(0).toLocaleString(), navigator.language, navigator.userAgent].join('|'))"
    document = a_document(script)
    document = Document(document.url, document.headers, document.body, "de", "Asia/Seoul")
    dom = (await browser.draw(document, nothing)).dom.decode()
    assert "1.1.1970, 09:00:00|de|Dateline/" in dom


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_fifty_pages_leave_nothing_behind(browser: Browser) -> None:
    """Articles, pages that open windows, and lists that are scrolled."""
    listed = replace(a_document("document.body.style.height = '9000px'"), actions=ListActions(scroll=2))
    round_of_ten = [a_document(), a_document(draws("window.open('/popup')")), listed, a_document(), a_document()] * 2
    held: list[tuple[int, int]] = []
    for _ in range(6):
        await asyncio.gather(*(browser.draw(document, nothing) for document in round_of_ten))
        assert browser.open_pages == 0
        pids = await at_rest()
        held.append((len(pids), processes.memory(pids) >> 20))
    (first, little), (last, much) = held[1], held[-1]
    assert last <= first, held
    assert much <= little * 1.2 + 20, held


async def at_rest() -> list[int]:
    """The processes of the browser, once those of pages that were closed have ended."""
    pids = processes.browsers_below(os.getpid())
    while True:
        await asyncio.sleep(2)
        before, pids = pids, processes.browsers_below(os.getpid())
        if pids == before and all(processes.memory([pid]) for pid in pids):
            return pids


async def test_without_a_browser_that_is_the_outcome(tmp_path: Path) -> None:
    pytest.importorskip("playwright")
    with pytest.raises(BrowserMissing, match="is no program"):
        await Browser(Settings(chromium=tmp_path / "chromium")).draw(a_document(), nothing)
    (tmp_path / "chromium").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "chromium").chmod(0o755)
    with pytest.raises(BrowserMissing, match="does not start"):
        await Browser(Settings(chromium=tmp_path / "chromium")).draw(a_document(), nothing)


# --- the process around it


@contextmanager
def crawling(tmp_path: Path, server: Server) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A crawl in the middle of a page, and the browser's processes."""
    require_chromium()
    held = threading.Event()
    server.site("slow.example", "/news/1")
    server.routes["slow.example", "/news/1"] = page("fetch('/held.json')")

    def hold(_client: socket.socket) -> None:
        held.set()
        _client.settimeout(600)
        try:
            _client.recv(1)
        except OSError:
            return

    server.routes["slow.example", "/held.json"] = hold
    environment = variables(tmp_path, [entry(server, "slow.example")], "slow.example")
    environment |= {"DATELINE_RETRIES": "0", "DATELINE_TIMEOUT": "10s"}  # a stopped crawl waits for what is under way
    with forked.Popen(
        [sys.executable, "-m", "dateline", "crawl", "--format", "json"],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert held.wait(ENOUGH), "the page did not get so far"
            yield process, processes.browsers_below(process.pid)
        finally:
            kill(process.pid)


def test_no_browser_outlives_a_killed_crawl(tmp_path: Path) -> None:
    with hostile.serve() as server, crawling(tmp_path, server) as (process, pids):
        assert pids
        kill(process.pid)
        until(lambda: not any(map(is_running, pids)), what="the browser's end")


def test_a_crawl_that_is_stopped_ends_its_browser_and_leaves_the_page_to_the_next(tmp_path: Path) -> None:
    with hostile.serve() as server, crawling(tmp_path, server) as (process, pids):
        kill(process.pid, number=signal.SIGTERM)
        told, _ = process.communicate(timeout=ENOUGH)
        assert not any(map(is_running, pids))
    row = json.loads(told)[0]
    assert (row["failed"], row["new"]) == ({}, 0)


def test_other_sources_go_on_without_a_browser(tmp_path: Path) -> None:
    with hostile.serve() as server:
        for host in ("plain.example", "drawn.example"):
            server.site(host, "/news/1")
        plain = entry(server, "plain.example") | {"render": False}
        environment = variables(tmp_path, [plain, entry(server, "drawn.example")], "plain.example", "drawn.example")
        done = forked.run(
            [sys.executable, "-m", "dateline", "crawl", "--format", "json"],
            env=os.environ | environment | {"DATELINE_CHROMIUM": str(tmp_path / "nowhere")},
            timeout=120,
        )
    rows = {row["source"]: row for row in json.loads(done.stdout)}
    assert rows["plain"]["new"] == 1
    assert rows["drawn"]["failed"] == {"browser-missing": 1}
    assert ("drawn.example", "/news/1") not in server.requests
    assert "Install Debian's `chromium`" in rows["drawn"]["problems"][0]


# --- datagrams

_PEERS = """
const gathered = peer => new Promise(done => peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && done());
fetch('/hold').catch(() => 0);
(async () => {{
  const one = new RTCPeerConnection({{iceServers: [{{urls: ['stun:127.0.0.2:{port}', 'stun:[::1]:{port}', 'stun:127.0.0.1:{port}']}},
    {{urls: ['turn:127.0.0.2:{port}?transport=udp'], username: 'a', credential: 'b'}}]}});
  one.createDataChannel('x');
  const waited = gathered(one);
  await one.setLocalDescription(await one.createOffer());
  await Promise.race([waited, new Promise(done => setTimeout(done, 5000))]);
  const two = new RTCPeerConnection();
  two.createDataChannel('x');
  await two.setLocalDescription(await two.createOffer());
  await two.setRemoteDescription({{type: 'answer', sdp: two.localDescription.sdp.replace('a=setup:actpass', 'a=setup:active')}});
  for (const host of ['127.0.0.1', '127.0.0.2', '::1'])
    await two.addIceCandidate({{candidate: `candidate:1 1 udp 2122260223 ${{host}} {port} typ host`, sdpMid: '0'}});
  await new Promise(done => setTimeout(done, 1000));
  document.body.append('everything was tried');
}})().catch(error => document.body.append('failed: ' + error)).finally(() => fetch('/tried').catch(() => 0));
"""


async def test_a_page_sends_no_datagrams() -> None:
    require_chromium()
    tried = asyncio.Event()

    async def fetch(url: str, _kind: str, _headers: dict[str, str]) -> Part | Unavailable:
        if url.endswith("/tried"):
            tried.set()
        await tried.wait()  # until then the page is not at rest
        return Unavailable("failed", "nothing is fetched here")

    patient = Browser(Settings(render_time=timedelta(seconds=100)))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    try:
        with (
            drum("127.0.0.1", socket.AF_INET, port) as first,
            drum("127.0.0.2", socket.AF_INET, port) as second,
            drum("::1", socket.AF_INET6, port) as third,
        ):
            drawn = await patient.draw(a_document(_PEERS.format(port=port)), fetch)
    finally:
        await patient.close()
    assert b"everything was tried" in drawn.dom, drawn.dom[-300:]
    assert (first, second, third) == ([], [], [])
