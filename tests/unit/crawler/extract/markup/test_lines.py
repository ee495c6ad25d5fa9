"""The lines of a page: where they begin and end, what they stand in, and which of them are prose."""

from __future__ import annotations

from crawler.extract.markup.document import parse
from crawler.extract.markup.lines import Line, box_name, boxes_of, page_lines, without_noise

URL = "https://news.example/world/river-treaty"
SENTENCE = "The two ministers signed the treaty on the river after a night of talks."


def lines(inner: str) -> list[Line]:
    document = parse(f"<body>{inner}</body>", URL)
    assert document is not None
    return list(page_lines(document.tree.find("body")))


def texts(inner: str) -> list[str]:
    return [line.text for line in lines(inner)]


def test_blocks_and_line_breaks_end_a_line_and_inline_elements_do_not() -> None:
    assert texts("one <b>and</b> a half<p>two<br>three</p>four") == ["one and a half", "two", "three", "four"]


def test_an_inline_element_that_holds_a_block_is_read_as_a_block() -> None:
    assert texts("<span>before<div>inside</div>behind</span> it") == ["before", "inside", "behind", "it"]


def test_what_is_skipped_ends_a_line_only_where_it_is_a_block() -> None:
    assert texts("<p>one<button>Share</button> line</p>") == ["one line"]
    assert texts("<div>one<form>Search</form>two</div>") == ["one", "two"]


def test_cells_of_a_row_are_separated_by_tabs() -> None:
    assert texts("<table><tr><th>River</th><td>1,200 km</td></tr></table>") == ["River\t1,200 km"]


def test_a_line_is_prose_if_it_is_long_ends_a_sentence_and_is_mostly_not_linked() -> None:
    linked = f'<p><a href="/other">{SENTENCE}</a></p>'
    found = lines(f"<p>{SENTENCE}</p><p>Too short.</p><p>{SENTENCE[:-1]} and so on</p>{linked}")
    assert [line.prose for line in found] == [True, False, False, False]
    assert [line.letters for line in found] == [len(SENTENCE), 0, 0, 0]


def test_links_count_within_a_line_and_around_it_but_not_those_within_the_page() -> None:
    assert [line.linked for line in lines('<p>See <a href="/a">this</a> and <a href="#b">that</a></p>')] == [4]
    assert [line.linked for line in lines('<a href="/a"><p>A whole line</p></a><p>Another</p>')] == [12, 0]


def test_the_names_of_boxes_beside_the_text_come_with_their_lines() -> None:
    found = lines('<div class="related"><div class="newsletter"><p>one</p></div><p hidden>two</p></div><p>three</p>')
    assert [line.marks for line in found] == [("related", "newsletter"), ("related", "(hidden)"), ()]


def test_a_line_that_comes_again_is_in_the_box_of_the_first() -> None:
    document = parse('<body><p class="a1">Same</p><div class="b"><p>Same</p><p>Other</p></div></body>', URL)
    assert document is not None
    assert {text: box_name(box) for text, box in boxes_of(document).items()} == {"Same": "p.a", "Other": "p < div.b"}


def test_lines_in_boxes_that_hold_no_text_are_left_out() -> None:
    found = lines('<div class="text"><p>kept</p></div><div class="teaser-7"><p>left out</p></div>')
    assert [line.text for line in without_noise(iter(found), {"p < div.teaser-"})] == ["kept"]
