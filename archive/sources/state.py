"""The sources of the registry as this archive knows them: rows, state, and how their channels fare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.errors import UsageError
from archive.model.source import Channel, ChannelKind, Source
from archive.model.text.did_you_mean import did_you_mean
from archive.registry import Registry, shipped_folder
from archive.tables import ChannelRow, SourceRow

POLLED_KINDS: frozenset[ChannelKind] = frozenset({"feed", "sitemap", "listing", "archive", "json", "ids"})
"""The channel kinds that a crawl polls. Web archives and WARC files hold the past: a backfill reads them."""

STARTER_FILE = "starter.txt"
"""In the shipped registry's folder: ids, one a line; # begins a comment."""


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How the polls of a channel went. Times are UTC.

    `outcome` and `detail` are of the last poll. They are None before the first.
    """

    key: str
    outcome: str | None = None
    detail: str | None = None
    polled_at: datetime | None = None
    items: int | None = None
    newest_at: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source of the registry with its state in this archive. `channels` has those of the registry, in its order."""

    source: Source
    enabled: bool = True
    verified_at: datetime | None = None
    added_at: datetime | None = None
    channels: tuple[ChannelState, ...] = ()

    @property
    def why_not(self) -> str | None:
        """The reason why a crawl without ids does not take the source. None means that it does."""
        if self.source.status == "refused":
            return "refused"
        if not self.enabled:
            return "disabled"
        if self.source.status != "verified" and self.verified_at is None:
            return "unverified"
        return None if polled_channels(self.source) else "no channel"

    @property
    def polled(self) -> bool:
        """Whether a crawl without ids takes the source."""
        return self.why_not is None

    @property
    def newest_at(self) -> datetime | None:
        """The newest time that any channel showed. None means that none showed a time."""
        return max((c.newest_at for c in self.channels if c.newest_at), default=None)

    @property
    def failing(self) -> tuple[ChannelState, ...]:
        """The channels whose last poll failed."""
        return tuple(channel for channel in self.channels if channel.failures)


def starter_set() -> frozenset[str]:
    """The ids of the shipped sources that a new archive enables.

    Raises:
        RegistryError: The shipped folder is missing.
    """
    lines = (shipped_folder() / STARTER_FILE).read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines if (name := line.partition("#")[0].strip()))


def enabled_at_first(sources: Iterable[Source]) -> frozenset[str]:
    """The ids of those of `sources` that are enabled until somebody says otherwise.

    These are a user's own, and of the shipped ones the starter set. The file of an entry tells which of the two it is.
    """
    shipped, starter = shipped_folder().resolve(), starter_set()
    return frozenset(source.id for source in sources if source.id in starter or not _stands_in(source, shipped))


def _stands_in(source: Source, folder: Path) -> bool:
    file = source.origin.rpartition(":")[0]
    return bool(file) and Path(file).resolve().is_relative_to(folder)


def sync_sources(session: Session, registry: Registry, now: datetime) -> None:
    """Make a row for every source of the registry, and bring its description up to date.

    What this archive knows of a source (enabled, verified, added) stays. Rows of sources that left the registry stay, because
    articles refer to them.
    """
    rows = {row.id: row for row in session.scalars(select(SourceRow))}
    enabled = enabled_at_first(source for source in registry.sources.values() if source.id not in rows)
    for source in registry.sources.values():
        row = rows.get(source.id)
        if row is None:
            row = SourceRow(id=source.id, enabled=source.id in enabled, verified_at=None, added_at=now)
            session.add(row)
        row.name = source.name
        row.homepage = source.homepage
        row.country = source.country
        row.language = source.language[0] if source.language else None
        row.kind = source.kind
        row.timezone = source.timezone
    session.flush()


def source_states(session: Session, sources: Iterable[Source]) -> list[SourceState]:
    """The state of each of `sources`, in their order. A source without a row counts as new."""
    wanted = list(sources)
    rows = {row.id: row for row in session.scalars(select(SourceRow))}
    new = {state.source.id: state for state in new_states(source for source in wanted if source.id not in rows)}
    channels: dict[tuple[str, str], ChannelRow] = {
        (row.source_id, row.key): row for row in session.scalars(select(ChannelRow))
    }
    return [new.get(source.id) or _state(source, rows[source.id], channels) for source in wanted]


