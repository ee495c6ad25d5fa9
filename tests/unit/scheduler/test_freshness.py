"""The simulation of `benchmarks/freshness.py`, small: what must hold whatever the machine."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def freshness() -> ModuleType:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        return import_module("freshness")
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))


def test_a_small_world(freshness: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    figures = freshness.main(["--quick", "--seeds", "7"])
    assert "| Dateline |" in capsys.readouterr().out

    ours, fixed = figures.polling["Dateline"], figures.polling["every 6 h (Media Cloud)"]
    assert ours.lost == ours.unavoidable  # nothing rolled off that polling could have caught
    assert fixed.lost > 0  # the world does roll items off
    assert freshness.quantile(ours.daily, 0.5) <= 10 * 60
    assert freshness.quantile(ours.asked_less, 0.95) <= 20 * 60
    assert ours.polls / ours.site_days < 24 * 60 / 5
    assert ours.quiet_polls / ours.quiet_days < 0.75 * ours.polls / ours.site_days

    (mine,), (table,) = figures.revisits["Dateline"], figures.revisits["Dateline's polls, NewsDiffs' table"]
    assert mine.requests * 2 <= table.requests
    assert sum(mine.every) >= 0.98 * sum(table.every)
    assert sum(mine.week) >= 0.95 * len(mine.week)


def test_a_world_is_the_same_for_the_same_seed(freshness: ModuleType) -> None:
    def figures() -> object:
        into = freshness.Figures()
        freshness.simulate(3, sources=5, days=2, articles=20, into=into)
        return into

    assert figures() == figures()
