"""Captures of others that are to be read: those that web archives list, and the pages of WARC files.

CDX answer ─> record_captures (links, mementos: one transaction with the page of the walk) ─> waiting ─> settle, or a failed
attempt
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from archive.frontier import links, walks
from archive.model.link import Link
from archive.model.text.urls import url_key
from archive.model.walk import Walk
from archive.storage.queries import chunks
from archive.tables import LinkRow, MementoRow, WalkLinkRow, WalkPageRow
from archive.writer.writer import Transaction

MOST_ATTEMPTS = 3
"""Jobs in which a memento may fail before it is given up."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A capture as a web archive lists it.

    `timestamp` is YYYYMMDDhhmmss in UTC. `digest` is the web archive's, or None if it gives none.
    """

    url: str
    timestamp: str
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Memento:
    """A capture that is to be fetched from a web archive. `link_pk` is the key of the link of its address."""

    pk: int
    link_pk: int
    url: str
    timestamp: str


# --- web archives


def record_captures(
    tx: Transaction, walk: Walk, listed: Sequence[Listed], unwanted: Iterable[tuple[Listed, str]] = ()
) -> list[Memento]:
    """Record what a web archive listed, and return the captures that are new.

    The addresses become links of the walk. Those that are wanted become links with captures.
    """
    wanted = [Link(capture.url) for capture in listed]
    unwanted = list(unwanted)
    walks.record_links(tx, walk, wanted, [(Link(capture.url), reason) for capture, reason in unwanted])
    listed_at = {
        url_key(capture.url): _time(capture.timestamp)
        for capture in sorted((*listed, *(capture for capture, _ in unwanted)), key=lambda c: c.timestamp, reverse=True)
    }
    pks = links.link_pks(tx.session, walk.source_id, listed_at)
    for key, pk in pks.items():
        _date(tx.session, pk, listed_at[key])
    known = _known(tx.session, walk.channel, set(pks.values()))
    new = []
    for capture in listed:
        name = pks[url_key(capture.url)], capture.timestamp
        if name in known:
            continue
        known.add(name)
        row = MementoRow(
            link_pk=name[0],
            channel=walk.channel,
            timestamp=capture.timestamp,
            url=capture.url,
            digest=capture.digest,
            state="waiting",
            attempts=0,
        )
        tx.session.add(row)
        new.append(row)
    tx.session.flush()
    return [_memento(row) for row in new]


def waiting(session: Session, walk: Walk) -> list[Memento]:
    """The captures that the walk has still to fetch, address by address, oldest first."""
    wanted = (
        select(MementoRow)
        .join(WalkLinkRow, WalkLinkRow.link_pk == MementoRow.link_pk)
        .where(WalkLinkRow.walk_pk == walk.pk, WalkLinkRow.reason.is_(None))
        .where(MementoRow.channel == walk.channel, MementoRow.state == "waiting")
    )
    return [_memento(row) for row in session.scalars(wanted.order_by(MementoRow.link_pk, MementoRow.timestamp))]


def settle(tx: Transaction, memento: Memento, *, article_pk: int | None = None, reason: str | None = None) -> None:
    """End a capture: it is recorded with an article, or not wanted, for a `reason`."""
    _end(tx, memento, "done" if article_pk is not None else "excluded", reason, article_pk)


def record_failed_attempt(tx: Transaction, memento: Memento, reason: str, *, again: bool = True) -> None:
    """Record that a capture could not be fetched. It waits for the next job until that has happened too often.

    Without `again` it is given up at once.
    """
    row = tx.session.get_one(MementoRow, memento.pk)
    row.attempts += 1
    row.reason = reason
    row.tried_at = tx.now
    if not again or row.attempts >= MOST_ATTEMPTS:
        _end(tx, memento, "failed", reason, None)


def _end(tx: Transaction, memento: Memento, state: str, reason: str | None, article_pk: int | None) -> None:
    """End a capture. With its last capture a link ends, too: it is captured if any of them showed an article."""
    session = tx.session
    session.execute(
        update(MementoRow).where(MementoRow.pk == memento.pk).values(state=state, reason=reason, tried_at=tx.now)
    )
    link = session.get_one(LinkRow, memento.link_pk)
    if article_pk is not None and link.article_pk is None:
        links.settle(tx, link.pk, "done", article_pk=article_pk)
    elif article_pk is None and link.state == "pending":
        states = set(session.scalars(select(MementoRow.state).where(MementoRow.link_pk == link.pk)))
        if "waiting" not in states:
            links.settle(tx, link.pk, "failed" if "failed" in states else "excluded", reason)


def _date(session: Session, link: int, captured_at: datetime) -> None:
    """Date a link that was found without a date by its oldest capture.

    That is nearer to its publication than the day on which somebody looked into a web archive.
    """
    session.execute(
        update(LinkRow).where(LinkRow.pk == link, LinkRow.dated_at == LinkRow.found_at).values(dated_at=captured_at)
    )


def _time(timestamp: str) -> datetime:
    return datetime.strptime(timestamp[:12], "%Y%m%d%H%M").replace(tzinfo=UTC)


def _known(session: Session, channel: str, pks: Iterable[int]) -> set[tuple[int, str]]:
    found: set[tuple[int, str]] = set()
    for chunk in chunks(pks):
        rows = select(MementoRow.link_pk, MementoRow.timestamp).where(
            MementoRow.channel == channel, MementoRow.link_pk.in_(chunk)
        )
        found.update((pk, timestamp) for pk, timestamp in session.execute(rows))
    return found


def _memento(row: MementoRow) -> Memento:
    return Memento(row.pk, row.link_pk, row.url, row.timestamp)


# --- WARC files


def record_offset(session: Session, page: int, offset: int) -> None:
    """Record that all records of a WARC file before byte `offset` are read. The file is a page of its walk.

    What failed before is over.
    """
    session.execute(update(WalkPageRow).where(WalkPageRow.pk == page).values(offset=offset, attempts=0, reason=None))


def settle_page(
    tx: Transaction,
    walk: Walk,
    url: str,
    captured_at: datetime,
    *,
    article_pk: int | None = None,
    reason: str | None = None,
) -> None:
    """End a page that a WARC file holds, as a link of the walk: it is recorded with an article, or not wanted, for a `reason`."""
    link, key = Link(url), url_key(url)
    if article_pk is None:
        walks.record_links(tx, walk, (), [(link, reason or "unknown")])
    else:
        walks.record_links(tx, walk, [link])
    pk = links.link_pks(tx.session, walk.source_id, [key])[key]
    _date(tx.session, pk, captured_at)
    if article_pk is not None and tx.session.get_one(LinkRow, pk).article_pk is None:
        links.settle(tx, pk, "done", article_pk=article_pk)
