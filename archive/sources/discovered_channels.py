"""Channels that autodiscovery found for sources whose registry entry names none. They are state of the archive, and no edit of
YAML.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.model.source import Channel, Source
from archive.registry import Registry
from archive.registry.channels import channels_of
from archive.registry.write import channel_entry
from archive.tables import ChannelRow, SourceRow

DEAD_AFTER = 3
"""Failed polls in a row after which a found channel counts as dead."""
SEARCH_AGAIN = timedelta(days=1)
"""From one search for the channels of a source to the next."""


def complete_registry(session: Session, registry: Registry) -> Registry:
    """The registry, in which sources that name no channel have those that were found for them."""
    silent = [source for source in registry.sources.values() if _is_silent(source)]
    if not silent:
        return registry
    found = {source.id: source for source in with_discovered_channels(session, silent)}
    return Registry(MappingProxyType({i: found.get(i, source) for i, source in registry.sources.items()}))


def with_discovered_channels(session: Session, sources: Iterable[Source]) -> list[Source]:
    """The sources, of which those that name no channel have the channels that were found for them at the same homepage."""
    rows = session.execute(
        select(SourceRow.id, SourceRow.homepage, SourceRow.found).where(SourceRow.found.is_not(None))
    )
    known = {source_id: (homepage, found) for source_id, homepage, found in rows}
    return [_completed(source, *known[source.id]) if source.id in known else source for source in sources]


def record_discovered_channels(session: Session, source_id: str, channels: Sequence[Channel], at: datetime) -> None:
    """Record what a search found. If it found nothing, what was found before stays."""
    row = session.get_one(SourceRow, source_id)
    row.found_at = at
    if channels:
        row.found = [channel_entry(channel) for channel in channels]


def are_dead(session: Session, source: Source, now: datetime) -> bool:
    """Return whether the channels of `source` were found, have all died, and were not searched for lately."""
    if not source.found:
        return False
    row = session.get_one(SourceRow, source.id)
    if row.found_at is not None and now - row.found_at < SEARCH_AGAIN:
        return False
    wanted = select(ChannelRow.key, ChannelRow.failures).where(ChannelRow.source_id == source.id)
    failures = {row.key: row.failures for row in session.execute(wanted)}
    polled = [failures[channel.key] for channel in source.discover if channel.key in failures]
    return bool(polled) and min(polled) >= DEAD_AFTER


def _is_silent(source: Source) -> bool:
    return not source.discover and source.status != "refused"


def _completed(source: Source, homepage: str, found: Sequence[object]) -> Source:
    if not _is_silent(source) or homepage != source.homepage:
        return source
    channels = channels_of(found)
    return replace(source, discover=channels, found=True) if channels else source
