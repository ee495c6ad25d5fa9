from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.article import Caption, ClaimedTime
from archive.model.decisions.diff import (
    ParagraphChange,
    Part,
    as_dicts,
    diff_revisions,
    diff_text,
    diff_words,
    split_words,
)

TEXTS = st.text(alphabet="ab cé.,\n中文ไก्่ह", max_size=60)


@dataclass(frozen=True)
class Reading:
    title: str | None = "Pact signed"
    lead: str | None = None
    body: str | None = "One.\nTwo."
    authors: tuple[str, ...] = ("Ada",)
    captions: tuple[Caption, ...] = ()
    published: ClaimedTime | None = None


def shown(parts: tuple[Part, ...]) -> str:
    marks = {"equal": "{}", "deleted": "[-{}-]", "inserted": "{{+{}+}}"}
    return "".join(marks[part.op].format(part.text) for part in parts)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("They signed a pact.", "They postponed a pact.", "They [-signed-]{+postponed+} a pact."),
        ("on Monday.", "on Monday, they said.", "on Monday{+, they said+}."),
        ("a b c", "a c", "a [-b -]c"),
        ("中美关系稳定发展", "中美关系继续发展", "中美关系[-稳定-]{+继续+}发展"),
        ("ไทยไป", "ไทยมา", "ไทย[-ไป-]{+มา+}"),
        ("हिन्दी में लिखा है", "हिन्दी में पढ़ा है", "हिन्दी में [-लिखा-]{+पढ़ा+} है"),
        ("한국은 간다", "한국이 간다", "[-한국은-]{+한국이+} 간다"),
        ("Thế giới", "Thế giới mới", "Thế [-giới-]{+giới mới+}"),
        ("same", "same", "same"),
        ("", "new", "{+new+}"),
    ],
)
def test_words_inside_a_paragraph(old: str, new: str, expected: str) -> None:
    assert shown(diff_words(old, new)) == expected


def test_paragraphs_are_aligned_before_words() -> None:
    old = "Ministers met on Monday in the harbour.\nThey signed a pact.\nIt is raining."
    new = "Quite another beginning, unlike all.\nMinisters met on Tuesday in the harbour.\nThey signed a pact."
    changes = diff_text(old, new)
    assert [(c.op, c.old, c.new) for c in changes] == [("inserted", None, 1), ("changed", 1, 2), ("deleted", 3, None)]
    assert shown(changes[1].parts) == "Ministers met on [-Monday-]{+Tuesday+} in the harbour."


def test_a_paragraph_without_likeness_is_deleted_and_another_inserted() -> None:
    changes = diff_text("Rain fell over the plains.", "Elections were called, unexpectedly.")
    assert changes == [
        ParagraphChange("deleted", 1, None, (Part("deleted", "Rain fell over the plains."),)),
        ParagraphChange("inserted", None, 1, (Part("inserted", "Elections were called, unexpectedly."),)),
    ]


@pytest.mark.parametrize("empty", [None, ""])
def test_nothing_is_a_text_without_paragraphs(empty: str | None) -> None:
    assert diff_text(empty, empty) == []
    assert [(c.op, c.old, c.new) for c in diff_text(empty, "a\nb")] == [("inserted", None, 1), ("inserted", None, 2)]
    assert [(c.op, c.old, c.new) for c in diff_text("a\nb", empty)] == [("deleted", 1, None), ("deleted", 2, None)]


@given(TEXTS, TEXTS)
def test_the_parts_give_back_both_paragraphs(old: str, new: str) -> None:
    parts = diff_words(old, new)
    assert "".join(p.text for p in parts if p.op != "inserted") == old
    assert "".join(p.text for p in parts if p.op != "deleted") == new
    assert all(part.text for part in parts)


@given(TEXTS, TEXTS)
def test_every_paragraph_is_accounted_for(old: str, new: str) -> None:
    changes = diff_text(old, new)
    before, after = (old.split("\n") if old else []), (new.split("\n") if new else [])
    gone = {c.old for c in changes if c.old}
    come = {c.new for c in changes if c.new}
    kept_before = [p for n, p in enumerate(before, 1) if n not in gone]
    kept_after = [p for n, p in enumerate(after, 1) if n not in come]
    assert kept_before == kept_after
    assert bool(changes) == (before != after)


@given(TEXTS)
def test_words_join_to_the_text(text: str) -> None:
    assert "".join(split_words(text)) == text


def test_fields_that_differ_in_reading_order() -> None:
    published = ClaimedTime(datetime(2026, 11, 1, tzinfo=UTC), "day", "1 Nov", "visible", 0.7)
    old = Reading(captions=(Caption("A handshake", "AP"),), published=published)
    new = replace(
        old,
        title="Pact postponed",
        lead="A lead.",
        authors=("Ada", "Bo"),
        captions=(Caption("A handshake", "Reuters"), Caption(None, None, "https://x.example/1.jpg")),
        published=replace(published, at=datetime(2026, 11, 1, 9, tzinfo=UTC), precision="minute"),
    )
    changes = {change.field: change.changes for change in diff_revisions(old, new)}
    assert list(changes) == ["title", "lead", "authors", "captions", "published"]
    assert shown(changes["title"][0].parts) == "Pact [-signed-]{+postponed+}"
    assert [c.op for c in changes["authors"]] == ["inserted"]
    assert shown(changes["captions"][0].parts) == "A handshake ([-AP-]{+Reuters+})"
    assert [shown(c.parts) for c in changes["published"]] == ["[-2026-11-01-]", "{+2026-11-01T09:00:00Z+}"]
    assert diff_revisions(old, old) == []


def test_a_diff_can_be_written_as_json() -> None:
    found = json.loads(json.dumps(as_dicts(diff_revisions(Reading(), Reading(body="One.\nThree.")))))
    assert found[0]["field"] == "body"
    assert {"op": "inserted", "text": "Three."} in [p for c in found[0]["changes"] for p in c["parts"]]


WORDS = [f"{word}{n}" for word in ("the", "of", "war", "peace", "minister") for n in range(40)]


def _long(seed: int, count: int) -> list[str]:
    random = Random(seed)
    return [random.choice(WORDS) for _ in range(count)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(_long(1, 330_000), _long(2, 330_000), id="all over"),
        pytest.param(
            _long(1, 330_000), [*_long(1, 330_000)[:150_000], "edit", *_long(1, 330_000)[150_001:]], id="one word"
        ),
        pytest.param(
            _long(1, 5_000), [w if n % 17 else "edit" for n, w in enumerate(_long(1, 5_000))], id="many words"
        ),
        pytest.param(_long(1, 7_900), _long(2, 7_900), id="largest that is compared"),
    ],
)
def test_long_paragraphs_take_no_seconds(old: list[str], new: list[str]) -> None:
    before, after = " ".join(old), " ".join(new)
    started = time.process_time()
    parts = diff_words(before, after)
    assert time.process_time() - started < 30
    assert "".join(p.text for p in parts if p.op != "deleted") == after


def test_one_edit_in_two_megabytes_is_found_to_the_word() -> None:
    words = _long(3, 330_000)
    edited = [*words[:200_000], "edit", *words[200_001:]]
    changed = [p for p in diff_words(" ".join(words), " ".join(edited)) if p.op != "equal"]
    assert changed == [Part("deleted", words[200_000]), Part("inserted", "edit")]


def test_many_paragraphs_take_no_seconds() -> None:
    words = _long(4, 30_000)
    started = time.process_time()
    assert diff_text("\n".join(words), "\n".join(reversed(words)))
    assert time.process_time() - started < 30
