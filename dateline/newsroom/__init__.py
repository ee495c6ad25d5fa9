"""The sample newsroom: ten small news sites in eight languages on one loopback port, with a clock that the caller moves.

The demo, the tutorial and the tests crawl it instead of the web. All names, people and events in it are invented.

    with Newsroom.start() as room:
        crawl(room.environment(home))
        room.advance(AFTER_EDITS - START)      # the publishers edit, move and delete
        crawl(room.environment(home))
        room.truth()                           # what every article says now, and what it said before

`python -m dateline.newsroom --help` runs it by hand.
"""

from __future__ import annotations

from dateline.newsroom.client import Newsroom, NewsroomError
from dateline.newsroom.model import AFTER_EDITS, AFTER_FLAP, AFTER_SECOND_EDITS, START, Article, Site
from dateline.newsroom.requests import Request
from dateline.newsroom.truth import ArticleTruth, Trap

__all__ = [
    "AFTER_EDITS",
    "AFTER_FLAP",
    "AFTER_SECOND_EDITS",
    "START",
    "Article",
    "ArticleTruth",
    "Newsroom",
    "NewsroomError",
    "Request",
    "Site",
    "Trap",
]
