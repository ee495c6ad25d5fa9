from __future__ import annotations

from archive.model.decisions.historical import NextLook, decide_historical, time_key
from archive.model.revision import State
from archive.testing import START

A, B, C = (State({"body": text}, "x") for text in "abc")
OTHER = State({"body": "a, read otherwise"}, "another extractor")


def test_between_two_others_it_is_a_revision_and_the_later_differs_from_it() -> None:
    found = decide_historical(B, [1], 2, {1: A, 2: C})
    assert (found.decision.kind, found.decision.changes, found.revision) == ("revised", ("body",), None)
    assert found.next == NextLook("differs", ("body",))


def test_before_the_first_it_is_the_first() -> None:
    found = decide_historical(B, [], 1, {1: A})
    assert (found.decision.kind, found.decision.changes, found.next) == ("new", (), NextLook("differs", ("body",)))


def test_like_the_one_before_it_is_an_observation_and_nothing_follows() -> None:
    found = decide_historical(A, [1], 2, {1: A, 2: B})
    assert (found.decision.kind, found.revision, found.next) == ("unchanged", 1, None)


def test_like_the_one_after_it_begins_what_that_shows() -> None:
    found = decide_historical(B, [1], 2, {1: A, 2: B})
    assert (found.decision.kind, found.revision, found.next) == ("revised", 2, NextLook("same"))
    assert decide_historical(A, [], 1, {1: A}).next == NextLook("same")


def test_between_two_looks_at_one_text_it_makes_the_later_a_return() -> None:
    found = decide_historical(B, [1], 1, {1: A})
    assert (found.decision.kind, found.next) == ("revised", NextLook("returns", ("body",)))


def test_a_return_too_many_flaps() -> None:
    states = {1: A, 2: B, 3: A}
    found = decide_historical(B, [1, 2, 3], 3, states)
    assert (found.decision.kind, found.revision) == ("flapping", 2)
    assert found.next == NextLook("flaps", ("body",))


def test_texts_of_two_extractors_are_not_compared() -> None:
    assert decide_historical(A, [1], None, {1: OTHER}).decision.kind == "incomparable"
    assert decide_historical(A, [], 1, {1: OTHER}).decision.kind == "incomparable"
    behind = decide_historical(B, [1], 2, {1: A, 2: OTHER})
    assert (behind.decision.kind, behind.next) == (
        "revised",
        None,
    )  # what it differs from is known, what follows is not


def test_what_two_extractors_read_alike_is_one_text() -> None:
    alike = State(A.hashes, "another extractor")
    found = decide_historical(A, [1], None, {1: alike})
    assert (found.decision.kind, found.revision) == ("unchanged", 1)
    assert decide_historical(A, [], 1, {1: alike}).next == NextLook("same")


def test_what_a_page_leaves_out_is_no_difference() -> None:
    whole, bare = State({"headline": "h", "body": "a"}, "x"), State({"headline": None, "body": "a"}, "x")
    assert decide_historical(bare, [1], None, {1: whole}).decision.kind == "unchanged"


def test_captures_of_one_second_have_an_order_that_filing_does_not_decide() -> None:
    one, other = time_key(START, "warc", "sha256:1", 9), time_key(START, "warc", "sha256:2", 3)
    assert one < other < time_key(START, "wayback", "sha256:0", 1)
    assert (
        time_key(START, "live", "sha256:9", 1) < time_key(START, "live", "sha256:1", 2) < one
    )  # ours decide_historical as they were made
