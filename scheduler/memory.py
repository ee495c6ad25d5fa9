"""Memory that ticks have freed, given back to the system."""

from __future__ import annotations

import ctypes


def trim() -> None:
    """glibc keeps what each thread has freed for its next allocations: after a tick over thousands of sources some MB in each
    arena, cut into ever smaller pieces over months. malloc_trim(3) gives them back in milliseconds; other C libraries have none.
    """
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if give_back is not None:
        give_back(0)
