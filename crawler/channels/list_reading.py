"""Lists from outside, read beside the event loop.

small and simple ─> a thread (two at a time: no process has to be started for a poll that finds nothing new)
all others ───────> the extraction pool, which stops what takes too long by killing its process
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import structlog

from archive.model.capture import Exchange
from archive.model.walk import WalkPage
from crawler.discover.answer import Answer, read_answer
from crawler.discover.parsing.cost import is_light
from crawler.engine.crawl import Crawl
from crawler.extraction_pool.list_task import ListTask
from crawler.extraction_pool.pool import ExtractionFailed
from crawler.frontier.walk import Walk

log = structlog.get_logger()
T = TypeVar("T")


class _Heavy:
    """What a thread gives back that it did not read."""


_HEAVY: Final = _Heavy()


async def read_list(crawl: Crawl, body: bytes, work: Callable[[bytes], T], is_light: Callable[[bytes], bool]) -> T:
    """Return what `work` makes of `body`. `work` is a function of a module, or a `partial` of one, since another process may
    carry it out.

    `is_light` tells whether that is certainly cheap. It is asked in a thread and has to be linear in the size of the body.

    Raises:
        ExtractionFailed: Another process was asked, and did not end in time, died, or met an error.
    """
    async with crawl.readers:
        found = await asyncio.to_thread(_read_if_light, body, work, is_light)
    return await crawl.pool.read(ListTask(body, work)) if isinstance(found, _Heavy) else found


async def read_channel(crawl: Crawl, walk: Walk, page: WalkPage, exchange: Exchange, body: bytes) -> Answer:
    """Return what an answer shows, read beside the event loop. One that could not be read in time has the problem `extraction:
    …`."""
    kind, content_type = walk.channel.kind, exchange.header("content-type")
    work = partial(
        read_answer,
        url=exchange.url,
        channel=walk.channel,
        page=page,
        content_type=content_type,
        list_url=walk.channel.url if kind != "archive" else None,
        languages=walk.source.language,
    )
    try:
        answer = await read_list(crawl, body, work, partial(is_light, kind=kind, content_type=content_type))
    except ExtractionFailed as error:
        answer = Answer(problem=f"extraction: {error}")
        log.warning(
            "list_not_read", source=walk.source.id, channel=walk.channel.url, url=page.url, reason=answer.problem
        )
    if answer.odd_dates:
        log.info(
            "odd_dates", source=walk.source.id, url=page.url, count=len(answer.odd_dates), first=answer.odd_dates[:3]
        )
    return answer


def _read_if_light(body: bytes, work: Callable[[bytes], T], is_light: Callable[[bytes], bool]) -> T | _Heavy:
    return work(body) if is_light(body) else _HEAVY
