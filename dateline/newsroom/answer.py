"""From a request to its answer at a given time. Pure: the server only moves bytes."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from dateline.newsroom import feeds, lists, scripted
from dateline.newsroom.homepages import HOMEPAGES, homepage_answer
from dateline.newsroom.model import START, Feed, Site, Trap, Validator, Version
from dateline.newsroom.pages import article_page, gallery_page, home_page, lost_page, section_page
from dateline.newsroom.pages.common import Setting
from dateline.newsroom.requests import Answer, Asked
from dateline.newsroom.state import Found, find, version_at


def _pixel() -> bytes:
    """A PNG of one grey pixel: its bytes are real, its looks do not matter."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    header = (1).to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0))  # 1 x 1, eight bits of grey
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\x99")) + chunk(b"IEND", b"")
    )


_PIXEL = _pixel()


def answer(sites: Mapping[str, Site], asked: Asked, now: datetime, port: int) -> Answer:
    """Answer a request as the newsroom does at `now`. `sites` are by id."""
    site = next((s for s in sites.values() if s.host == asked.host), None)
    if site is None:
        return _answer_of_others(asked, now, port)
    path = unquote(urlsplit(asked.path).path) or "/"
    setting = Setting(site, now, port, asked.serial, sites)
    for part in (_file, _feed_at, lists.list_answer, _article_at, _home, _trap_at, _picture):
        if (reply := part(setting, asked, path)) is not None:
            return reply
    return _page(setting, 404, lost_page(setting))


def _answer_of_others(asked: Asked, now: datetime, port: int) -> Answer:
    """Answer for a host that is none of the sites: a homepage, one of the scripted pages, or nobody."""
    if (homepage := HOMEPAGES.get(asked.host)) is not None:
        return homepage_answer(homepage, asked, port)
    if (drawn := scripted.answer(asked, now, port)) is not None:
        return drawn
    return Answer(421, (("Content-Type", "text/plain; charset=utf-8"),), b"no such site here\n")


# --- the parts of a site, each with its answer for a path, or None where the path is not its own


def _file(setting: Setting, asked: Asked, path: str) -> Answer | None:
    file = setting.site.files.get(path)
    if file is None:
        return None
    kind = file.type if file.charset == "utf-8" else f"{file.type}; charset={file.charset}"
    return Answer(file.status, (("Content-Type", kind),), file.text.encode(file.charset))


def _feed_at(setting: Setting, asked: Asked, path: str) -> Answer | None:
    feed = next((feed for feed in setting.site.feeds if feed.path == path), None)
    return None if feed is None else _feed(setting.site, feed, asked, setting.now, setting.port)


def _article_at(setting: Setting, asked: Asked, path: str) -> Answer | None:
    found = find(setting.site, path, setting.now)
    return None if found is None else _article(setting, found, asked)


def _home(setting: Setting, asked: Asked, path: str) -> Answer | None:
    return _page(setting, 200, home_page(setting)) if path == "/" else None


def _trap_at(setting: Setting, asked: Asked, path: str) -> Answer | None:
    for trap in setting.site.traps:
        if path == trap.path and trap.since <= setting.now and trap.kind in ("section", "gallery"):
            return _trap(setting, trap)
    return None


def _picture(setting: Setting, asked: Asked, path: str) -> Answer | None:
    if not path.endswith(".png"):
        return None
    return Answer(200, (("Content-Type", "image/png"), ("Cache-Control", "max-age=86400")), _PIXEL)


# --- pages, articles and feeds


def _trap(setting: Setting, trap: Trap) -> Answer:
    page = gallery_page if trap.kind == "gallery" else section_page
    return _page(setting, 200, page(setting, trap))


