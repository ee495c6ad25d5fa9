"""What happened to an article so far, as scheduling policies need it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archive.model.article import ArticleStatus


@dataclass(frozen=True, slots=True)
class ArticleHistory:
    """One article; times are UTC. `pk` is its key in the archive."""

    pk: int
    status: ArticleStatus
    first_seen_at: datetime
    changed_at: datetime
    looked_at: datetime
    published_at: datetime | None = None
