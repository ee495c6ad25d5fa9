"""Sites in several languages that show another page in an article's place, from a real server through the command."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest
from support import forked, hostile
from support.crawled import registry
from support.hostile import HTML, XML, Server, http

START = datetime(2026, 11, 10, 6, 0, tzinfo=UTC)
KILLED = -9
LANGUAGES = {
    "en": (
        "Ministers agree on patrols in the strait {n}",
        ["The foreign ministers met in the harbour town on Monday to speak about patrols in the strait number {n}.",
         "They agreed that ships of both countries will watch the northern passage together from the spring on."],
        "Before you continue",
        ["We and our 842 partners store information on your device, such as cookies, to process personal data.",
         "You may accept or manage your choices, also your right to object, at any time on this page."],
    ),
    "de": (
        "Minister einigen sich auf Streifen in der Meerenge {n}",
        ["Die Aussenminister trafen sich am Montag in der Hafenstadt, um über Streifen in der Meerenge {n} zu sprechen.",
         "Sie vereinbarten, dass Schiffe beider Länder die nördliche Durchfahrt ab dem Frühjahr gemeinsam überwachen."],
        "Bevor Sie fortfahren",
        ["Wir und unsere 842 Partner speichern Informationen auf Ihrem Gerät, um personenbezogene Daten zu verarbeiten.",
         "Sie können jederzeit zustimmen, Ihre Auswahl verwalten oder der Verarbeitung auf dieser Seite widersprechen."],
    ),
    "ja": (
        "外相らが海峡の共同巡視で合意{n}",
        ["両国の外相は月曜日に港町で会談し、第{n}海峡での巡視活動について協議した。",
         "両国の船舶が来春から北側の航路を共同で監視することで合意したと発表された。"],
        "続行する前に",
        ["当サイトと提携先八百四十二社は、個人情報を処理するため、お使いの端末にクッキーなどの情報を保存します。",
         "同意するか、設定を管理するか、異議を申し立てるかを、このページでいつでも選択できます。"],
    ),
    "ar": (
        "وزراء الخارجية يتفقون على دوريات في المضيق {n}",
        ["اجتمع وزراء الخارجية يوم الاثنين في مدينة الميناء للحديث عن الدوريات في المضيق رقم {n}.",
         "واتفقوا على أن تراقب سفن البلدين الممر الشمالي معا ابتداء من الربيع المقبل."],
        "قبل المتابعة",
        ["نقوم نحن وشركاؤنا البالغ عددهم 842 بتخزين المعلومات على جهازك لمعالجة البيانات الشخصية.",
         "يمكنك الموافقة أو إدارة اختياراتك أو الاعتراض على المعالجة في أي وقت على هذه الصفحة."],
    ),
}  # fmt: skip


def host(language: str) -> str:
    return f"{language}.example"


def page(language: str, n: int, *, later: bool = False) -> bytes:
    """An article with byline and date."""
    title, paragraphs, _, _ = LANGUAGES[language]
    shown = [text.format(n=n) for text in (paragraphs if not later else paragraphs[::-1])]
    return _html(language, title.format(n=n), shown, head=_data(title.format(n=n)))


def wall(language: str) -> bytes:
    _, _, title, paragraphs = LANGUAGES[language]
    return _html(language, title, paragraphs)


def _html(language: str, title: str, paragraphs: list[str], head: str = "") -> bytes:
    body = "".join(f"<p>{escape(text)}</p>" for text in paragraphs)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}</head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    ).encode()


def _data(title: str) -> str:
    data = {
        "@type": "NewsArticle", "headline": title, "datePublished": "2026-11-10T05:00:00Z",
        "author": {"@type": "Person", "name": "Ada Whitlock"},
    }  # fmt: skip
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


@pytest.fixture
def server() -> Iterator[Server]:
    with hostile.serve() as running:
        for language in LANGUAGES:
            paths = [f"/{n}" for n in range(1, 4)]
            base = running.url(host(language), "")
            running.routes[host(language), "/feed"] = http("200 OK", hostile.rss(base, *paths), XML)
            for n, path in enumerate(paths, 1):
                running.routes[host(language), path] = http("200 OK", page(language, n), HTML)
        yield running


class Archivist:
    """Whoever crawls these sites, with a clock that stands at the time of each crawl."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.home = folder / "home"
        feeds = {language: server.url(host(language), "/feed") for language in LANGUAGES}
        self.environment = os.environ | {
            "DATELINE_HOME": str(self.home),
            "DATELINE_SOURCES": str(registry(folder / "sources.yaml", feeds)),
            "DATELINE_RESOLVE": ",".join(f"{host(language)}=127.0.0.1" for language in LANGUAGES),
            "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
            "DATELINE_TIMEOUT": "60s",
            "DATELINE_RETRIES": "0",
            "DATELINE_DELAY": "0",
            "DATELINE_EXTRACT_PROCESSES": "1",
        }

    def crawl(self, hours: float, **environment: str) -> int:
        at = (START + timedelta(hours=hours)).isoformat()
        command = [sys.executable, "-m", "support.at", at, "crawl", "--revisit", "all", "--format", "json"]
        done = forked.run(command, env=self.environment | environment, timeout=300)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode

    def verify(self) -> int:
        command = [sys.executable, "-m", "dateline", "verify"]
        return forked.run(command, env=self.environment, timeout=300).returncode

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.home / "archive.sqlite") as database:
            return database.execute(query).fetchall()

    def revisions(self) -> dict[str, list[int]]:
        """How many revisions the articles of each source have, by their addresses."""
        found: dict[str, list[int]] = {}
        query = "SELECT source, url, revisions FROM v_articles ORDER BY source, url"
        for source, _, count in self.rows(query):
            found.setdefault(source, []).append(count)
        return found