def _article(setting: Setting, found: Found, asked: Asked) -> Answer:
    site, article = setting.site, found.article
    version = version_at(article, setting.now)
    assert version is not None, "only published articles are found"
    if found.presence == "gone":
        return _page(setting, 410, lost_page(setting))
    if found.presence == "missing":
        return _page(setting, 404, lost_page(setting))
    if found.presence == "home":
        return Answer(302, (("Location", site.url("/", setting.port)), ("Content-Type", "text/html")))
    if found.moved_to is not None:
        return Answer(301, (("Location", site.url(found.moved_to, setting.port)), ("Content-Type", "text/html")))
    validators = _validators(site.validators, f"{found.variant}|{_fingerprint(version)}", version.since)
    headers = [*validators, *article.headers.items()]
    if _not_modified(asked, validators):
        return Answer(304, (*headers, *_vary(site)))
    return _compressed(
        site, asked, _page(setting, 200, article_page(setting, article, version.text, found.variant), headers)
    )


def _fingerprint(version: Version) -> str:
    """Of the article's content alone: counters, boxes and tokens around it do not count. Hence the ETag is weak."""
    return repr(replace(version, since=START))


def _feed(site: Site, feed: Feed, asked: Asked, now: datetime, port: int) -> Answer:
    body = feeds.render(site, feed, now, port)
    newest = feeds.changed_at(feeds.items_of(site, feed, now, port), START)
    validators = _validators(feed.validators, sha256(body).hexdigest(), _listing_changed(site, feed, now, newest))
    if _not_modified(asked, validators):
        return Answer(304, (*validators, *_vary(site)))
    kind = f"{feeds.TYPES[feed.format]}; charset={feed.charset}"
    return _compressed(site, asked, Answer(200, (("Content-Type", kind), *validators), body))


def _listing_changed(site: Site, feed: Feed, now: datetime, newest: datetime) -> datetime:
    """When the feed last changed: an entry came, was edited, or left."""
    times = [newest.astimezone(UTC)] if newest <= now else []
    times += [trap.since for trap in site.traps if trap.since <= now]
    for article in site.articles:
        if feed.section is None or article.section == feed.section:
            times += [version.since for version in article.versions if version.since <= now]
            times += [departure.at for departure in article.departures if departure.at <= now]
    return max(times, default=START)


def _validators(kinds: Sequence[Validator], content: str, changed: datetime) -> tuple[tuple[str, str], ...]:
    headers = []
    if "etag" in kinds:
        headers.append(("ETag", f'W/"{sha256(content.encode()).hexdigest()[:20]}"'))
    if "last-modified" in kinds:
        headers.append(("Last-Modified", format_datetime(changed.astimezone(UTC), usegmt=True)))
    return tuple(headers)


def _not_modified(asked: Asked, validators: Sequence[tuple[str, str]]) -> bool:
    """RFC 9110, 13.2.2: If-None-Match, compared weakly, decides alone where it is sent; else If-Modified-Since."""
    have = dict(validators)
    wanted = asked.headers.get("if-none-match")
    if wanted is not None:
        tags = [tag.strip().removeprefix("W/") for tag in wanted.split(",")]
        return "ETag" in have and ("*" in tags or have["ETag"].removeprefix("W/") in tags)
    since = asked.headers.get("if-modified-since")
    if since is None or "Last-Modified" not in have:
        return False
    try:
        return parsedate_to_datetime(have["Last-Modified"]) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # RFC 9110, 13.1.3: an invalid date is ignored
        return False


def _page(setting: Setting, status: int, html: str, headers: Sequence[tuple[str, str]] = ()) -> Answer:
    site = setting.site
    kind = "text/html" + (f"; charset={site.header_charset}" if site.header_charset else "")
    return Answer(
        status,
        (("Content-Type", kind), *headers, ("Set-Cookie", f"visit={setting.noise.token[:12]}; Path=/")),
        html.encode(site.charset, "xmlcharrefreplace"),
    )


def _vary(site: Site) -> tuple[tuple[str, str], ...]:
    return (("Vary", "Accept-Encoding"),) if site.gzip else ()


def _compressed(site: Site, asked: Asked, reply: Answer) -> Answer:
    if not site.gzip:
        return reply
    if "gzip" not in asked.headers.get("accept-encoding", ""):
        return replace(reply, headers=(*reply.headers, *_vary(site)))
    return Answer(
        reply.status,
        (*reply.headers, *_vary(site), ("Content-Encoding", "gzip")),
        gzip.compress(reply.body, compresslevel=5, mtime=0),
    )
