"""Waiting until something is so, however busy the machine is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

ENOUGH = 120.0
"""Seconds within which everything comes about that comes about at all, on the slowest machine as well."""


async def until(true: Callable[[], object], seconds: float = ENOUGH) -> None:
    """Wait until it is so, while the event loop goes on."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"it did not come about within {seconds:g} s"
        await asyncio.sleep(0.01)
