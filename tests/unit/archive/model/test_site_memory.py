from __future__ import annotations

import pytest

from archive.model.site_memory import (
    CONTRADICTION,
    Block,
    Learnt,
    Memory,
    Place,
    Template,
    drifted,
    in_doubt,
    is_collecting,
    mark,
    next_step,
)


@pytest.mark.parametrize(
    ("seen", "step"), [(0, 5), (4, 5), (5, 10), (19, 20), (20, 40), (40, 160), (159, 160), (160, 640), (5000, 10240)]
)
def test_learning_goes_in_steps_that_grow(seen: int, step: int) -> None:
    assert next_step(seen) == step


@pytest.mark.parametrize(
    ("seen", "collecting"), [(0, True), (39, True), (40, False), (139, False), (140, True), (160, False)]
)
def test_evidence_is_collected_only_before_a_step(seen: int, collecting: bool) -> None:
    assert is_collecting(seen) is collecting


@pytest.mark.parametrize(
    ("recent", "expected"),
    [
        ("", False),
        ("1" * 40, False),
        ("0" * 7, False),
        ("1" * 40 + "0" * 8, True),
        ("0" * 20 + "1" * 12, False),
        ("01" * 20, False),
    ],
)
def test_a_template_that_fits_no_more_is_seen_after_eight_pages(recent: str, expected: bool) -> None:
    assert drifted(recent) is expected


def test_one_contradiction_is_a_doubt_for_as_long_as_it_is_recent() -> None:
    letters = [mark(fit) for fit in ("", "body: not found", f"{CONTRADICTION}the body agrees to 12%")]
    assert letters == ["1", "0", "?"]
    assert [in_doubt(recent) for recent in ("", "1101", "1?11", "?" + "1" * 12)] == [False, False, True, False]
    assert drifted("1" * 20 + "?0?0?0??")


def test_the_version_names_what_changes_a_reading_and_nothing_else() -> None:
    template = Template({"body": Place("div.a", 5, 5)}, pages=5, shortest=100, longest=900)
    learnt = Learnt(template, (Block("k1", "Line", 3),))
    more = Learnt(
        Template({"body": Place("div.a", 9, 10)}, pages=10, shortest=100, longest=900), (Block("k1", "L", 7),)
    )
    assert learnt.digest == more.digest
    assert len({learnt.digest, Learnt(template).digest, Learnt(None, learnt.blocks).digest, Learnt().digest}) == 4
    memory = Memory.of(learnt, collecting=True)
    assert (memory.version, memory.blocks, memory.collecting) == (learnt.digest, frozenset({"k1"}), True)