def new_states(sources: Iterable[Source]) -> list[SourceState]:
    """The states of sources that no archive has seen: not verified, and enabled as `enabled_at_first` says."""
    wanted = list(sources)
    enabled = enabled_at_first(wanted)
    return [
        SourceState(source, source.id in enabled, channels=tuple(ChannelState(c.key) for c in source.discover))
        for source in wanted
    ]


def polled_sources(session: Session, registry: Registry, *, unchecked: bool = False) -> list[Source]:
    """The sources that a crawl polls when it is not told which.

    They are enabled, not refused, have a channel that can be polled and (unless `unchecked`) are verified by the registry or by
    a check.
    """
    return [
        state.source
        for state in source_states(session, registry.sources.values())
        if state.polled or (unchecked and state.why_not == "unverified" and polled_channels(state.source))
    ]


def wants_check(state: SourceState) -> bool:
    """Return whether a source is followed, was never seen alive, and has, or may have, a channel that can be polled."""
    source = state.source
    if state.why_not != "unverified":
        return False
    return not source.discover or any(channel.kind in POLLED_KINDS for channel in source.discover)


def set_enabled(session: Session, source_id: str, enabled: bool) -> None:
    """Enable or disable the polling of a source.

    Raises:
        UsageError: The archive does not know the source.
    """
    _row(session, source_id).enabled = enabled


def mark_verified(session: Session, source_id: str, at: datetime) -> None:
    """Record that a check saw live items.

    Raises:
        UsageError: The archive does not know the source.
    """
    _row(session, source_id).verified_at = at


def choose_sources(registry: Registry, ids: Sequence[str]) -> list[Source]:
    """The sources with these ids, each once.

    Raises:
        UsageError: Some do not exist. The message names all of them.
    """
    unknown = [source_id for source_id in ids if source_id not in registry.sources]
    if unknown:
        meant = did_you_mean(unknown, registry.sources)
        raise UsageError(f"no such source: {', '.join(unknown)}{meant}", hint="`dateline sources list` shows the ids.")
    return [registry.sources[source_id] for source_id in dict.fromkeys(ids)]


def other_hosts(session: Session, source: Source) -> list[str]:
    """Host names of other sources, those that are enabled first. There are as many as tell whether names can be resolved at
    all.
    """
    wanted = (
        select(SourceRow.homepage).where(SourceRow.id != source.id).order_by(SourceRow.enabled.desc(), SourceRow.id)
    )
    names = (urlsplit(homepage).hostname for homepage in session.scalars(wanted.limit(50)))
    return [name for name in dict.fromkeys(names) if name and name != source.host]


def polled_channels(source: Source) -> tuple[Channel, ...]:
    """The channels of a source that a crawl can poll, in the registry's order."""
    return tuple(channel for channel in source.discover if channel.kind in POLLED_KINDS)


def polled_addresses(source: Source) -> tuple[str, ...]:
    """The source's homepage and its channels that a crawl can poll, each once: their hosts are those it may have to wait for."""
    return tuple(dict.fromkeys((source.homepage, *(channel.url for channel in polled_channels(source)))))


def _row(session: Session, source_id: str) -> SourceRow:
    row = session.get(SourceRow, source_id)
    if row is None:
        raise unknown_here(session, [source_id])
    return row


def unknown_here(session: Session, ids: Sequence[str]) -> UsageError:
    """The error for ids of sources that this archive does not know."""
    meant = did_you_mean(ids, session.scalars(select(SourceRow.id)))
    return UsageError(
        f"no such source in this archive: {', '.join(ids)}{meant}", hint="`dateline sources list` shows the ids."
    )


def known_ids(session: Session, ids: Sequence[str]) -> Sequence[str]:
    """These ids, all of which this archive knows.

    Raises:
        UsageError: The archive does not know some of them. The message names them.
    """
    known = set(session.scalars(select(SourceRow.id).where(SourceRow.id.in_(ids)))) if ids else set()
    if unknown := [source_id for source_id in ids if source_id not in known]:
        raise unknown_here(session, unknown)
    return ids


def _state(source: Source, row: SourceRow, channels: dict[tuple[str, str], ChannelRow]) -> SourceState:
    found = tuple(_channel(channel.key, channels.get((source.id, channel.key))) for channel in source.discover)
    return SourceState(source, row.enabled, row.verified_at, row.added_at, found)


def _channel(key: str, row: ChannelRow | None) -> ChannelState:
    if row is None:
        return ChannelState(key)
    return ChannelState(key, row.outcome, row.detail, row.polled_at, row.items, row.newest_at, row.failures)
