"""A crawl job: one order to work. Made by the scheduler's room, carried out by the crawler's; neither imports the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from archive.model.source import Channel, Source

JobKind = Literal["poll", "revisit"]
RevisitMode = Literal["due", "all", "none"]


@dataclass(frozen=True, slots=True)
class CrawlJob:
    """`poll`: ask the channels for new links and fetch them, with what earlier crawls left pending.
    `revisit`: look again at the articles with these keys (`articles.pk`). `limit`: at most so many articles (None: all).
    """

    source: Source
    kind: JobKind
    channels: tuple[Channel, ...] = ()
    articles: tuple[int, ...] = ()
    limit: int | None = None
