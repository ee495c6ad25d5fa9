from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.markup.document import Element, parse
from crawler.learn.selector import find, is_bare, rank, selectors_for

PAGE = """<body><div class="menu"><h1>Gazette</h1></div><main id="main"><div class="story lead-story col-12" itemprop="mainEntity">
<h1 class="headline">A pact</h1><div><p>One.</p></div></div><div class="story"><h1 class="headline">Another</h1></div></main></body>"""


def tree(html: str = PAGE) -> Element:
    document = parse(html, "https://a.example/")
    assert document is not None
    return document.tree


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        ("h1", "Gazette"),
        ("h1.headline", "A pact"),
        ("div.story > h1", "A pact"),
        ("div.story.lead-story > div > p", "One."),
        ('div[itemprop="mainEntity"] > h1.headline', "A pact"),
        ("main#main > div.story > h1", "A pact"),
    ],
)
def test_the_first_that_fits_is_found(selector: str, text: str) -> None:
    found = find(tree(), selector)
    assert found is not None
    assert found.text_content() == text


@pytest.mark.parametrize("selector", ["h2", "h1.head", "div.menu > p", "main > h1", "p#x"])
def test_what_is_not_there_is_not_found(selector: str) -> None:
    assert find(tree(), selector) is None


@pytest.mark.parametrize("selector", ["", "div p", "a:hover", "*", "div.1", "DIV"])
def test_other_css_is_no_selector_of_the_learnt_kind(selector: str) -> None:
    with pytest.raises(ValueError, match="no selector of the learnt kind"):
        find(tree(), selector)


def test_an_element_is_named_by_what_finds_it_first() -> None:
    page = tree()
    heading = page.findall(".//h1")[1]
    assert set(selectors_for(heading, page)) == {
        "h1.headline", 'div[itemprop="mainEntity"] > h1.headline', "div.story > h1.headline",
    }  # fmt: skip
    second = page.findall(".//h1")[2]
    assert list(selectors_for(second, page, bare=True)) == []  # all that names it finds the first one


def test_names_with_numbers_are_of_one_article_only() -> None:
    page = tree('<body><article id="post-1234" class="post-1234 hentry col12"><p>One.</p></article></body>')
    assert list(selectors_for(page.find(".//article"), page)) == ["article.hentry"]


def test_names_that_say_what_stands_there_come_first() -> None:
    names = ["div.mt-auto", "div.article-body", "main > div.article-body", "div", 'div[itemprop="articleBody"]']
    assert sorted(names, key=rank) == [
        'div[itemprop="articleBody"]', "div.article-body", "div.mt-auto", "main > div.article-body", "div",
    ]  # fmt: skip
    assert [name for name in names if is_bare(name)] == ["div"]


@given(
    st.lists(
        st.sampled_from(["<div class='a b'>", "<div id=x>", "</div>", "<p>t</p>", "<x-y class=c>", "</x-y>", "<span itemprop=n>", "</span>", "<h1>T</h1>", "<div class='md:w-1/2 é'>"]),
        max_size=40,
    )
)  # fmt: skip
def test_every_selector_finds_what_it_was_made_for(parts: list[str]) -> None:
    page = tree(f"<body><p>x</p>{''.join(parts)}")
    for element in page.find("body").iterdescendants():
        for selector in selectors_for(element, page, bare=True):
            assert find(page, selector) is element
