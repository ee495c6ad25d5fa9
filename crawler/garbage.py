"""Python's garbage collector, told what a process that has loaded all it needs is like."""

from __future__ import annotations

import gc

OBJECTS = 10_000
"""That come into being between two collections. A page leaves some hundred behind for a moment, few of them in cycles: to look
for these every 700 objects, as Python does, takes a tenth of a process's time."""


def collect_seldom() -> None:
    """For a process that is about to load what it needs: that stays, and is no garbage."""
    gc.set_threshold(OBJECTS, 10, 10)


def collect_less(*, forked: bool = False) -> None:
    """All is loaded: what exists now stays, and the collector does not look at it again. Of a process that was `forked`
    nothing is collected first: that would write to all the memory which it shares."""
    if not forked:
        gc.collect()
    gc.freeze()
    collect_seldom()
