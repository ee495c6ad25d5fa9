"""Lists that show more after a scroll or a click, with a real Chromium: what is done with them, and what a click may not do."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from support import forked, hostile
from support.chromium import require_chromium
from support.hostile import HTML, Server, http

from archive.config import Settings
from archive.model.source import ListActions
from crawler.browser.cache import Part
from crawler.browser.document import Document
from crawler.browser.failures import RenderFailed
from crawler.browser.lifecycle import Browser
from crawler.frontier.unavailable import Unavailable

HOME = "http://lists.example/"
PART = 10
"""Items that the list shows at first, and with each part that it loads."""

_MORE = """
let shown = 0, loading = false;
const list = document.querySelector('ul');
function show(count) {
  for (const end = shown + count; shown < end; shown++)
    list.insertAdjacentHTML('beforeend', `<li style="height: 200px"><a href="/news/${shown}">Talks, day ${shown}</a></li>\\n`);
}
async function more() {
  if (loading) return;
  loading = true;
  const part = await (await fetch(`/more/${shown}`)).json();
  show(part.length);
  loading = false;
}
show(PART);
""".replace("PART", str(PART))
_ON_SCROLL = "window.addEventListener('scroll', () => scrollY + innerHeight + 5 >= document.documentElement.scrollHeight && more());"
_WHEN_SEEN = (
    "new IntersectionObserver(seen => seen[0].isIntersecting && more()).observe(document.querySelector('#end'));"
)


def a_list(script: str, body: str = "") -> bytes:
    return f"<!doctype html><html lang=en><body>{body}<ul></ul><p id=end>…</p><script>{_MORE}{script}</script>".encode()


@dataclass
class Site:
    """What the page is answered. `asked` holds the paths that it has asked for, in order."""

    parts: int = 99
    asked: list[str] = field(default_factory=list)

    async def fetch(self, url: str, _kind: str, _headers: dict[str, str]) -> Part | Unavailable:
        path = url.removeprefix(HOME)
        self.asked.append(path)
        if not path.startswith("more/"):
            return Unavailable("failed", "HTTP 404")
        loaded = int(path.removeprefix("more/")) // PART
        body = json.dumps([0] * (PART if loaded <= self.parts else 0)).encode()
        return Part(200, (("Content-Type", "application/json"),), body, len(body))


def document(body: bytes, actions: ListActions) -> Document:
    return Document(HOME, (("Content-Type", "text/html; charset=utf-8"),), body, actions=actions)


async def items(browser: Browser, site: Site, body: bytes, actions: ListActions) -> int:
    """How many items the list has when it is read."""
    return (await browser.draw(document(body, actions), site.fetch)).dom.count(b"</a></li>\n")


# --- scrolling


async def test_a_list_loads_more_with_each_scroll(browser: Browser) -> None:
    site = Site()
    assert await items(browser, site, a_list(_ON_SCROLL), ListActions()) == PART
    assert site.asked == []
    assert await items(browser, site, a_list(_ON_SCROLL), ListActions(scroll=3)) == 4 * PART
    assert site.asked == ["more/10", "more/20", "more/30"]


async def test_a_list_that_is_at_its_end_is_not_scrolled_further(browser: Browser) -> None:
    site = Site(parts=1)
    assert await items(browser, site, a_list(_ON_SCROLL), ListActions(scroll=100)) == 2 * PART
    assert site.asked[:2] == ["more/10", "more/20"]
    assert len(site.asked) < 6


async def test_scrolling_stays_within_the_requests_of_a_page() -> None:
    require_chromium()
    sparing = Browser(Settings(render_time=timedelta(seconds=120), render_requests=3))
    site = Site()
    try:
        with pytest.raises(RenderFailed, match="page-budget: requests: more than 3"):
            await items(sparing, site, a_list(_ON_SCROLL), ListActions(scroll=50))
    finally:
        await sparing.close()
    assert len(site.asked) == 3


# --- clicking and waiting


async def test_a_button_is_clicked_once_and_an_element_is_waited_for(browser: Browser) -> None:
    site = Site()
    body = a_list("", "<button class=more onclick='setTimeout(more, 2000)'>More</button>")
    actions = ListActions(click="button.more", wait=f"li:nth-child({PART + 1}) a")
    assert await items(browser, site, body, actions) == 2 * PART
    assert site.asked == ["more/10"]


async def test_the_click_comes_before_the_scrolling(browser: Browser) -> None:
    site = Site()
    body = a_list("", f'<button onclick="{_ON_SCROLL.replace("&", "&amp;")}; this.remove()">All of it</button>')
    assert await items(browser, site, body, ListActions("button", 2, "li")) == 3 * PART


async def failure(browser: Browser, body: bytes, actions: ListActions) -> str:
    with pytest.raises(RenderFailed) as failed:
        await browser.draw(document(body, actions), Site().fetch)
    return str(failed.value)


async def test_an_element_that_never_appears_is_named() -> None:
    require_chromium()
    hasty = Browser(Settings(render_time=timedelta(seconds=20)))
    never = (ListActions(wait="li.never"), ListActions(click="button.more"))
    try:
        told = await asyncio.gather(*(failure(hasty, a_list(""), actions) for actions in never))
    finally:
        await hasty.close()
    assert told == [
        "render-failed: wait: li.never: no such element in the 20 s of the page",
        "render-failed: click: button.more: no such element in the 20 s of the page",
    ]


async def test_a_selector_that_the_browser_does_not_know_is_named(browser: Browser) -> None:
    unknown = "a:contains('x')"
    for key, actions in (("click", ListActions(click=unknown)), ("wait", ListActions(wait=unknown))):
        told = await failure(browser, a_list(""), actions)
        assert told.startswith(f"render-failed: {key}: {unknown}: ")
        assert "is not a valid selector" in told


# --- what a click may not do

_AWAY = [
    "<a class=more href='/away'>More</a>",
    "<a class=more href='http://elsewhere.example/away' target=_blank>More</a>",
    "<a class=more href='/away' download>More</a>",
    "<a class=more href='/news/1' ping='/away'>More</a>",
    "<a class=more href='file:///etc/hostname'>More</a>",
    "<form action='/away'><button class=more>More</button></form>",
    "<form action='/away' method=post><button class=more>More</button></form>",
    "<button class=more onclick=\"location.href = '/away'\">More</button>",
    "<button class=more onclick='location.reload()'>More</button>",
    "<button class=more onclick=\"window.open('/away')\">More</button>",
    "<button class=more onclick=\"fetch('/away', {method: 'POST'}).catch(() => 0)\">More</button>",
    "<button class=more onclick=\"navigator.sendBeacon('/away')\">More</button>",
    "<button class=more onclick=\"new Image().src = '/away'\">More</button>",
    "<button class=more onclick=\"fetch('https://www.google-analytics.com/away').catch(() => 0)\">More</button>",
]


async def test_a_click_asks_for_nothing_that_a_page_may_not_ask_for(browser: Browser) -> None:
    site = Site()
    actions = ListActions(click=".more")
    shown = await asyncio.gather(*(items(browser, site, a_list("", link), actions) for link in _AWAY))
    assert dict(zip(_AWAY, shown, strict=True)) == dict.fromkeys(_AWAY, PART)
    assert site.asked == []


@pytest.mark.parametrize(
    "link", ["<a class=more href='about:blank'>More</a>", "<button class=more onclick='history.back()'>More</button>"]
)
async def test_a_click_that_replaces_the_page_is_a_failure(browser: Browser, link: str) -> None:
    told = await failure(browser, a_list("", link), ListActions(click=".more"))
    assert told == "render-failed: click: .more: it leads away from the page"


# --- a crawl


NEVER = "wait: li.never: no such element in the 20 s of the page"


def entry(server: Server, host: str, **keys: object) -> dict[str, object]:
    return {
        "id": host.partition(".")[0],
        "name": host,
        "homepage": server.url(host),
        "delay": 0,
        "status": "verified",
        "discover": [{"listing": server.url(host, "/list"), "links": "li a"}],
    } | keys


def test_a_crawl_scrolls_a_list_as_far_as_robots_files_let_it(tmp_path: Path) -> None:
    require_chromium()
    with hostile.serve() as server:
        for host in ("long.example", "never.example"):
            server.site(host, *(f"/news/{n}" for n in range(6)))
            server.routes[host, "/list"] = http("200 OK", a_list(_WHEN_SEEN).replace(b"show(10)", b"show(2)"), HTML)
            for shown in (2, 4, 6):
                server.routes[host, f"/more/{shown}"] = http("200 OK", b"[0, 0]", "Content-Type: application/json")
        server.routes["long.example", "/robots.txt"] = http("200 OK", b"User-agent: *\nDisallow: /more/6\n")
        entries = [
            entry(server, "long.example", render={"scroll": 9, "wait": "li:nth-child(6)"}),
            entry(server, "never.example", render={"wait": "li.never"}),
        ]
        (tmp_path / "sources.yaml").write_text(json.dumps({"sources": entries}))
        environment = {
            "DATELINE_HOME": str(tmp_path / "home"),
            "DATELINE_SOURCES": str(tmp_path / "sources.yaml"),
            "DATELINE_RESOLVE": "long.example=127.0.0.1,never.example=127.0.0.1",
            "DATELINE_ALLOW_NETWORKS": "127.0.0.1/32",
            "DATELINE_EXTRACT_PROCESSES": "1",
            "DATELINE_RENDER_TIME": "20s",
        }
        command = [sys.executable, "-m", "dateline", "crawl", "--format", "json"]
        done = forked.run(command, env=os.environ | environment, timeout=280)
        checking = [sys.executable, "-m", "dateline", "sources", "check", "never", "--format", "json"]
        checked = forked.run(checking, env=os.environ | environment, timeout=280)
    rows = {row["source"]: row for row in json.loads(done.stdout)}
    assert rows["long"]["new"] == 6, done.stderr
    assert ("long.example", "/more/4") in server.requests
    assert ("long.example", "/more/6") not in server.requests
    assert rows["never"]["failed"] == {"render-failed": 1}
    assert NEVER in rows["never"]["problems"][0]
    assert checked.returncode == 1
    assert NEVER in checked.stdout
