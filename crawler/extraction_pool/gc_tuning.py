"""Python's garbage collector, told what a process that has loaded all it needs is like."""

from __future__ import annotations

import gc

OBJECTS = 50_000
"""That come into being between two collections. A page leaves some hundred behind for a moment, few of them in cycles: to look
for these every 700 objects, as Python does, takes a tenth of a process's time, every 10,000 a twentieth, and now a hundredth, for
a dozen MB that are freed later."""


def collect_seldom() -> None:
    """Let a process collect garbage seldom while it loads what it needs. What it loads stays, and is no garbage."""
    gc.set_threshold(OBJECTS, 10, 10)


def collect_less(*, first: bool = True) -> None:
    """Leave what exists now to the collector no more, because a process that has loaded all it needs keeps that.

    With `first` the garbage that loading left is collected before, which takes a fifth of a second and frees some MB. A
    process that was forked would write to all the memory which it shares, and one that ends soon does not need them.
    """
    if first:
        gc.collect()
    gc.freeze()
    collect_seldom()
