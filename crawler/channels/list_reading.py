"""Lists from outside, read beside the event loop.

small and simple ─> a thread (two at a time: no process has to be started for a poll that finds nothing new)
all others ───────> the extraction pool, which stops what takes too long by killing its process
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from crawler.engine.crawl import Crawl
from crawler.extraction_pool.list_task import ListTask

T = TypeVar("T")


class _Heavy:
    """What a thread gives back that it did not read."""


_HEAVY: Final = _Heavy()


async def read_list(crawl: Crawl, body: bytes, work: Callable[[bytes], T], is_light: Callable[[bytes], bool]) -> T:
    """What `work` makes of `body`: a function of a module, or a `partial` of one, since another process may carry it out.

    `is_light` says whether that is certainly cheap; it is asked in a thread and has to be linear in the size of the body.
    Raises ExtractionFailed where another process was asked and did not end in time, died, or met an error.
    """
    async with crawl.readers:
        found = await asyncio.to_thread(_read_if_light, body, work, is_light)
    return await crawl.pool.read(ListTask(body, work)) if isinstance(found, _Heavy) else found


def _read_if_light(body: bytes, work: Callable[[bytes], T], is_light: Callable[[bytes], bool]) -> T | _Heavy:
    return work(body) if is_light(body) else _HEAVY
