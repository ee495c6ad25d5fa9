"""List pages: links, what stands beside them, the next page."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from archive.model.source import Channel, Next
from crawler.discover.lists import items
from crawler.discover.lists.html_list import Listing, NextPage, parse_listing

URL = "https://www.mofa.example/news/list.html"
TEN = datetime(2026, 10, 1, 10, 0, tzinfo=UTC)

MINISTRY = """<!DOCTYPE html><html><head><title>News</title></head><body>
<header><nav><a href="/">Home</a><a href="/about-the-ministry-and-its-history">About the ministry and its history</a></nav></header>
<main><ul class="list">
<li class="item post-1"><span class="date">01.10.2026</span><h3><a href="minister-visits-hanoi-for-talks-1201.html">Minister visits Hanoi for talks</a></h3><p>Short. <a href="minister-visits-hanoi-for-talks-1201.html">More</a></p></li>
<li class="item post-2"><span class="date">30.09.2026</span><h3><a href="joint-statement-on-the-border-1200.html">Joint statement on the border</a></h3></li>
<li class="item post-3"><time datetime="2026-09-29T10:00:00+00:00">Tuesday</time><a href="briefing-of-the-spokesperson-1199.html"><img src="x.jpg" alt="Briefing of the spokesperson"></a></li>
</ul><div class="pages"><a class="now">1</a><a class="next" href="list.html?page=2">2</a></div></main>
<footer><a href="/privacy">Privacy</a><a href="https://twitter.com/share?url=some-long-article-like-link-1234">Share this on some other site</a></footer></body></html>"""


def listing(body: str | bytes, number: int = 1, languages: tuple[str, ...] = (), **options: object) -> Listing:
    channel = Channel("listing", URL, **options)  # type: ignore[arg-type]
    data = body.encode() if isinstance(body, str) else body
    return parse_listing(data, URL, channel, number=number, languages=languages)


def paths(found: Listing) -> list[str]:
    return [link.url.removeprefix("https://www.mofa.example") for link in found.links]


# --- links and what stands beside them


def test_links_by_css_with_headline_and_date() -> None:
    found = listing(MINISTRY, links="li.item a")
    assert paths(found) == [
        "/news/minister-visits-hanoi-for-talks-1201.html",
        "/news/joint-statement-on-the-border-1200.html",
        "/news/briefing-of-the-spokesperson-1199.html",
    ]
    hints = [link.hints for link in found.links]
    assert [hint.title for hint in hints] == [
        "Minister visits Hanoi for talks",
        "Joint statement on the border",
        "Briefing of the spokesperson",
    ]
    assert [hint.published for hint in hints] == ["01.10.2026", "30.09.2026", "2026-09-29T10:00:00+00:00"]
    assert [hint.published_at for hint in hints] == [None, None, datetime(2026, 9, 29, 10, tzinfo=UTC)]
    assert (found.problem, found.skipped) == (None, 0)


def test_the_repeated_block_is_found_without_css() -> None:
    assert paths(listing(MINISTRY)) == paths(listing(MINISTRY, links="li.item a"))


def test_a_page_without_a_block_of_articles_gives_none() -> None:
    body = "<body><a href='/a'>One</a><a href='/about'>About us and our long history</a><a href='/tag/x-1234'>Tag of many things</a></body>"
    found = listing(body)
    assert (found.links, found.problem) == ((), None)


def test_the_guess_keeps_to_the_own_site_and_out_of_the_frame() -> None:
    entries = "".join(
        f"<li><a href='https://other.example/some-long-story-title-{n}000'>A long headline number {n}</a></li>"
        for n in range(9)
    )
    body = f"<body><ul>{entries}</ul>{MINISTRY}</body>"
    assert all(link.url.startswith("https://www.mofa.example/") for link in listing(body).links)


def test_items_title_and_date_by_css() -> None:
    body = """<table><tr><th>No</th></tr>
    <tr><td>2</td><td class=s><a href="#" onclick="fn_view('20261001-7'); return false;">외교부 장관, 하노이 방문</a></td><td class=d>2026-10-01</td></tr>
    <tr><td>1</td><td class=s><a href="javascript:fn_view('20260930-1')">한-베트남 회담</a></td><td class=d>2026-09-30</td></tr>
    <tr><td>0</td><td class=s><a href="#" onclick="fn_view()">no id</a></td><td class=d>2026-09-30</td></tr></table>"""
    found = listing(
        body,
        items="tr",
        links="td.s a",
        title="td.s",
        date="td.d",
        pattern=r"fn_view\('([\d-]+)'",
        view="/view.do?seq={id}",
    )
    assert paths(found) == ["/view.do?seq=20261001-7", "/view.do?seq=20260930-1"]
    assert [link.hints.title for link in found.links] == ["외교부 장관, 하노이 방문", "한-베트남 회담"]
    assert [link.hints.published for link in found.links] == ["2026-10-01", "2026-09-30"]
    assert found.skipped == 1


def test_onclick_ids_without_items() -> None:
    body = "<ul><li><a href='#' onclick='go(1)'>One</a> 2026-10-01</li><li><a href='#' onclick='go(2)'>Two</a> 2026-10-02</li></ul>"
    found = listing(body, links="li a", pattern=r"go\((\d+)\)", view="/v/{id}")
    assert [(link.url[-4:], link.hints.title, link.hints.published) for link in found.links] == [
        ("/v/1", "One", "2026-10-01"),
        ("/v/2", "Two", "2026-10-02"),
    ]


def test_an_id_cannot_leave_its_place_in_the_address() -> None:
    body = "<a href='#' onclick=\"go('1?x=2&amp;y=../../z#f')\">One</a>"
    (link,) = listing(body, links="a", pattern=r"go\('([^']+)'\)", view="/v?id={id}").links
    assert link.url == "https://www.mofa.example/v?id=1%3Fx%3D2%26y%3D../../z%23f"


def test_a_date_in_the_headline_is_the_last_resort() -> None:
    body = (
        "<ul><li><a href='/no-187'>No: 187, 1 October 2026, Regarding the Elections in X</a></li>"
        "<li><a href='/no-186'>No: 186, 30 Eylül 2026, Hk.</a></li><li><a href='/no-2'>Press Release No 2</a></li></ul>"
    )
    found = listing(body, links="li a", languages=("tr", "en"))
    assert [link.hints.published for link in found.links] == ["1 October 2026", "30 Eylül 2026", None]


def test_a_heading_may_date_a_group() -> None:
    body = (
        "<h1>Statements</h1><h3>Friday, 1 March 2024</h3><ul><li><a href='/a'>One</a></li><li><a href='/b'>Two</a></li></ul>"
        "<h3>29 February 2024</h3><ul><li><a href='/c'>Three</a></li></ul><h3>Older</h3><ul><li><a href='/d'>Four</a></li></ul>"
    )
    dates = [link.hints.published for link in listing(body, links="li a", languages=("en",)).links]
    assert dates == ["Friday, 1 March 2024", "Friday, 1 March 2024", "29 February 2024", None]


def test_a_date_of_the_whole_page_belongs_to_no_item() -> None:
    body = "<p>Today is 2026-10-05</p><div><a href='/a-1'>One</a></div><div><a href='/a-2'>Two</a></div>"
    assert [link.hints.published for link in listing(body, links="div a").links] == [None, None]


def test_css_may_name_what_is_around_or_inside_a_link() -> None:
    body = "<a href='/a'><h2>One</h2></a><h2><a href='/b'>Two</a></h2><h2>No link</h2>"
    found = listing(body, links="h2")
    assert paths(found) == ["/a", "/b"]
    assert [link.hints.title for link in found.links] == ["One", "Two"]


@pytest.mark.parametrize(
    "href", ["javascript:void(0)", "mailto:a@x.example", "#top", "", "tel:1", "file:///etc/passwd"]
)
def test_what_leads_nowhere_is_counted(href: str) -> None:
    found = listing(f"<p><a href='{href}'>x</a><a href='/ok'>ok</a></p>", links="p a")
    assert (paths(found), found.skipped) == (["/ok"], 1)


def test_base_and_charset() -> None:
    body = '<meta charset="windows-1251"><base href="/ru/"><h2><a href="a-1">Министр прибыл в Минск с визитом</a></h2>'
    (link,) = listing(body.encode("windows-1251"), links="h2 a").links
    assert (link.url, link.hints.title) == ("https://www.mofa.example/ru/a-1", "Министр прибыл в Минск с визитом")


def test_a_large_page_of_links_is_read_in_bounded_time() -> None:
    body = "<div>" * 150 + "".join(
        f"<p><a href='/some-long-story-{n}'>Headline {n} of the day</a></p>" for n in range(20_000)
    )
    assert len(listing(body, links="p a").links) == 5_000
    assert len(listing(body).links) <= 5_000


def test_a_page_full_of_dates_is_read_in_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(items, "read_time", lambda text, languages: read.append(text))
    entries = "".join(
        f"<li><a href='/{n}'>x</a>" + "".join(f"<i>{n} {k} in 2024</i>" for k in range(70)) for n in range(100)
    )
    assert len(listing(entries, links="li a").links) == 100
    assert len(read) == items.DATE_LIMIT


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not-a-list: empty"),
        (b" \n", "not-a-list: empty"),
        (b"%PDF-1.7 ...", "not-a-list: no web page"),
        (b"<!-- nothing -->", "not-a-list: no web page"),
        (b"{broken", "not-json: "),
        (b"[" * 100_000, "not-json: "),
    ],
)
def test_something_else(body: bytes, problem: str) -> None:
    found = listing(body)
    assert found.links == ()
    assert found.problem is not None
    assert found.problem.startswith(problem)


def test_an_entity_bomb_does_nothing() -> None:
    body = '<!DOCTYPE html [<!ENTITY f SYSTEM "file:///etc/passwd">]><p><a href="/a-1">x &f; y</a></p>'
    (link,) = listing(body, links="p a").links
    assert link.hints.title is not None
    assert "root" not in link.hints.title


# --- the next page


def test_next_by_css() -> None:
    found = listing(MINISTRY, links="li a", next=Next(css="a.next"))
    assert found.next == NextPage("https://www.mofa.example/news/list.html?page=2")
    assert listing(MINISTRY, links="li a", next=Next(css="a.none")).next is None


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("<a class=n href='#' data-url='/more?p=2'>more</a>", "https://www.mofa.example/more?p=2"),
        ("<button class=n onclick=\"location.href='/more?p=2'\">more</button>", "https://www.mofa.example/more?p=2"),
        ("<li class=n><a href='?p=2'>2</a></li>", URL + "?p=2"),
        ("<a class=n href='#'>2</a>", None),
        (f"<a class=n href='{URL}#x'>2</a>", None),
    ],
)
def test_where_a_next_element_leads(element: str, expected: str | None) -> None:
    found = listing(element, next=Next(css=".n")).next
    assert found == (NextPage(expected) if expected else None)


def test_next_by_number() -> None:
    query = Next(url="?page={page}")
    assert listing(MINISTRY, next=query).next == NextPage(URL + "?page=2")
    assert listing(MINISTRY, number=7, next=query).next == NextPage(URL + "?page=8")
    offset = Next(url="/list/{page:04d}", first=20, step=20)
    assert listing(MINISTRY, number=3, next=offset).next == NextPage("https://www.mofa.example/list/0060")


def test_templates_count_from_the_list_and_not_from_the_page_at_hand() -> None:
    channel = Channel("listing", URL, next=Next(url="page/{page}"))
    found = parse_listing(b"<p>x</p>", "https://www.mofa.example/news/page/2", channel, number=2, list_url=URL)
    assert found.next == NextPage("https://www.mofa.example/news/page/3")


def test_next_by_onclick() -> None:
    following = Next(css="a.next", pattern=r"goPage\((\d+)\)", url="?p={page}")
    assert listing("<a class=next onclick='goPage(12)'>", next=following).next == NextPage(URL + "?p=12")
    assert listing("<a class=next onclick='goNowhere()'>", next=following).next is None


def test_next_by_post_form_with_the_pages_hidden_fields() -> None:
    body = """<form id=f><input type=hidden name=__VIEWSTATE value="abc="><input type=hidden name=__EVENTTARGET value=old>
    <input type=text name=q value=no><input type=hidden value=nameless></form>"""
    following = Next(form=(("__EVENTTARGET", "ctl00$News"), ("__EVENTARGUMENT", "Page${page}")), carry="#f")
    assert listing(body, next=following).next == NextPage(
        URL, "POST", (("__VIEWSTATE", "abc="), ("__EVENTTARGET", "ctl00$News"), ("__EVENTARGUMENT", "Page$2"))
    )
    assert listing("<p>no form</p>", next=following).next is not None


def test_next_pages_with_other_forms_differ() -> None:
    assert NextPage(URL, "POST", (("p", "1"),)).key != NextPage(URL, "POST", (("p", "2"),)).key
    assert NextPage(URL + "?a=1&b=2").key == NextPage(URL + "?b=2&a=1").key


def test_without_instructions_the_page_may_say_it_itself() -> None:
    assert listing("<head><link rel='next' href='?p=2'></head><p>x").next == NextPage(URL + "?p=2")
    assert listing("<p><a rel='nofollow next' href='?p=2'>x</a>").next == NextPage(URL + "?p=2")
    assert listing("<p><a href='?p=2'>next</a>").next is None


def test_load_more_answers_json_with_html_inside() -> None:
    body = json.dumps(
        {
            "data": {"html": "<li><a href='/a-1'>One of the two headlines</a> 2026-10-01</li>"},
            "next": 'x&y="1"',
            "ok": True,
        }
    )
    following = Next(cursor="next", url="/more?after={cursor}")
    found = listing(body, links="li a", next=following)
    assert paths(found) == ["/a-1"]
    assert found.links[0].hints.published == "2026-10-01"
    assert found.next == NextPage("https://www.mofa.example/more?after=x%26y%3D%221%22")


@pytest.mark.parametrize("value", [None, "", False, {}, [], "a" * 5000])
def test_a_cursor_that_is_empty_is_the_end(value: object) -> None:
    assert listing(json.dumps({"next": value}), next=Next(cursor="next", url="?c={cursor}")).next is None


def test_a_path_that_does_not_fit_is_named() -> None:
    found = listing('{"next": 3}', next=Next(cursor="join(',', next)"))
    assert found.problem is not None
    assert found.problem.startswith("no-path: ")
