"""What several pages teach together, read off real pages of the sample site."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.gazette import NEWSLETTER, Piece

from archive.model.site_memory import CONTRADICTION, Evidence, Learnt, Memory
from crawler.learn.lines import line_key
from crawler.learn.template import distinct, learn, noisy_boxes, recurring
from crawler.reading.page import Page, Reading
from crawler.reading.read import read

COLLECT = Memory(collecting=True)


def reading(piece: Piece, memory: Memory | None = None, *, new: bool = False, url: str = "") -> Reading:
    url = url or f"https://gazette.example{piece.path}"
    return read(Page((piece.new_page if new else piece.old_page)(url).encode(), url, memory=memory))


def evidence(piece: Piece, *, new: bool = False, url: str = "") -> Evidence:
    found = reading(piece, COLLECT, new=new, url=url).evidence
    assert found is not None
    return found


@pytest.fixture(scope="module")
def pages() -> list[Evidence]:
    return [evidence(Piece(number)) for number in range(8)]


@pytest.fixture(scope="module")
def learnt(pages: list[Evidence]) -> Learnt:
    return learn(pages)


def test_evidence_survives_storage(pages: list[Evidence]) -> None:
    assert [Evidence.from_json(page.as_json()) for page in pages] == pages
    bare = pages[0].without_text()
    assert not any(line.text for line in bare.lines)
    assert [line.key for line in bare.lines] == [line.key for line in pages[0].lines]


def test_a_template_is_learnt_from_five_articles_and_survives_storage(pages: list[Evidence], learnt: Learnt) -> None:
    assert learn(pages[:4]) == Learnt()
    assert learnt.template is not None
    assert learnt.template.selectors == {
        "authors": "span.writer",
        "body": "div.story-text",
        "date": "span.when",
        "lead": "p.standfirst",
        "title": "h1.headline",
    }
    stored = Learnt.from_json(learnt.as_json())
    assert stored == learnt
    assert stored.digest == learnt.digest != Learnt().digest == ""


def test_a_page_is_read_by_template_and_the_version_says_so(learnt: Learnt) -> None:
    piece = Piece(20)
    memory = Memory.of(learnt)
    article = reading(piece, memory).article
    assert article is not None
    assert (article.body or "").split("\n") == piece.body
    assert (article.title, article.lead, article.authors) == (piece.title, piece.lead, (piece.author,))
    assert article.provenance["body"] == article.provenance["title"] == "template"
    assert reading(piece, memory).fit == ""
    assert reading(piece, memory) == reading(piece, memory)


def test_learning_again_says_the_same_until_something_is_new(pages: list[Evidence], learnt: Learnt) -> None:
    again = learn([*(evidence(Piece(number)) for number in range(30, 34)), *pages], learnt)
    assert again.digest == learnt.digest


def test_a_line_of_one_article_is_never_dropped_however_often_it_is_seen(pages: list[Evidence]) -> None:
    piece = Piece(9)
    piece.body.append("Subscribe to the letter of our editors at once!")
    copies = [evidence(piece, url=f"https://gazette.example/news/9?copy={copy}") for copy in range(6)]
    assert len(distinct([*copies, *pages])) == 9
    blocks = {block.key for block in learn([*copies, *pages]).blocks}
    assert blocks == {line_key(NEWSLETTER)}
    assert learn(copies) == Learnt()


def test_what_comes_again_within_a_text_is_part_of_it(pages: list[Evidence]) -> None:
    speaker = pages[0].lines[-1]
    spoken = [replace(page, lines=(*page.lines, speaker, speaker)) for page in pages]
    assert speaker.key not in {block.key for block in recurring(spoken)}


def test_a_redesigned_page_is_read_the_generic_way_and_told(learnt: Learnt) -> None:
    found = reading(Piece(21), Memory.of(learnt), new=True)
    assert found.fit == "body: not found"
    assert found.article is not None
    assert found.article.provenance["body"] == "blocks"
    assert (found.article.body or "").split("\n") == Piece(21).body


def test_the_generic_reading_contradicts_a_template_that_finds_another_text(learnt: Learnt) -> None:
    url = "https://gazette.example/news/33"
    page = Page(Piece(33).moved_page(url).encode(), url, memory=Memory.of(learnt))
    found = read(page)
    assert found.article is not None
    assert "printed in the old harbour quarter" in (found.article.body or "")
    assert found.fit == ""  # it is none of the sample: nobody knows yet
    checked = read(replace(page, memory=Memory.of(learnt, checking=True)))
    assert checked.article == found.article
    assert (checked.fit or "").startswith(CONTRADICTION)


def test_places_that_few_pages_share_are_not_trusted(pages: list[Evidence]) -> None:
    mixed = [*pages[:4], *(evidence(Piece(number), new=True) for number in range(40, 44))]
    template = learn(mixed).template
    assert template is None or "body" not in template.places


def test_pages_that_miss_their_own_description_do_not_tell_where_the_body_is(pages: list[Evidence]) -> None:
    wrong = [replace(page, agreed=False) for page in pages]
    template = learn(wrong).template
    assert template is not None
    assert "body" not in template.places


def test_boxes_whose_lines_recur_hold_no_text(pages: list[Evidence]) -> None:
    teasers = pages[0].lines[:2]
    boxed = [
        replace(page, lines=(*page.lines, *(replace(line, box="p < div.teaser") for line in teasers)))
        for page in pages[1:]
    ]
    assert noisy_boxes(boxed) == {"p < div.teaser"}
    assert {line.key for line in teasers}.isdisjoint(block.key for block in learn(boxed).blocks)
    elsewhere = [
        replace(page, lines=tuple(replace(line, box=f"p < div.b{n}") for line in page.lines))
        for n, page in enumerate(pages)
    ]
    assert list(recurring(elsewhere)) == []  # in another box on each page
    assert noisy_boxes(pages) == frozenset()
