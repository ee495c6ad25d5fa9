"""Reading what a candidate's address answered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archive.model.link import Hints, Link
from archive.model.source import Channel, ChannelKind
from crawler.discover.autodiscovery.candidates import Candidate, more_feeds
from crawler.discover.autodiscovery.needs_browser import needs_browser
from crawler.discover.autodiscovery.probe import SAMPLE, Reading, read_probe, samples, with_child
from crawler.discover.autodiscovery.ranking import Probe, rank

HOME = "https://www.herald.example/"
NOW = datetime(2026, 10, 10, 12, tzinfo=UTC)
LISTED = "".join(
    f'<li><a href="/2026/10/09/the-ministers-meet-again-{n}">The ministers meet again {n}</a></li>' for n in range(5)
)


def read(kind: ChannelKind, body: str, content_type: str | None = None) -> Reading:
    candidate = Candidate(Channel(kind, HOME + "x"), "link")
    return read_probe(candidate, body.encode(), HOME + "x", content_type)


def rss(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>x</title>{"".join(items)}</channel></rss>'


def item(path: str, guid: str = "") -> str:
    return f"<item><title>T</title><link>{HOME}{path}</link><guid isPermaLink='false'>{guid or path}</guid></item>"


def test_a_feed_of_comments_is_known_by_its_entries() -> None:
    assert read("feed", rss(item("a", "a#comment-1"), item("b", "b#comment-9"))).probe.candidate.doubts == ("comments",)
    assert read("feed", rss(item("a"), item("b", "b#comment-9"))).probe.candidate.doubts == ()
    assert read("feed", rss()).probe.candidate.doubts == ()


def test_a_page_at_a_feeds_address_leads_to_the_feeds_that_it_names() -> None:
    reading = read("feed", "<html><body><a href='/rss/world.xml'>World</a><a href='/about'>About</a></body></html>")
    assert reading.probe.failure == "not-a-feed: HTML page"
    assert [more.channel.key for more in reading.more] == [f"feed:{HOME}rss/world.xml"]
    assert more_feeds(b"", HOME) == ()


def test_an_index_is_judged_by_the_pages_of_its_sitemaps() -> None:
    index = read(
        "sitemap",
        f"<sitemapindex><sitemap><loc>{HOME}1.xml</loc><lastmod>2026-10-10</lastmod></sitemap></sitemapindex>",
    )
    assert [child.url for child in index.children] == [HOME + "1.xml"]
    child = read("sitemap", f"<urlset><url><loc>{HOME}about</loc><lastmod>2026-10-10</lastmod></url></urlset>")
    [found] = rank([with_child(index.probe, child)], HOME, NOW)
    assert found.verdict == "no-articles"


def test_a_list_shows_links_with_their_days() -> None:
    probe = read("listing", f"<html><body><ul>{LISTED}</ul></body></html>", "text/html").probe
    assert len(probe.links) == 5
    assert set(probe.times) == {datetime(2026, 10, 9, tzinfo=UTC)}


def test_links_that_were_opened_and_are_no_articles_count_more_than_their_looks() -> None:
    probe = read("listing", f"<html><body><ul>{LISTED}</ul></body></html>").probe
    assert rank([probe], HOME, NOW)[0].verdict == "live"
    opened = Probe(probe.candidate, probe.links, probe.times, opened=3)
    assert [(r.verdict, r.detail) for r in rank([opened], HOME, NOW)] == [
        ("no-articles", "none of the 3 links opened is an article")
    ]
    some = Probe(probe.candidate, probe.links, probe.times, opened=3, articles=1)
    assert rank([some], HOME, NOW)[0].verdict == "live"


def test_the_links_to_open_are_of_the_site_and_look_like_articles() -> None:
    good = [
        Link(f"{HOME}2026/10/09/the-ministers-meet-again-{n}", Hints(title="The ministers meet again"))
        for n in range(12)
    ]
    bad = [Link(HOME + "about"), Link("https://elsewhere.example/2026/10/09/the-ministers-meet-once-more")]
    probe = Probe(Candidate(Channel("listing", HOME), "homepage"), (*bad, *good))
    chosen = samples(probe, HOME)
    assert len(set(chosen)) == SAMPLE
    assert set(chosen) <= {link.url for link in good}
    assert samples(Probe(probe.candidate, tuple(bad[1:])), HOME) == ()


@pytest.mark.parametrize(
    ("body", "needed"),
    [
        ("<html><body><div id='app'></div><script src='/a.js'></script></body></html>", True),
        ("", False),
        (f"<html><body><script src='/a.js'></script><ul>{LISTED}</ul></body></html>", False),
        ("<html><body><p>Short, but without scripts.</p></body></html>", False),
    ],
)
def test_what_is_made_in_the_browser(body: str, needed: bool) -> None:
    assert (needs_browser(body.encode()) is not None) is needed
