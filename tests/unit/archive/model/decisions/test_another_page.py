from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archive.model.article import Article
from archive.model.decisions.another_page import (
    KnownText,
    Mark,
    asks_to_come_back,
    is_confirmed,
    is_doubtful,
    is_no_first_page,
    known_marks,
    lacks_marks,
    marks_of,
    names_wrong_address,
)
from archive.testing import a_time, an_article

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WALLS = {
    "en": "We and our partners store information on your device. You may accept or manage your choices.",
    "de": "Wir und unsere Partner speichern Informationen auf Ihrem Gerät. Sie können zustimmen oder ablehnen.",
    "ja": "当サイトと提携先は、お使いの端末に情報を保存します。同意するか、設定を変更してください。",
    "ar": "نقوم نحن وشركاؤنا بتخزين المعلومات على جهازك. يمكنك الموافقة أو إدارة اختياراتك.",
}
STORIES = {
    "en": ("Ministers sign harbour pact", "The ministers met on Monday.\nThey signed a pact on shared patrols."),
    "de": (
        "Minister unterzeichnen Hafenpakt",
        "Die Minister trafen sich am Montag.\nSie vereinbarten Streifen zur See.",
    ),
    "ja": ("閣僚が港湾協定に署名", "閣僚らは月曜日に会談した。\n海上の共同巡視に関する協定に署名した。"),
    "ar": ("الوزراء يوقعون اتفاق الموانئ", "اجتمع الوزراء يوم الاثنين.\nووقعوا اتفاقا بشأن الدوريات المشتركة."),
}
USUAL: frozenset[Mark] = frozenset({"byline", "date"})


def known(language: str = "en", marks: frozenset[Mark] = USUAL) -> KnownText:
    return KnownText(*STORIES[language], marks)


def page(body: str, title: str | None = "Before you continue", **fields: Any) -> Article:
    """A page without an article's marks, unless they are given."""
    return replace(an_article(title=title, body=body, lead=None, authors=(), published=None), **fields)


@pytest.mark.parametrize("language", WALLS)
@pytest.mark.parametrize("title_from", ["h1", "feed"])
def test_a_wall_is_doubtful_in_any_language(language: str, title_from: str) -> None:
    title = STORIES[language][0] if title_from == "feed" else "?"  # the feed names the article's own headline
    wall = page(WALLS[language], title, provenance={"title": title_from})
    assert is_doubtful(wall, known(language), elsewhere=False)


@pytest.mark.parametrize("language", STORIES)
def test_an_edit_is_not_doubtful_though_the_page_lost_its_marks(language: str) -> None:
    title, body = STORIES[language]
    assert not is_doubtful(page(body + "\n" + body[:10], title), known(language), elsewhere=True)


def test_another_story_with_the_marks_of_the_site_replaces_the_first() -> None:
    other = an_article(title="Storm closes the strait", body="Ferries stayed in port all day, and no ship sailed.")
    assert not is_doubtful(other, known(), elsewhere=False)


def test_a_notice_of_retraction_under_the_old_headline_is_an_edit() -> None:
    notice = page("This article has been removed following a complaint.", STORIES["en"][0], provenance={"title": "h1"})
    assert not is_doubtful(notice, known(), elsewhere=False)


def test_a_headline_may_be_short() -> None:
    notice = page("この記事は削除されました。読者の皆様にお詫びいたします。", "訂正", provenance={"title": "h1"})
    assert not is_doubtful(notice, KnownText("訂正", STORIES["ja"][1], USUAL), elsewhere=False)


def test_what_another_address_shows_at_once_is_doubtful_whatever_marks_it_has() -> None:
    wall = page(WALLS["en"], STORIES["en"][0], declared=True, published=a_time(NOW), authors=("Ada Whitlock",))
    assert not is_doubtful(wall, known(), elsewhere=False)
    assert is_doubtful(wall, known(), elsewhere=True)


@pytest.mark.parametrize(
    ("marks", "usual", "lacks"),
    [
        (set(), set(), True),
        ({"declared"}, set(), False),
        ({"byline", "date"}, {"byline", "date", "place"}, False),
        ({"date"}, {"byline", "date"}, True),  # a teaser's, perhaps
        ({"date", "declared"}, {"byline", "date"}, False),
        ({"declared"}, {"byline", "date"}, True),  # some sites call all their pages articles
        ({"place"}, {"place"}, False),
        ({"place"}, {"date", "place"}, True),
    ],
)
def test_what_a_page_lacks(marks: set[Mark], usual: set[Mark], lacks: bool) -> None:
    assert lacks_marks(frozenset(marks), frozenset(usual)) is lacks


