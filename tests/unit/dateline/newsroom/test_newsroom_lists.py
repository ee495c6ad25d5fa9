"""The sites without feeds: what their lists show at what time."""

from __future__ import annotations

import json

import pytest

from archive.model.source import Channel, Next
from archive.model.walk import WalkPage
from crawler.discover.answer import Answer as Read
from crawler.discover.answer import read_answer
from dateline.newsroom.answer import answer
from dateline.newsroom.content import list_sites, sites
from dateline.newsroom.model import AFTER_EDITS, START, Site
from dateline.newsroom.requests import Answer, Asked
from dateline.newsroom.truth import articles_at

PORT = 8780
SITES = {**sites(), **list_sites()}


def asked(site: Site, path: str, **form: str) -> Answer:
    return answer(SITES, Asked(site.host, path, {}, 1, form), AFTER_EDITS, PORT)


def read(site: Site, path: str, channel: Channel, **form: str) -> Read:
    reply = asked(site, path, **form)
    assert reply.status == 200
    url = site.url(path, PORT)
    kind = dict(reply.headers)["Content-Type"]
    return read_answer(reply.body, url, channel, WalkPage(url, url), content_type=kind, list_url=url)


def addresses(site: Site) -> list[str]:
    return [article.url for article in articles_at({site.id: site}, AFTER_EDITS, PORT)]


def test_there_is_a_site_for_each_kind_of_list_and_none_has_a_feed() -> None:
    kinds = [(entry.kind, entry.next) for site in list_sites().values() for entry in site.lists]
    assert sorted(kinds) == [
        *(("archive", ""), ("ids", ""), ("json", "cursor"), ("listing", "form"), ("listing", "query"), ("sitemap", ""))
    ]
    assert not any(site.feeds for site in list_sites().values())
    assert not set(list_sites()) & set(sites())


@pytest.mark.parametrize("site", list_sites().values(), ids=list(list_sites()))
def test_every_article_stands_at_its_address_once_it_is_published(site: Site) -> None:
    for article in site.articles:
        assert asked(site, article.path).status == 200
        early = answer(SITES, Asked(site.host, article.path, {}, 1), START, PORT).status
        assert early == (404 if article.published > START else 200)


def test_the_index_leads_to_maps_that_name_all_articles() -> None:
    site, channel = SITES["isthmus"], Channel("sitemap", "x")
    index = read(site, "/sitemap.xml", channel)
    maps = [child.url.partition(str(PORT))[2] for child in index.children]
    assert maps == ["/sitemap-2024-02.xml", "/sitemap-2024-03.xml", "/sitemap-news.xml"]
    shown = {link.url for path in maps for link in read(site, path, channel).links}
    assert shown == set(addresses(site))
    news = read(site, maps[-1], channel)
    assert 0 < len(news.links) < len(shown)
    assert all(link.hints.title and link.hints.published_at for link in news.links)
    assert asked(site, "/sitemap-2019-01.xml").status == 404


@pytest.mark.parametrize(
    ("name", "path", "following"),
    [("lakeland", "/world", Next(css="a.next")), ("uplands", "/press/list", Next(form=(("page", "{page}"),)))],
)
def test_listings_go_on_to_their_end(name: str, path: str, following: Next) -> None:
    site = SITES[name]
    channel = Channel("listing", site.url(path, PORT), links="h2 a", next=following)
    first = read(site, path, channel)
    assert len(first.links) == 3
    assert first.following is not None
    form = dict(first.following.form)
    second = read(site, first.following.url.partition(str(PORT))[2], channel, **form)
    assert {link.url for link in (*first.links, *second.links)} == set(addresses(site))


def test_a_day_with_articles_has_a_page() -> None:
    site = SITES["dailyrecord"]
    channel = Channel("archive", "x", links="h2 a")
    assert len(read(site, "/record/2024/02/20", channel).links) == 1
    assert asked(site, "/record/2024/02/21").status == 404


def test_the_cursor_ends() -> None:
    site = SITES["meridian"]
    first, second = (json.loads(asked(site, f"/api/publications?after={n}").body) for n in (0, 3))
    assert (first["next"], second["next"]) == (3, None)
    assert len(first["items"]) + len(second["items"]) == len(addresses(site))
