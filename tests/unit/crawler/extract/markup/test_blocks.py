"""Running text found by where the sentences are."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract.markup.blocks import prose, running_text
from crawler.extract.markup.document import Document, parse

URL = "https://news.example/world/river-treaty"
SENTENCES = [
    "The two ministers signed the treaty on the river after a night of talks in the capital.",
    "Both sides will share the data of their gauging stations from the first of March.",
    "“We have waited eleven years for this day,” the older of the two said at the ceremony.",
    "The commission meets twice a year, once in each country, and publishes what it decides.",
    "Farmers on the lower reaches had asked for a minimum flow in the months of summer.",
    "A tribunal of three judges settles what the commission cannot settle within ninety days.",
    "The parliaments of both countries have to agree before the treaty enters into force.",
    "Observers from four other states of the basin were present and took the floor briefly.",
]
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)


def document(html: str) -> Document:
    parsed = parse(html, URL)
    assert parsed is not None
    return parsed


def lines(html: str) -> list[str] | None:
    parsed = document(html)
    found = running_text(parsed, parsed.tree.find(".//h1"))
    return None if found is None else found.lines


def page(inner: str, around: str = "") -> str:
    return f"<body>{around}<div class=page><h1>River treaty signed</h1><div class=text>{inner}</div></div></body>"


@pytest.mark.parametrize(
    "beside",
    [
        "<div class=related><p>Another minister travelled to another river last week, the ministry said.</p></div>",
        "<div class='shareBar'><span>Share this with your friends and your colleagues today.</span></div>",
        "<p><a href=/other>Read also: what the treaty of the mountains says about the river</a></p>",
        "<a href=/other><p>What the treaty of the mountains says about the lower river.</p></a>",
        "<div class='newsletter-signup'><p>Get the news of the river in your inbox every morning.</p></div>",
        "<div class='story__pullquote'>“We have waited eleven years.”</div>",
        "<section class=comments-area><p>I do not believe that this treaty will hold for long.</p></section>",
        "<script>var text = 'The minister said nothing.';</script>",
        "<div hidden><p>The minister said nothing at all about the treaty yesterday.</p></div>",
    ],
)
def test_what_stands_beside_the_text_is_left_out(beside: str) -> None:
    middle = PARAGRAPHS.replace("<p>The commission", beside + "<p>The commission")
    assert lines(page(middle)) == SENTENCES


@pytest.mark.parametrize(
    ("inner", "wanted"),
    [
        ("<h2>What it says</h2>", "What it says"),
        ("<ul><li>Two meetings a year</li><li>Three judges</li></ul>", "Three judges"),
        ("<table><tr><th>Country<th>Share<tr><td>Upper<td>40 %</table>", "Upper\t40 %"),
        ("<blockquote><p>“It is late,” the guest said to the host.</p></blockquote>", "“It is late,” the guest said to the host."),
        ("<p>Q: Will it hold?</p>", "Q: Will it hold?"),
        ("<p>See the <a href=/text>text of the treaty</a> itself.</p>", "See the text of the treaty itself."),
        ("<p id=social-benefits>Fewer floods, more harvests.</p>", "Fewer floods, more harvests."),
        ("Bare text between the paragraphs of a page.<br>", "Bare text between the paragraphs of a page."),
    ],
)  # fmt: skip
def test_what_belongs_to_the_text_stays(inner: str, wanted: str) -> None:
    found = lines(page(PARAGRAPHS.replace("<p>The commission", inner + "<p>The commission")))
    assert found is not None
    assert wanted in found
    assert [line for line in found if line in SENTENCES] == SENTENCES


def test_names_of_wrappers_do_not_hide_the_text() -> None:
    html = f"<body class='has-sidebar ads-enabled'><div class='page-with-comments related'><h1>Treaty</h1>{PARAGRAPHS}</div>"
    assert lines(html) == SENTENCES


def test_a_text_cut_into_containers_is_put_together() -> None:
    halves = PARAGRAPHS.replace("<p>Farmers", "</div><div class=ad-slot>x</div><div class='body part'><p>Farmers")
    assert lines(f"<body><article><h1>Treaty</h1><div class='body part'>{halves}</div></article></body>") == SENTENCES


def test_the_next_article_is_not_read() -> None:
    following = f"<article><h1>Another headline</h1>{PARAGRAPHS.replace('treaty', 'bridge')}</article>"
    assert lines(f"<body><article><h1>Treaty</h1>{PARAGRAPHS}</article>{following}</body>") == SENTENCES


def test_related_articles_end_the_text() -> None:
    teasers = "<h3>Related articles</h3><div class=card><p>The mountain treaty was signed in the year before.</p></div>"
    assert lines(page(PARAGRAPHS + teasers)) == SENTENCES


def test_a_copy_of_the_text_for_machines_is_not_read() -> None:
    copy = f"<div itemprop=description2>{' '.join(SENTENCES)}</div>"
    assert lines(f"<body><h1>Treaty</h1><div>{PARAGRAPHS}</div>{copy}</body>") == SENTENCES


def test_a_text_that_is_there_for_each_width_of_screen_is_read_once() -> None:
    assert lines(page(f"<div class=wide>{PARAGRAPHS}</div><div class=narrow>{PARAGRAPHS}</div>")) == SENTENCES


def test_chinese_text_has_sentences_without_blanks() -> None:
    text = "两国部长周一在首都签署了关于河流的条约，双方将共享水文数据。委员会每年举行两次会议，并公布其决定。"
    assert lines(page(f"<p>{text}</p>" * 3 + f"<p>{text}而且三名法官将裁决争端。</p>" * 8)) is not None


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<p>Short.</p>",
        "<h1>World</h1>" + "".join(f"<div><h2><a href=/{n}>Story {n}</a></h2><p>Teaser of {n}.</p></div>" for n in range(30)),
        f"<h1>Treaty</h1><div><div>{PARAGRAPHS}</div></div><section><div>{PARAGRAPHS.replace('treaty', 'bridge')}</div></section>",
    ],
)  # fmt: skip
def test_pages_without_one_place_are_left_to_others(html: str) -> None:
    assert lines(f"<body>{html}</body>") is None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["<div>", "</div>", "<p>", "</p>", "<a href=/x>", "</a>", "<br>", "<table>", "<td>", "<h1>T</h1>", "<ul><li>", SENTENCES[0], SENTENCES[3], "x", "<span class=ads>", "</span>"]),
        max_size=60,
    )
)  # fmt: skip
def test_any_markup_is_read(parts: list[str]) -> None:
    parsed = parse(f"<body>{''.join(parts)}", URL)
    assert parsed is not None
    found = running_text(parsed, parsed.tree.find(".//h1"))
    assert found is None or all(line == line.strip() and line for line in found.lines)


@pytest.mark.parametrize(
    "html",
    ["<p>x</p>" * 100_000, "<div>" * 1_500 + PARAGRAPHS * 500, "<div>" + "<span>a</span>" * 100_000, "<a href=/x>b</a><br>" * 50_000],
)  # fmt: skip
def test_large_and_deep_pages_take_seconds_at_most(html: str) -> None:
    parsed = document(f"<body>{html}</body>")
    begun = time.process_time()
    running_text(parsed)
    prose(parsed)
    assert time.process_time() - begun < 60


LINKED = (
    "The ministry has put the whole text of the treaty with its three annexes on its pages. The maps follow in May."
)


@pytest.mark.parametrize(
    ("inner", "kept"),
    [
        (f'<p><a href="https://ministry.example/t.pdf">{LINKED}</a></p>', [LINKED]),
        ('<p><a href="/other">Minister says river is hers</a></p>', []),
        ('<p><a href="/other">Why has the minister signed the treaty on the river at night?</a></p>', []),
        (
            "<p>The commission has named three judges of the tribunal:</p><ul><li><a href=/a>Ana Lima</a></li><li><a href=/b>Bo Sun</a></li></ul>",
            ["The commission has named three judges of the tribunal:", "Ana Lima", "Bo Sun"],
        ),
        ("<p>Related:</p><ul><li><a href=/a>Ana Lima speaks</a></li><li><a href=/b>Bo Sun is silent</a></li></ul>", []),
        (
            "<table><tr><td>Station</td><td>Level</td></tr><tr><td><a href=/s>Ford</a></td><td><a href=/s1>High</a></td></tr></table>",
            ["Station\tLevel", "Ford\tHigh"],
        ),
        (
            "<table><tr><td>More</td></tr><tr><td><a href=/s>Ford is open again after the flood</a></td></tr></table>",
            ["More"],
        ),
        ('<p><a href="#" onclick="more()">Weiterlesen und alles erfahren</a></p>', []),
        ('<p><a href="javascript:word()">Treaty</a> is a word that <a href="javascript:word()">dictionaries</a> explain.</p>', ["Treaty is a word that dictionaries explain."]),
    ],
)  # fmt: skip
def test_linked_lines_stay_where_they_are_the_text(inner: str, kept: list[str]) -> None:
    body = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    first, rest = body[: body.index("</p>") + 4], body[body.index("</p>") + 4 :]
    assert lines(page(first + inner + rest)) == [SENTENCES[0], *kept, *SENTENCES[1:]]


@pytest.mark.parametrize("box", ["section", "article", "div"])
def test_the_first_heading_of_a_text_in_chapters_stays(box: str) -> None:
    chapters = "".join(
        f"<{box}><h2>Article {n}</h2><p>{SENTENCES[2 * n]}</p><p>{SENTENCES[2 * n + 1]}</p></{box}>" for n in range(4)
    )
    found = lines(page(chapters))
    assert found is not None
    assert [line for line in found if line.startswith("Article ")] == [f"Article {n}" for n in range(4)]


def test_a_heading_over_a_text_without_others_is_none_of_it() -> None:
    found = lines(page(f"<section><h3>World news today</h3><div>{PARAGRAPHS}</div></section>"))
    assert found == SENTENCES


def test_the_part_that_a_link_opens_belongs_to_the_text() -> None:
    opened = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES[3:])
    shown = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES[:3])
    inner = f'<section>{shown}<p><a href="#">Lire la suite de ce texte</a></p></section><section style="display:none">{opened}</section>'
    assert lines(page(inner)) == SENTENCES


@pytest.mark.parametrize("word", ["Disclaimer", "Haftungsausschluss", "免责声明", "Отказ от ответственности"])
def test_a_legal_notice_in_a_box_of_its_own_is_no_text(word: str) -> None:
    notice = f"{word}: what stands above was written by a user of this platform, which only stores it and does not share the view."
    short = f"<h1>River treaty signed</h1><div><p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p></div>"
    assert lines(f"<body><div>{short}<div><p>{notice}</p><p>{SENTENCES[5]}</p></div></div></body>") == SENTENCES[:2]
