"""Walks over sequential ids."""

from __future__ import annotations

from datetime import date

import pytest

from archive.model.period import Period
from archive.model.source import IdWalk
from crawler.discover.lists.ids import id_of, id_url, next_ids, window_ids

WALK = IdWalk(start=100, step=1, misses=5)


def test_a_walk_begins_at_its_start_and_goes_on_behind_the_highest_known() -> None:
    assert next_ids(WALK, (), (), 3) == (100, 101, 102)
    assert next_ids(WALK, {100, 104, 102}, (), 3) == (105, 106, 107)
    assert next_ids(WALK, {7}, (), 1) == (100,)  # from before the start was set


def test_ids_that_were_missed_are_not_asked_again_in_the_same_walk() -> None:
    assert next_ids(WALK, {104}, {105, 107}, 10) == (106, 108, 109)
    assert next_ids(WALK, {104}, (), 10) == (105, 106, 107, 108, 109)


def test_a_walk_ends_after_so_many_misses_and_a_hit_carries_it_on() -> None:
    assert next_ids(WALK, {104}, {105, 106, 107, 108, 109}, 10) == ()
    assert next_ids(WALK, {104, 109}, {105, 106, 107, 108}, 10) == (110, 111, 112, 113, 114)


def test_steps() -> None:
    walk = IdWalk(start=10, step=10, misses=2)
    assert next_ids(walk, {30}, (), 5) == (40, 50)


def test_an_amount_of_nothing() -> None:
    assert next_ids(WALK, {104}, (), 0) == next_ids(WALK, {104}, (), -1) == ()


@pytest.mark.parametrize(
    ("template", "url", "number"),
    [
        ("https://x.example/view/{id}", "https://x.example/view/123", 123),
        ("https://x.example/view/{id}", "https://x.example/view/123#top", 123),
        ("https://x.example/view/{id}", "https://x.example/view/0123", None),
        ("https://x.example/view/{id}", "https://x.example/view/123/more", None),
        ("https://x.example/view/{id}", "https://y.example/view/123", None),
        ("https://x.example/view/{id}", "https://x.example/view/" + "9" * 5000, None),
        ("https://x.example/v?id={id:05d}", "https://x.example/v?id=00123", 123),
        ("https://x.example/{id}/{id}.html", "https://x.example/7/7.html", 7),
        ("https://x.example/{id}/{id}.html", "https://x.example/7/8.html", None),
        ("https://x.example/view/{id}", "javascript:1", None),
    ],
)
def test_the_id_in_an_address(template: str, url: str, number: int | None) -> None:
    assert id_of(template, url) == number


def test_the_address_of_an_id() -> None:
    assert id_url("https://x.example/v?id={id:05d}", 123) == "https://x.example/v?id=00123"


# --- backfills

MARCH = Period(date(2024, 3, 10), date(2024, 3, 12))


def asked(known: dict[int, date | None], missed: set[int], amount: int = 3, misses: int = 3) -> tuple[int, ...]:
    return window_ids(IdWalk(start=1, misses=misses), known, missed, MARCH, amount)


def test_a_backfill_goes_up_until_it_is_behind_its_window() -> None:
    assert asked({}, set()) == (1, 2, 3)
    assert asked({5: date(2024, 3, 1)}, set()) == (6, 7, 8)
    assert asked({5: date(2024, 3, 1)}, {6, 7, 8}) == (4, 3, 2)  # nothing is newer


def test_a_backfill_goes_down_from_what_lies_behind_its_window_over_all_gaps() -> None:
    late, before = date(2024, 3, 20), date(2024, 3, 1)
    assert asked({40: late, 90: date(2026, 1, 1)}, set()) == (39, 38, 37)
    assert asked({40: late, 39: MARCH.last, 37: MARCH.first}, {38}) == (36, 35, 34)
    assert asked({40: late, 39: before, 38: before, 37: None}, set()) == (36, 35, 34)
    assert asked({40: late, 39: before, 38: before, 37: before}, set()) == ()


def test_a_backfill_ends_after_so_many_misses_in_a_row() -> None:
    known: dict[int, date | None] = {40: date(2024, 3, 20)}
    assert asked(known, {39, 38}) == (37,)
    assert asked(known, {39, 38, 37}) == ()
    assert asked(known | {38: MARCH.first}, {39, 37}) == (36, 35)


def test_an_old_article_with_a_new_date_does_not_mislead() -> None:
    known: dict[int, date | None] = {5: date(2024, 6, 1), 30: MARCH.first, 40: date(2024, 3, 20)}
    assert asked(known, set(), amount=1) == (39,)


def test_a_backfill_does_not_go_below_zero() -> None:
    assert asked({1: date(2024, 3, 20)}, set()) == (0,)
    assert asked({0: date(2024, 3, 20)}, set()) == ()
