from __future__ import annotations

from scheduler.policy.budget import Candidate, revisits_left, spend


def test_the_highest_gain_comes_first_and_ties_are_broken_by_key() -> None:
    candidates = [Candidate(0.1, 4, "d"), Candidate(0.9, 3, "c"), Candidate(0.1, 1, "a"), Candidate(0.1, 2, "b")]
    assert spend(candidates, 3) == ["c", "a", "b"]
    assert spend(reversed(candidates), 3) == ["c", "a", "b"]
    assert spend(candidates, 0) == spend(candidates, -5) == spend([], 9) == []


def test_fresh_polls_and_links_come_before_revisits() -> None:
    def left(fresh: int, expected: float) -> int:
        return revisits_left(1000, fresh_today=fresh, fresh_expected=expected, revisits_today=0, day_passed=1)

    assert left(0, 0) == 800
    assert left(300, 200) == 300
    assert left(700, 200) == 0


def test_revisits_are_released_as_the_day_passes() -> None:
    def left(day_passed: float, spent: int = 0) -> int:
        return revisits_left(1000, fresh_today=0, fresh_expected=0, revisits_today=spent, day_passed=day_passed)

    assert 0 < left(0) < left(0.5) < left(1) == 800
    assert left(0.5, spent=700) == 0
