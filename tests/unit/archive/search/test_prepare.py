from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search.base import INDEXED_BYTES, RevisionText, document
from archive.search.postgres import PLACES, vector
from archive.search.prepare import LONGEST_WORD, fold_with_places, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thế giới, Đà Nẵng", ["the", "gioi", "da", "nang"]),
        ("Indo- Pasifik / Indo-Pasifik", ["indo", "pasifik", "indo", "pasifik"]),
        ("U.S.-Korea, the U.N. e.g.", ["us", "korea", "the", "un", "eg"]),
        ("v2.0 at 3.14", ["v2", "0", "at", "3", "14"]),
        (
            "Straße ŁÓDŹ Øre ısı İzmir Æsir œuvre Þór Guðrún",
            ["strasse", "lodz", "ore", "isi", "izmir", "aesir", "oeuvre", "thor", "gudrun"],
        ),
        ("ΣΊΣΥΦΟΣ", ["σισυφοσ"]),
        ("Учёный", ["ученыи"]),
        ("ﬁn Ｆｕｌｌ ①", ["fin", "full", "1"]),
        ("أحمد إلى آسيا ٱلله", ["احمد", "الي", "اسيا", "الله"]),
        ("مدرسة علي على", ["مدرسه", "علي", "علي"]),
        ("الْعَرَبِيَّة العـــربية", ["العربيه", "العربيه"]),
        ("کتاب یک", ["كتاب", "يك"]),
        ("می‌شود", ["مي", "شود"]),
        ("٢٠٢٦ २०२६ ๒๐๒๖", ["2026", "2026", "2026"]),
        ("हिन्दी", ["हिन्दी"]),
        ("中美关系", ["中美", "美关", "关系", "系"]),
        ("5G网络", ["5g", "网络", "络"]),
        ("한국은", ["한국", "국은", "은"]),
        ("ガラ", ["ガラ", "ラ"]),
        ("ｶﾞﾗ", ["ガラ", "ラ"]),
        ("ไทย", ["ไท", "ทย", "ย"]),
        ("中、美", ["中", "美"]),
        ("oʻzbek п’ять", ["o", "zbek", "п", "ять"]),
        ("soft\u00adhyphen zero\u200bwidth", ["softhyphen", "zerowidth"]),
        ("…!?—\x00\n", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("text", ["Thế giới", "한국은 간다", "ガラパゴス", "أحمد", "हिन्दी क़लम", "Łódź"])
def test_composed_or_not_is_the_same(text: str) -> None:
    assert words(unicodedata.normalize("NFD", text)) == words(unicodedata.normalize("NFC", text))


def test_a_long_word_counts_by_its_start() -> None:
    assert words("y" * 3000) == ["y" * LONGEST_WORD]


@given(st.text(max_size=80))
def test_prepared_words_hold_letters_digits_and_marks_only(text: str) -> None:
    for word in words(text):
        assert word
        assert all(unicodedata.category(c)[0] in "LNM" or unicodedata.category(c) == "Co" for c in word)


@given(st.text(max_size=80))
def test_places_of_folded_characters_lead_back_into_the_text(text: str) -> None:
    folded, places = fold_with_places(text)
    assert len(folded) == len(places)
    assert places == sorted(places)
    assert all(0 <= place < len(text) for place in places)


def test_a_document_is_cut_at_its_size() -> None:
    content = document(RevisionText(1, "a title", None, "word " * 400_000))
    assert content.title == ["a", "title"]
    assert content.lead == []
    assert 100_000 < len(content.body) < 400_000
    indexed = [*content.title, *content.body]
    assert sum(len(w.encode()) + 5 for w in indexed) <= INDEXED_BYTES
    assert document(RevisionText(1, "x " * 10**6, "lead", "body")).body == []


def test_a_vector_holds_places_and_weights() -> None:
    assert vector(document(RevisionText(1, "Pact pact", "a lead", "body"))) == "'pact':1A,2A 'a':4B 'lead':5B 'body':7C"


def test_places_start_again_in_long_texts() -> None:
    numbers = " ".join(f"n{n}" for n in range(PLACES + 5))
    written = vector(document(RevisionText(1, None, None, numbers))).split()
    assert written[0] == "'n0':3C"
    assert written[PLACES] == f"'n{PLACES}':3C"
    assert max(int(item.split(":")[1][:-1]) for item in written) == PLACES
