"""OPML in and out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from archive.model.source import Channel, Source
from archive.registry.opml import read_opml, write_opml

NOW = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)
OPML = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>%s</body></opml>"""


def opml(outlines: str) -> bytes:
    return (OPML % outlines).encode()


def test_outlines_become_sources() -> None:
    found = read_opml(
        opml(
            """<outline text="Asia"><outline text="Yonhap" title="Yonhap News" type="rss" language="en-us"
            xmlUrl="https://en.yna.example/RSS/news.xml?utm_source=x" htmlUrl="https://en.yna.example/"/>
            <outline text="Yonhap North" type="rss" xmlUrl="https://en.yna.example/RSS/nk.xml" htmlUrl="https://en.yna.example/"/></outline>
            <outline text="No page" type="rss" xmlUrl="http://feeds.example/deep/path/feed"/>
            <outline text="Ministry" type="link" url="https://mfa.example/news"/>"""
        )
    )
    yonhap, feeds, ministry = found.sources
    assert (yonhap.id, yonhap.name, yonhap.homepage, yonhap.language) == (
        "en-yna-example", "Yonhap News", "https://en.yna.example/", ("en-us",),
    )  # fmt: skip
    assert yonhap.discover == (
        Channel("feed", "https://en.yna.example/RSS/news.xml"),
        Channel("feed", "https://en.yna.example/RSS/nk.xml"),
    )
    assert (feeds.homepage, feeds.status) == ("http://feeds.example/", "unverified")
    assert (ministry.homepage, ministry.discover) == ("https://mfa.example/news", ())
    assert (found.left_out, found.problem) == ((), None)


def test_what_is_known_or_stands_twice_or_has_no_address_is_left_out_with_the_reason() -> None:
    known = Source("a-example", "A", "https://a.example/", discover=(Channel("feed", "https://a.example/rss"),))
    found = read_opml(
        opml(
            """<outline text="A" xmlUrl="http://www.a.example/rss/"/><outline text="B" xmlUrl="https://b.example/rss"/>
            <outline text="B again" xmlUrl="https://b.example/rss"/><outline text="C" xmlUrl="javascript:alert(1)"/>
            <outline text="D"/><outline text="New" xmlUrl="https://a.example/other"/>"""
        ),
        [known],
    )
    assert [source.id for source in found.sources] == ["b-example", "a-example-2"]
    assert found.left_out == (
        ("http://www.a.example/rss/", "known"),
        ("https://b.example/rss", "twice"),
        ("C", "no-address"),
        ("D", "no-address"),
    )


def test_a_language_that_is_none_is_left_out() -> None:
    (source,) = read_opml(opml('<outline text="A" xmlUrl="https://a.example/rss" language="english"/>')).sources
    assert source.language == ()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not-opml: empty"),
        (b"<html><body/></html>", "not-opml: <html>"),
        (b"text", "broken-xml: "),
        (b'<!DOCTYPE opml [<!ENTITY f SYSTEM "file:///etc/passwd">]><opml><body><outline text="&f;"/></body></opml>', "forbidden-entities"),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE opml [<!ENTITY a "b">]><opml/>'.encode("utf-16"), "forbidden-entities"),
        (b'<!DOCTYPE opml [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]><opml/>', "forbidden-entities"),
    ],
)  # fmt: skip
def test_something_else(body: bytes, problem: str) -> None:
    found = read_opml(body)
    assert found.sources == ()
    assert found.problem is not None
    assert found.problem.startswith(problem)


def test_a_broken_file_gives_what_can_be_read() -> None:
    body = opml(
        '<outline text="A" xmlUrl="https://a.example/rss"/><outline text="R & D" xmlUrl="https://b.example/rss?x=1&y=2"/>'
    )
    found = read_opml(body[:-12])
    assert [source.id for source in found.sources] == ["a-example", "b-example"]
    assert found.sources[1].name == "R & D"
    assert found.sources[1].discover[0].url == "https://b.example/rss?x=1&y=2"


def test_a_file_of_many_outlines_ends() -> None:
    found = read_opml(opml("".join(f'<outline text="{n}" xmlUrl="https://x{n}.example/rss"/>' for n in range(5_010))))
    assert len(found.sources) == 5_000
    assert found.left_out == (("outlines from 5001 on", "limit"),)


def test_there_and_back() -> None:
    sources = [
        Source("a-example", "A & <B>", "https://a.example/", language=("vi",), discover=(Channel("feed", "https://a.example/1?x=1&y=2"), Channel("feed", "https://a.example/2"))),
        Source("b-example", "Bộ Ngoại giao\x07", "https://b.example/", discover=(Channel("sitemap", "https://b.example/s.xml"),)),
    ]  # fmt: skip
    body = write_opml(sources, "Dateline", NOW)
    root = etree.fromstring(body)
    assert root.get("version") == "2.0"
    assert root.findtext("head/dateCreated") == "Thu, 01 Oct 2026 10:00:00 +0000"
    first, second = read_opml(body).sources
    assert first == sources[0]
    assert (second.name, second.homepage, second.discover) == ("Bộ Ngoại giao", "https://b.example/", ())