def test_a_wall_in_any_language_makes_no_revision_and_no_article(server: Server, tmp_path: Path) -> None:
    archivist = Archivist(server, tmp_path)
    archivist.crawl(0)
    unchanged = {language: [1, 1, 1] for language in sorted(LANGUAGES)}
    assert archivist.revisions() == unchanged
    for language in LANGUAGES:
        at = host(language)
        server.routes[at, "/1"] = http("200 OK", wall(language), HTML)
        server.routes[at, "/2"] = http("302 Found", b"", f"Location: {server.url(at, '/gate')}")
        server.routes[at, "/3"] = http(
            "200 OK", _html(language, LANGUAGES[language][2], []), HTML
        )  # scripts would fill it
        server.routes[at, "/gate"] = http("200 OK", wall(language), HTML)
    for hours in (5, 10):  # another time does not make it an article
        archivist.crawl(hours)
    assert archivist.revisions() == unchanged
    told = archivist.rows("SELECT DISTINCT outcome, detail FROM v_observations WHERE outcome <> 'changed'")
    assert ("failed", "another-page") in told
    assert {outcome for outcome, _ in told} == {"failed"}
    assert archivist.rows("SELECT count(*) FROM v_observations WHERE outcome = 'failed'") == [(2 * 3 * len(LANGUAGES),)]
    assert {status for (status,) in archivist.rows("SELECT DISTINCT status FROM v_articles")} == {"live"}
    for language in LANGUAGES:
        for n in (1, 2, 3):
            server.routes[host(language), f"/{n}"] = http("200 OK", page(language, n), HTML)
    archivist.crawl(15)
    assert archivist.revisions() == unchanged
    assert archivist.verify() == 0


def test_a_text_is_confirmed_once_though_crawls_are_killed_between_its_looks(server: Server, tmp_path: Path) -> None:
    archivist = Archivist(server, tmp_path)
    for (
        language
    ) in LANGUAGES:  # sites whose articles have neither byline nor date: nothing but a second look can be asked for
        for n in range(1, 4):
            title, paragraphs, _, _ = LANGUAGES[language]
            plain = _html(language, title.format(n=n), [text.format(n=n) for text in paragraphs])
            server.routes[host(language), f"/{n}"] = http("200 OK", plain, HTML)
    archivist.crawl(0)
    for language in LANGUAGES:
        server.routes[host(language), "/1"] = http("200 OK", wall(language), HTML)
    assert archivist.crawl(5, DATELINE_FAILPOINT="rows-written:1") == KILLED
    archivist.crawl(5.2)
    first = dict(archivist.rows("SELECT source, max(captured_at) FROM v_captures WHERE url LIKE '%/1' GROUP BY source"))
    for point in ("warc-written:1", "rows-written:1", "warc-synced:1", "committed:1"):
        assert archivist.crawl(10, DATELINE_FAILPOINT=point) == KILLED
    archivist.crawl(10.5)
    archivist.crawl(11)
    assert archivist.revisions() == {language: [2, 1, 1] for language in sorted(LANGUAGES)}
    at = dict(archivist.rows("SELECT source, captured_at FROM v_revisions WHERE number = 2"))
    assert at == first
    assert archivist.verify() == 0


def test_a_template_that_names_one_canonical_address_merges_nothing(server: Server, tmp_path: Path) -> None:
    for language in LANGUAGES:
        named = f'<link rel="canonical" href="{server.url(host(language), "/1")}">'.encode()
        for n in range(1, 4):
            text = page(language, n).replace(b"</head>", named + b"</head>")
            if n > 1:  # another story
                text = text.replace(page(language, n).partition(b"<main>")[2], _other(language, n))
            server.routes[host(language), f"/{n}"] = http("200 OK", text, HTML)
    archivist = Archivist(server, tmp_path)
    for hours in (0, 5):
        archivist.crawl(hours)
        assert archivist.revisions() == {language: [1, 1, 1] for language in sorted(LANGUAGES)}
    assert archivist.verify() == 0


def _other(language: str, n: int) -> bytes:
    """The text of an article about something else, taken from another language's words."""
    others = [each for each in LANGUAGES if each != language]
    return page(others[n - 1], n).partition(b"<main>")[2]