def test_what_only_a_feed_or_the_address_says_is_no_mark() -> None:
    assert marks_of(an_article()) == {"byline", "date"}
    hinted = an_article(provenance={"authors": "feed", "body": "template"}, published=a_time(NOW, source="url"))
    assert marks_of(hinted) == {"place"}
    assert known_marks(["Ada"], {"source": "feed"}, {"authors": "json-ld"}) == {"byline"}
    assert known_marks(["Ada"], {"source": "visible"}, {"authors": "feed", "body": "template"}) == {"date", "place"}


@pytest.mark.parametrize(
    ("usual", "marked", "first", "elsewhere", "confirmed"),
    [
        (USUAL, True, NOW - HOUR, False, True),
        (USUAL, True, NOW - HOUR / 2, False, False),  # not another time
        (USUAL, True, None, False, False),
        (USUAL, True, NOW - HOUR, True, False),
        (USUAL, False, NOW - 100 * HOUR, False, False),  # a wall that stays
        (frozenset(), False, NOW - HOUR, False, True),  # nothing to ask for on a site without marks
    ],
)
def test_what_confirms_a_doubtful_text(
    usual: frozenset[Mark], marked: bool, first: datetime | None, elsewhere: bool, confirmed: bool
) -> None:
    shown = page("Ferries stayed in port all day, and no ship sailed.")
    if marked:
        shown = replace(shown, authors=("Ada Whitlock",), published=a_time(NOW))
    found = is_confirmed(shown, known(marks=usual), first, NOW, elsewhere=elsewhere, apart=HOUR)
    assert found is confirmed


@pytest.mark.parametrize(
    ("fields", "elsewhere", "redirected", "hint", "none"),
    [
        ({}, False, False, "Ministers sign harbour pact", False),
        ({}, True, False, None, True),
        ({}, True, False, "Ministers sign harbour pact", True),
        ({}, True, False, "Before you continue", False),  # one text under a headline of its own
        ({}, False, True, "Ministers sign harbour pact", True),
        ({}, False, True, None, False),
        ({}, False, True, "/1", False),
        ({}, False, True, "Before you continue!", False),
        ({"title": "Ministers sign", "provenance": {"title": "feed"}}, False, True, "Ministers sign", True),
        ({"declared": True}, True, True, "Ministers sign harbour pact", False),
        ({"published": a_time(NOW)}, True, True, "Ministers sign harbour pact", False),
    ],
)
def test_a_page_of_which_nothing_is_known(
    fields: dict[str, Any], elsewhere: bool, redirected: bool, hint: str | None, none: bool
) -> None:
    shown = page(WALLS["en"], **fields)
    assert is_no_first_page(shown, elsewhere=elsewhere, redirected=redirected, hint=hint) is none


@pytest.mark.parametrize(
    ("title", "text", "same"),
    [
        ("Ministers sign harbour pact", "abcdefgh " * 3 + "0123456789 klmnopqrstuvwxyz", True),
        ("MINISTERS sign harbour pact", "0123456789 klmnopqrstuvwxyz", True),
        ("Ministers sign harbour pact", "Ferries stayed in port all day.", False),
        ("Storm closes the strait", "0123456789 klmnopqrstuvwxyz and then something else entirely", False),
        ("Storm closes the strait", "0123456789 klmnopqrstuvwxyz ABCDEFGHIJ", True),
        ("Storm closes the strait", None, True),  # nobody can tell
    ],
)
def test_a_canonical_address_is_right_where_the_text_is_the_same(title: str, text: str | None, same: bool) -> None:
    named = page("0123456789 klmnopqrstuvwxyz ABCDEFGHIJ", "Ministers sign harbour pact")
    assert names_wrong_address(named, title, text) is not same


@pytest.mark.parametrize(
    ("landed", "gate"),
    [
        ("https://a.example/gate?return=news/pact", True),
        ("https://login.example/?u=https%3A%2F%2Fa.example%2Fnews%2Fpact%3Fx", True),
        ("https://login.example/?u=https%253A%252F%252Fa.example%252Fnews%252Fpact", True),
        ("https://a.example/news/pact?from=/news/pact", False),
        ("https://a.example/world/", False),
        ("https://a.example/news/other?id=1", False),
    ],
)
def test_a_gate_bears_the_address_that_was_asked_for(landed: str, gate: bool) -> None:
    assert asks_to_come_back("https://a.example/news/pact", landed) is gate
