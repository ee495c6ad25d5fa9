"""The Meridian Review: a site that exists only for who runs its script. Lists and articles are drawn from JSON.

It is not among the sample sites that the demo crawls, because it needs a browser. Its script also asks for what no page
should make a crawler ask for: a tracker, a font, private addresses, a path that robots.txt forbids.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from dateline.newsroom.model import AFTER_EDITS
from dateline.newsroom.requests import Answer, Asked

HOST = "www.meridian-review.example"
ID = "meridian-review"
NAME = "The Meridian Review"
PRIVATE = ("http://10.11.12.13/admin", "http://169.254.169.254/latest/meta-data/", "http://[::1]/admin")
"""Addresses of which a page has no business to learn anything."""

_ROBOTS = "User-agent: *\nDisallow: /private/\n"
_SHELL = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The Meridian Review</title>'
    '<link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body>'
    "<noscript>You need to enable JavaScript to read this site.</noscript>"
    '<div id="root"></div><script src="/static/app.js"></script></body></html>'
)


@dataclass(frozen=True, slots=True)
class Story:
    """One story. `edited` is its first paragraph from `AFTER_EDITS` on, or None where nothing changes."""

    id: str
    title: str
    author: str
    published: datetime
    body: tuple[str, ...]
    edited: str | None = None

    @property
    def path(self) -> str:
        return f"/story/{self.id}"

    def paragraphs(self, now: datetime) -> tuple[str, ...]:
        return self.body if self.edited is None or now < AFTER_EDITS else (self.edited, *self.body[1:])


@cache
def stories() -> tuple[Story, ...]:
    """All stories, oldest first."""
    table = tomllib.loads(files(__name__).joinpath("articles.toml").read_text("utf-8"))
    return tuple(Story(**{**entry, "body": tuple(entry["body"].strip().split("\n\n"))}) for entry in table["story"])


def entry(port: int, channel: str = "feed") -> Mapping[str, object]:
    """The site as a registry entry. `channel` is `feed`, or `listing` (its home page)."""
    home = f"http://{HOST}:{port}/"
    listed = {"feed": {"feed": f"{home}feed.xml"}, "listing": {"listing": home, "links": "li a"}}
    return {
        "id": ID,
        "name": NAME,
        "homepage": home,
        "country": "LU",
        "language": "en",
        "timezone": "Europe/Luxembourg",
        "kind": "newspaper",
        "discover": [listed[channel]],
        "render": True,
        "delay": 0,
        "status": "verified",
    }


def answer(asked: Asked, now: datetime, port: int) -> Answer | None:
    """Answer for the site. None where the host is another one."""
    if asked.host != HOST:
        return None
    path = urlsplit(asked.path).path
    shown = [story for story in stories() if story.published <= now]
    match path.strip("/").split("/"):
        case ["robots.txt"]:
            return _text("text/plain", _ROBOTS)
        case ["feed.xml"]:
            return _text("application/rss+xml", _feed(shown, port))
        case ["static", "app.js"]:
            return _text("text/javascript", _script(), ("Cache-Control", "max-age=3600"))
        case ["api", "config.json"]:
            probes = [*PRIVATE, f"http://{HOST}:{port}/private/list.json"]
            return _json({"probes": probes, "socket": f"ws://{HOST}:{port}/live"})
        case ["api", "stories.json"]:
            return _json({"items": [{"path": story.path, "title": story.title} for story in reversed(shown)]})
        case ["api", "story", name]:
            story = next((story for story in shown if f"{story.id}.json" == name), None)
            return _json(_story(story, now)) if story else Answer(404, (("Content-Type", "application/json"),), b"{}")
        case [""] | ["story", _]:
            return _text("text/html", _SHELL)
    return Answer(404, (("Content-Type", "text/plain"),), b"nothing here\n")


@cache
def _script() -> str:
    return files(__name__).joinpath("app.js").read_text("utf-8")


def _story(story: Story, now: datetime) -> dict[str, object]:
    return {
        "title": story.title,
        "author": story.author,
        "published": story.published.isoformat(),
        "body": story.paragraphs(now),
    }


def _feed(shown: list[Story], port: int) -> str:
    items = "".join(
        f"<item><title>{s.title}</title><link>http://{HOST}:{port}{s.path}</link></item>" for s in reversed(shown)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{NAME}</title>{items}</channel></rss>'


def _json(data: object) -> Answer:
    return _text("application/json", json.dumps(data))


def _text(kind: str, text: str, *headers: tuple[str, str]) -> Answer:
    return Answer(200, (("Content-Type", f"{kind}; charset=utf-8"), *headers), text.encode())
