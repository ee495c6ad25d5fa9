from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import UTC, datetime

import pytest

from dateline.newsroom.content import ContentError, paragraphs, parse_site, sites
from dateline.newsroom.model import AFTER_EDITS, AFTER_FLAP, AFTER_SECOND_EDITS, START, Article, Site

ARTICLES = [(site, article) for site in sites().values() for article in site.articles]
IDS = [f"{site.id}/{article.id}" for site, article in ARTICLES]

SITE = """
[site]
id = "a"
name = "A"
host = "a.example"
country = "FR"
language = "fr"
timezone = "Europe/Paris"
kind = "newspaper"
layout = "modern"
teasers = ["one"]

[labels]
menu = ["World"]
related = "r"
most_read = "m"
comments = "c"
views = "v"
share = "s"
advertisement = "a"
updated = "u"
photo = "p"
by = "By {}"
about = "x"
date_format = "%Y"

[[feed]]
path = "/feed"
format = "rss"

[[article]]
id = "one"
path = "/one"
section = "World"
published = 2024-02-29T10:00:00+01:00
title = "T"
body = '''
First.

Second.
'''
"""


def edit(text: str) -> str:
    return f"{SITE}\n[[article.edit]]\nat = 2024-03-01T10:00:00Z\n{text}\n"


def test_there_are_enough_sites_languages_and_articles() -> None:
    assert len(sites()) >= 9
    assert {site.language for site in sites().values()} >= {"en", "vi", "id", "ko", "ar", "ru", "zh", "fr"}
    at_start = [article for _, article in ARTICLES if article.published <= START]
    later = [article for _, article in ARTICLES if START < article.published <= AFTER_EDITS]
    assert 20 <= len(at_start) <= 26
    assert len(later) >= 6


def test_the_sites_play_every_kind_of_feed_and_charset() -> None:
    assert {feed.format for site in sites().values() for feed in site.feeds} == {"rss", "atom", "json", "rdf"}
    assert {site.charset for site in sites().values()} == {"utf-8", "windows-1251", "euc-kr", "gb18030"}
    assert any(site.header_charset not in (None, site.charset) for site in sites().values())
    assert {site.timezone for site in sites().values()} >= {
        "Asia/Seoul",
        "Asia/Ho_Chi_Minh",
        "Asia/Jakarta",
        "Europe/Moscow",
        "Asia/Shanghai",
        "Asia/Riyadh",
        "America/New_York",
    }


def test_addresses_are_unique_within_a_site() -> None:
    for site in sites().values():
        paths = [article.path for article in site.articles]
        paths += [departure.path for article in site.articles for departure in article.departures if departure.path]
        paths += [feed.path for feed in site.feeds] + [trap.path for trap in site.traps] + list(site.files)
        assert [path for path, count in Counter(paths).items() if count > 1] == []


@pytest.mark.parametrize(("site", "article"), ARTICLES, ids=IDS)
def test_an_article_is_long_enough_and_stands_in_nfc(site: Site, article: Article) -> None:
    for version in article.versions:
        assert 4 <= len(version.text.body) <= 9
        for text in (version.text.title, version.text.lead or "", *version.text.body):
            assert unicodedata.is_normalized("NFC", text)
            assert text == text.strip()


@pytest.mark.parametrize(("site", "article"), ARTICLES, ids=IDS)
def test_an_article_can_be_written_in_the_charset_of_its_site(site: Site, article: Article) -> None:
    for version in article.versions:
        text = version.text
        parts = (text.title, text.lead or "", *text.body, *text.authors, *(p.caption + p.credit for p in text.pictures))
        for part in parts:
            part.encode(site.charset)


@pytest.mark.parametrize(("site", "article"), ARTICLES, ids=IDS)
def test_what_a_page_prints_as_its_date_is_never_in_its_future(site: Site, article: Article) -> None:
    for version in article.versions:
        assert version.text.published <= version.since


def test_the_first_round_of_edits_has_every_kind() -> None:
    first = [v for _, a in ARTICLES for v in a.versions[1:] if START < v.since <= AFTER_EDITS]
    assert {kind for version in first for kind in version.changes} == {
        "headline",
        "lead",
        "body",
        "byline",
        "date",
        "caption",
    }
    for kind in ("headline", "lead", "byline", "date", "caption"):
        assert any(version.changes == (kind,) for version in first), f"no edit of the {kind} alone"
    endings = {d.ending for _, a in ARTICLES for d in a.departures if START < d.at <= AFTER_EDITS}
    assert endings == {"moved", "gone", "missing", "home"}


def test_later_rounds_flip_a_headline_back_and_forth() -> None:
    titles = [
        v.text.title for v in next(a for s, a in ARTICLES if (s.id, a.id) == ("harbour-times", "breakfast")).versions
    ]
    assert titles == [titles[0], titles[1], titles[0], titles[1]]
    assert any(AFTER_EDITS < v.since <= AFTER_SECOND_EDITS for _, a in ARTICLES for v in a.versions[1:])
    assert all(v.since <= AFTER_FLAP for _, a in ARTICLES for v in a.versions)


def test_the_aggregators_page_has_the_marks_of_its_kind() -> None:
    article = next(a for s, a in ARTICLES if (s.id, a.id) == ("mekonghub", "breakfast"))
    first, second = (version.text for version in article.versions)
    assert len(first.body) == 9
    assert article.original == "thoidai/breakfast"
    assert first.lead is not None
    assert "29 Februari" in first.body[0]
    assert "Tn. Whitcombe menjabat" in first.body[5]
    assert "Tn. Whitcombe pernah menjabat" in second.body[5]
    assert first.body[:5] + first.body[6:] == second.body[:5] + second.body[6:]
    assert first.pictures[0].credit == "Hanbit"


def test_paragraphs_are_parted_by_empty_lines() -> None:
    assert paragraphs("\none\n\ntwo\n\n\nthree\n") == ("one", "two", "three")


def test_a_site_is_read_with_its_articles() -> None:
    site = parse_site(SITE, "a.toml")
    assert site.articles[0].versions[0].text.body == ("First.", "Second.")
    assert site.articles[0].published == datetime(2024, 2, 29, 9, tzinfo=UTC)
    assert site.url("/a b/é?x=1", 80) == "http://a.example:80/a%20b/%C3%A9?x=1"
    assert site.url("//b.example/c", 80) == "http://b.example:80/c"


def test_an_edit_makes_a_version_that_names_what_changed() -> None:
    site = parse_site(edit('title = "U"\nreplace = [["Second", "Third"]]\nstamp = true'), "a.toml")
    version = site.articles[0].versions[1]
    assert version.changes == ("headline", "body")
    assert version.text.body == ("First.", "Third.")
    assert version.text.modified == version.since


def test_a_paragraph_is_inserted_at_its_place() -> None:
    site = parse_site(edit('insert = [1, "Between."]'), "a.toml")
    assert site.articles[0].versions[1].text.body == ("First.", "Between.", "Second.")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (SITE.replace('layout = "modern"', 'layuot = "modern"'), "unknown layuot"),
        (SITE.replace('name = "A"\n', ""), "name"),
        (SITE.replace('title = "T"\n', ""), "title is missing"),
        (SITE + "[oops", "a.toml"),
        (edit('replace = [["nowhere", "x"]]'), "not in the body"),
        (edit('title = "T"'), "changes nothing"),
        (edit('title = "U"').replace("2024-03-01T10", "2024-02-01T10"), "is not after"),
        (edit('headline = "U"'), "unknown headline"),
    ],
)
def test_a_slip_in_a_file_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ContentError, match=complaint):
        parse_site(text, "a.toml")
