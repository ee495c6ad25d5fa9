"""What a backfill would cost: for `dateline backfill --dry-run`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.config import Settings
from archive.model.period import Period
from archive.model.source import Channel, Source
from archive.storage.session import Archive


def estimate(
    settings: Settings, archive: Archive, wanted: Sequence[tuple[Source, Sequence[tuple[Channel, Sequence[Period]]]]]
) -> list[dict[str, Any]]:
    """Estimate what a backfill would cost, in one row for each channel. May be called once a process."""
    from crawler.runner.estimate import estimate_walks  # Scrapy takes a second to import: not for --help

    return [row.as_dict() for row in estimate_walks(settings, archive, wanted)]
