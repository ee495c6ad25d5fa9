"""From a homepage to candidates, from probes to a ranking and a registry entry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.model.link import Hints, Link
from archive.model.source import Channel, Next
from crawler.discover.autodiscovery.candidates import Candidate, Discovery, Found, discover
from crawler.discover.autodiscovery.ranking import Probe, propose, rank, worth_probing
from crawler.discover.parsing.link_header import parse_link_header

HOME = "https://www.herald.example/"
NOW = datetime(2026, 10, 10, 12, 0, tzinfo=UTC)

WORDPRESS = """<!DOCTYPE html><html lang="en-GB"><head><title>Front | The Herald</title><meta property="og:site_name" content="The Herald">
<meta name="generator" content="WordPress 6.9">
<link rel="alternate" type="application/rss+xml" title="The Herald &raquo; Comments Feed" href="/comments/feed/">
<link rel="alternate" type="application/rss+xml" title="The Herald &raquo; Feed" href="/feed/">
<link rel="alternate" type="application/rss+xml" title="Tag" href="/tag/elections/feed/">
<link rel="alternate" type="application/rss+xml" title="Partner" href="https://partner.example/feed/">
<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed/1.0/embed?url=x">
<link rel="alternate" hreflang="fr" href="/fr/"><link rel="https://api.w.org/" href="https://www.herald.example/wp-json/"></head>
<body><nav><a href="/world/">World</a><a href="/news/politics/">Politics</a><a href="/press-releases">Press releases</a>
<a href="/about">About</a></nav><a href="/rss/world.xml">RSS: World</a><p>Text</p></body></html>"""

MINISTRY = """<html lang="ko"><head><title>외교부</title></head><body><ul><li><a href="/www/brd/m_4080/list.do">보도자료</a></li>
<li><a href="/www/wpge/m_20/contents.do">조직</a></li><li><a href="https://other.example/news">뉴스</a></li></ul></body></html>"""


def found_of(body: str, **more: object) -> Discovery:
    return discover(body.encode(), HOME, **more)  # type: ignore[arg-type]


def by_address(discovery: Discovery) -> dict[str, Candidate]:
    return {candidate.channel.url.removeprefix(HOME): candidate for candidate in discovery.candidates}


# --- candidates


def test_a_wordpress_site() -> None:
    discovery = found_of(WORDPRESS)
    found = by_address(discovery)
    assert discovery.candidates[0].channel == Channel("feed", HOME + "feed/")
    assert (found["feed/"].found, found["feed/"].title, found["feed/"].doubts) == ("link", "The Herald » Feed", ())
    assert found["comments/feed/"].doubts == ("comments",)
    assert found["tag/elections/feed/"].doubts == ("one-tag",)
    assert found["https://partner.example/feed/"].doubts == ("other-site",)
    assert found["rss/world.xml"].found == "anchor"
    assert {found["press-releases"].found, found["news/politics/"].found} == {"section"}
    assert found["press-releases"].channel.kind == "listing"
    assert "about" not in found
    assert not any("oembed" in address for address in found)
    assert (discovery.title, discovery.language, discovery.empty) == ("The Herald", "en-GB", False)


def test_decoys_come_behind_all_that_has_no_doubts_of_its_kind_of_place() -> None:
    order = [candidate.channel.url for candidate in found_of(WORDPRESS).candidates]
    assert order.index(HOME + "feed/") < order.index(HOME + "press-releases") < order.index(HOME + "comments/feed/")


def test_wordpress_posts_as_json() -> None:
    posts = next(c.channel for c in found_of(WORDPRESS).candidates if c.channel.kind == "json")
    assert posts.url == HOME + "wp-json/wp/v2/posts?per_page=50&_fields=link,title,date_gmt"
    assert (posts.items, posts.links, posts.title) == ("[]", "link", "title.rendered")
    assert posts.next == Next(url=posts.url + "&page={page}")


def test_wordpress_posts_can_be_read() -> None:
    from crawler.discover.lists.json_list import parse_json_list

    posts = next(c.channel for c in found_of(WORDPRESS).candidates if c.channel.kind == "json")
    body = b'[{"link": "https://www.herald.example/2026/10/01/a/", "title": {"rendered": "A &#8211; B"}, "date_gmt": "2026-10-01T10:00:00"}]'
    listing = parse_json_list(body, posts.url, posts)
    (link,) = listing.links
    assert link.hints.title == "A – B"
    assert link.hints.published_at == datetime(2026, 10, 1, 10, tzinfo=UTC)
    assert listing.next is not None
    assert listing.next.url.endswith("date_gmt&page=2")


def test_a_ministry_without_a_feed() -> None:
    found = by_address(found_of(MINISTRY))
    assert found["www/brd/m_4080/list.do"].channel.kind == "listing"
    assert found["www/brd/m_4080/list.do"].title == "보도자료"
    assert "www/wpge/m_20/contents.do" not in found
    assert "https://other.example/news" not in found


def test_robots_and_headers() -> None:
    discovery = found_of(
        "<p>x</p>",
        robots_sitemaps=["https://www.herald.example/news-map.xml", "https://cdn.other.example/s.xml", "javascript:1"],
        link_headers=[
            '</head.xml>; rel="alternate"; type="application/atom+xml"; title="A, b; c", <https://x/>; rel=next'
        ],
    )
    found = by_address(discovery)
    assert (found["news-map.xml"].found, found["news-map.xml"].channel.kind) == ("robots", "sitemap")
    assert found["https://cdn.other.example/s.xml"].doubts == ("other-site",)
    assert (found["head.xml"].found, found["head.xml"].title) == ("header", "A, b; c")
    assert [c.channel.url for c in discovery.candidates[:2]] == [HOME + "head.xml", HOME + "news-map.xml"]


@pytest.mark.parametrize(
    ("generator", "path"),
    [("Drupal 11", "rss.xml"), ("Joomla! - Open Source", "?format=feed&type=rss"), ("Hugo 0.150", "index.xml"), ("Ghost 6", "rss/")],
)  # fmt: skip
def test_habits_of_other_systems(generator: str, path: str) -> None:
    found = by_address(found_of(f'<meta name="generator" content="{generator}"><p>x</p>'))
    assert found[path].found == "cms"


def test_well_known_places_are_always_tried() -> None:
    found = by_address(discover(b"", HOME))
    assert {"feed/", "rss.xml", "sitemap.xml", "news-sitemap.xml"} <= found.keys()


def test_a_homepage_in_a_folder_does_not_speak_for_its_host() -> None:
    body = '<a href="/atom/all.atom">Atom</a><meta name="generator" content="Drupal">'
    discovery = discover(body.encode(), HOME + "organisations/foreign-office", robots_sitemaps=[HOME + "sitemap.xml"])
    doubts = {candidate.channel.url.removeprefix(HOME): candidate.doubts for candidate in discovery.candidates}
    assert doubts["organisations/foreign-office/feed/"] == doubts["organisations/foreign-office.atom"] == ()
    assert doubts["feed/"] == doubts["rss.xml"] == doubts["sitemap.xml"] == ("whole-host",)
    assert doubts["atom/all.atom"] == ()  # the page itself shows it


@pytest.mark.parametrize("path", ["", "index.html", "home", "default.aspx", "index.php"])
def test_a_front_page_by_its_name_speaks_for_its_host(path: str) -> None:
    assert all(not candidate.doubts for candidate in discover(b"", HOME + path).candidates)


def test_wordpress_in_a_folder() -> None:
    body = f'<link rel="https://api.w.org/" href="{HOME}blog/wp-json/">'
    found = {c.channel.url.removeprefix(HOME): c for c in discover(body.encode(), HOME + "blog/").candidates}
    assert (found["blog/feed/"].found, found["blog/wp-sitemap.xml"].found) == ("cms", "cms")


def test_a_page_made_in_the_browser() -> None:
    assert found_of(
        '<html><head><title>App</title></head><body><div id="root"></div><script src="/main.js"></script></body></html>'
    ).empty
    assert found_of("").empty
    assert not found_of(WORDPRESS).empty
    assert not found_of("<p>Short, but without any script</p>").empty


def test_a_home_page_with_headlines_is_a_listing_itself() -> None:
    body = "".join(
        f"<h2><a href='/story-of-the-day-{n}'>The long headline of story {n}</a></h2>" for n in range(1000, 1005)
    )
    home = by_address(found_of(body))[""]
    assert (home.channel.kind, home.found) == ("listing", "homepage")


def test_a_page_of_many_candidates_is_cut_the_same_way_each_time() -> None:
    body = (
        "".join(f'<link rel="alternate" type="application/rss+xml" href="/feed/{n}">' for n in range(500)) + WORDPRESS
    )
    first = found_of(body)
    assert len(first.candidates) == 60
    assert first == found_of(body)


def test_hostile_addresses_are_no_candidates() -> None:
    body = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{href}"><a href="{href}">RSS news</a>'
        for href in ("javascript:feed()", "file:///feed/", "data:text/xml,rss", "http://", "")
    )
    assert all(c.channel.url.startswith(HOME) for c in found_of(body).candidates)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("</a>; rel=alternate", [("/a", {"rel": "alternate"})]),
        ('</a>;rel="x y";title="q\\"t" , <b> ; Rel=z', [("/a", {"rel": "x y", "title": 'q"t'}), ("b", {"rel": "z"})]),
        ("</a>; rel=a; rel=b; crossorigin", [("/a", {"rel": "a", "crossorigin": ""})]),
        ("nonsense", []),
        ("<" * 20_000, []),
    ],
)
def test_link_headers(value: str, expected: list[tuple[str, dict[str, str]]]) -> None:
    assert list(parse_link_header(value)) == expected


# --- ranking


def candidate(path: str, kind: str = "feed", found: Found = "link", **more: object) -> Candidate:
    return Candidate(Channel(kind, HOME + path), found, **more)  # type: ignore[arg-type]


def links(count: int, prefix: str = "a", host: str = HOME) -> tuple[Link, ...]:
    return tuple(
        Link(f"{host}{prefix}/some-story-of-the-day-{n}000", Hints(title="A headline of some length"))
        for n in range(count)
    )


def probe(
    found: Candidate, shown: tuple[Link, ...], age: timedelta | None = timedelta(hours=1), **more: object
) -> Probe:
    return Probe(found, shown, (NOW - age,) if age is not None else (), **more)  # type: ignore[arg-type]


def test_alive_before_dead_and_doubtful() -> None:
    probes = [
        Probe(candidate("html"), failure="not-a-feed: HTML page"),
        probe(candidate("stale"), links(50), timedelta(days=400)),
        probe(candidate("comments/feed/", doubts=("comments",)), links(50, "c"), timedelta(minutes=1)),
        probe(candidate("other"), links(30, host="https://other.example/")),
        probe(candidate("empty"), ()),
        probe(candidate("undated"), links(20, "u"), None),
        probe(candidate("live"), links(10)),
    ]
    ranked = rank(probes, HOME, NOW)
    assert [(found.candidate.channel.url.removeprefix(HOME), found.verdict) for found in ranked] == [
        ("live", "live"),
        ("undated", "undated"),
        ("comments/feed/", "live"),
        ("stale", "stale"),
        ("other", "off-site"),
        ("empty", "empty"),
        ("html", "failed"),
    ]
    assert ranked[-1].detail == "not-a-feed: HTML page"


def test_the_newer_then_the_fuller_comes_first() -> None:
    probes = [
        probe(candidate("week"), links(99, "w"), timedelta(days=5)),
        probe(candidate("few"), links(5, "f")),
        probe(candidate("many"), links(50, "m")),
    ]
    assert [found.candidate.channel.url.removeprefix(HOME) for found in rank(probes, HOME, NOW)] == [
        "many",
        "few",
        "week",
    ]


def test_announced_events_do_not_make_a_feed_fresh() -> None:
    (found,) = rank([Probe(candidate("x"), links(9), (NOW + timedelta(days=90), NOW - timedelta(days=300)))], HOME, NOW)
    assert (found.verdict, found.newest_at) == ("stale", NOW - timedelta(days=300))


def test_a_listing_must_show_articles_and_its_dates_count() -> None:
    menu = tuple(Link(f"{HOME}about/{n}") for n in range(30))
    dated = tuple(Link(link.url, Hints(title=link.hints.title, published="9 tháng 10, 2026")) for link in links(9))
    ranked = rank(
        [
            Probe(candidate("menu", "listing", "section"), menu),
            Probe(candidate("news", "listing", "section"), dated, languages=("vi",)),
            Probe(
                candidate("old", "listing", "section"),
                tuple(Link(f"{HOME}2019/01/{n:02d}/a-story-of-the-day") for n in range(1, 9)),
            ),
        ],
        HOME,
        NOW,
    )
    assert [found.verdict for found in ranked] == ["live", "stale", "no-articles"]


def test_the_same_under_two_addresses_is_told() -> None:
    ranked = rank([probe(candidate("feed?post_type=opinion"), links(9)), probe(candidate("feed"), links(9))], HOME, NOW)
    assert [found.same_as for found in ranked] == [None, HOME + "feed?post_type=opinion"]


def test_an_index_of_sitemaps_is_alive_by_its_changes() -> None:
    ranked = rank(
        [probe(candidate("sitemap.xml", "sitemap", "robots"), (), children=12), probe(candidate("old.xml", "sitemap"), (), timedelta(days=900), children=2)],
        HOME,
        NOW,
    )  # fmt: skip
    assert [(found.verdict, found.items) for found in ranked] == [("live", 12), ("stale", 2)]


def test_probes_that_cannot_change_the_proposal_are_saved() -> None:
    shown = rank(
        [probe(candidate("feed"), links(9)), Probe(candidate("sitemap.xml", "sitemap"), failure="HTTP 404")], HOME, NOW
    )
    assert worth_probing(candidate("feed/world"), shown)
    assert not worth_probing(candidate("rss.xml", found="well-known"), shown)
    assert not worth_probing(candidate("comments", doubts=("comments",)), shown)
    assert not worth_probing(candidate("news", "listing", "section"), shown)
    assert worth_probing(candidate("sitemap_index.xml", "sitemap", "well-known"), shown)
    assert worth_probing(candidate("rss.xml", found="well-known"), ())
    assert worth_probing(candidate("news", "listing", "section"), ())


# --- the proposal


def proposal(*probes: Probe, taken: tuple[str, ...] = ()) -> list[str] | None:
    discovery = Discovery((), "The Herald", "en_GB")
    source = propose(discovery, rank(probes, HOME, NOW), HOME, taken)
    if source is None:
        return None
    assert (source.name, source.language, source.status) == ("The Herald", ("en-GB",), "unverified")
    return [source.id, *(channel.url.removeprefix(HOME) for channel in source.discover)]


def test_feeds_of_two_rhythms_and_a_sitemap_are_proposed() -> None:
    assert proposal(
        probe(candidate("blog"), links(20, "b")),
        probe(candidate("research"), links(20, "r"), timedelta(days=20)),
        probe(candidate("blog2"), links(19, "b")),
        probe(candidate("sitemap.xml", "sitemap"), links(100)),
        probe(candidate("news", "listing", "section"), links(10)),
        probe(candidate("comments", doubts=("comments",)), links(50, "c")),
        taken=("herald-example",),
    ) == ["herald-example-2", "blog", "research", "sitemap.xml"]


def test_without_a_feed_the_best_other_way_is_proposed() -> None:
    assert proposal(
        probe(candidate("feed"), links(20), timedelta(days=900)),
        Probe(candidate("press", "listing", "section"), links(10)),
    ) == ["herald-example", "press"]


def test_nothing_alive_is_not_proposed() -> None:
    assert (
        proposal(Probe(candidate("feed"), failure="HTTP 404"), probe(candidate("x", doubts=("other-site",)), links(9)))
        is None
    )
    assert proposal() is None
