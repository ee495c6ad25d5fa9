"""Headlines: which of the names that a page gives for itself is the one that its readers see."""

from __future__ import annotations

import json

import pytest

from crawler.extract.markup.document import Document, parse, shown
from crawler.extract.title import heading, headline

URL = "https://news.example/world/river-treaty"


def document(html: str, url: str = URL) -> Document:
    parsed = parse(html, url)
    assert parsed is not None
    return parsed


def page(
    *headings: str, og: str | None = None, title: str | None = None, linked: dict[str, object] | None = None
) -> str:
    """A page with these headings and names."""
    head = [
        f"<title>{title}</title>" if title else "",
        f'<meta property="og:title" content="{og}"><meta name="twitter:title" content="{og}">' if og else "",
        "<meta property='og:site_name' content='Example News'>",
        f'<script type="application/ld+json">{json.dumps(linked)}</script>' if linked else "",
    ]
    return f"<html><head>{''.join(head)}</head><body>{''.join(headings)}<p>Text.</p></body></html>"


def news(headline: str, kind: str = "NewsArticle") -> dict[str, object]:
    return {"@type": kind, "headline": headline}


SEEN, SEARCHED = "Ministers sign a treaty on the river", "River treaty: what ministers signed today"


@pytest.mark.parametrize(
    ("html", "title"),
    [
        # A heading that one field repeats beats the text for search engines that fills all the others.
        (page(f"<h1>{SEEN}</h1>", og=SEARCHED, title=SEARCHED, linked=news(SEEN)), SEEN),
        (page(f"<h2>{SEEN}</h2>", og=SEARCHED, title=SEARCHED, linked=news(SEEN)), SEEN),
        # A heading in other words stands against metadata that is one text three times over …
        (page(f"<h1>{SEEN}</h1>", og=SEARCHED, title=SEARCHED), SEEN),
        (page(f"<h1>{SEEN}</h1>", og=SEARCHED, title=SEARCHED, linked=news(SEARCHED, "BlogPosting")), SEEN),
        # … but not against a news article's headline that another field repeats.
        (page(f"<h1>{SEEN}</h1>", og=SEARCHED, title=SEARCHED, linked=news(SEARCHED)), SEARCHED),
        # A heading that has little in common with the metadata is a section's, a series', a greeting.
        (page("<h1>World</h1>", og="World leaders meet"), "World leaders meet"),
        (page("<h1>Our daily briefing</h1>", og=SEARCHED), SEARCHED),
        (page(f"<h1>{'The ministers sign. ' * 15}</h1>", og="The ministers sign"), "The ministers sign"),
        # Logos are no headings, nor are empty ones and the site's name.
        (page("<h1><a href='/'>Ministers and treaty</a></h1>", f"<h1>{SEEN}</h1>", og=SEARCHED), SEEN),
        (page("<h1></h1>", "<h1>Example News</h1>", f"<h1>{SEEN}</h1>", og=SEARCHED), SEEN),
        # The line above the headline goes where the metadata does without it, and stays where it has it.
        (page(f"<h1><span class='kicker'>Rivers</span> {SEEN}</h1>", og=SEEN), SEEN),
        (page(f"<h1><span class='kicker'>Rivers:</span>{SEEN}</h1>", og=f"Rivers: {SEEN}"), f"Rivers: {SEEN}"),
        (page(f"<h1><span class='overline'>Rivers</span> - <b>{SEEN}</b></h1>", og=f"Water: {SEEN}"), SEEN),
        # Labels go where another candidate does without them.
        (page(f"<h1>BREAKING: {SEEN}</h1>", og=SEEN), SEEN),
        (page(f"<h1>{SEEN}</h1>", og=f"LIVE: {SEEN}"), SEEN),
        (page("<h1>[속보] 두 나라 장관, 강 조약에 서명</h1>", og="두 나라 장관, 강 조약에 서명"), "두 나라 장관, 강 조약에 서명"),
        (page(f"<h1>BREAKING: {SEEN}</h1>", og=f"BREAKING: {SEEN}"), f"BREAKING: {SEEN}"),
        # The site's name goes behind separators of other scripts as well.
        (page(og="両国、川の条約に署名：朝日の例", title="x").replace("Example News", "朝日の例"), "両国、川の条約に署名"),
        (page("<h1>两国签署河流条约</h1>", title="两国签署河流条约--国际--例子网"), "两国签署河流条约"),
        # A name that was cut gives way to the whole one.
        (page(og="Ministers sign a treaty on…", title=SEEN), SEEN),
        # Of two spellings, not the one that markup has glued together.
        (page(f"<h1><span>Rivers</span>{SEEN}</h1>", og=f"Rivers / {SEEN}"), f"Rivers / {SEEN}"),
    ],
)  # fmt: skip
def test_headline(html: str, title: str) -> None:
    assert headline(document(html))[0] == title


def test_the_heading_is_found_with_its_kicker() -> None:
    parsed = document(page("<h1>World news</h1>", f"<h2><i class=kicker>Rivers</i> {SEEN}</h2>", og=SEEN))
    found = heading(parsed, SEEN)
    assert found is not None
    assert shown(found) == f"Rivers {SEEN}"


def test_without_a_heading_there_is_none() -> None:
    assert heading(document(page(og=SEEN)), SEEN) is None


@pytest.mark.parametrize("separator", [" - ", " | ", " – ", "_", "｜"])
@pytest.mark.parametrize("tag", ["h2", "h3", "td", "p", "font", "strong"])
def test_the_headline_that_stands_whole_in_the_title_is_cut_off_the_site(tag: str, separator: str) -> None:
    title = "İki kıyı ülkesi feribot seferlerini başlatıyor"
    box = f"<table><tr><td>{title}</td></tr></table>" if tag == "td" else f"<div><{tag}>{title}</{tag}></div>"
    found = document(f"<title>{title}{separator}Kıyı Postası</title>{box}<p>Metin burada.</p>")
    assert headline(found)[0] == title
    head = heading(found, title)
    assert head is not None and shown(head) == title


def test_a_section_or_a_link_in_the_title_is_no_headline() -> None:
    title = "Two states agree to reopen the ferry"
    html = f"<title>{title} | World Politics Today</title><ul><li>{title}</li></ul><p><a href=/x>World Politics Today</a></p>"
    assert headline(document(html))[0] == f"{title} | World Politics Today"


def test_ruby_readings_are_no_part_of_words() -> None:
    found = document("<h1><ruby>外務省<rp>（</rp><rt>がいむしょう</rt><rp>）</rp></ruby>が発表</h1>")
    assert headline(found)[0] == "外務省が発表"
