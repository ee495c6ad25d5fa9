"""Aliases as one transaction sees them: which article of a source is known under which, which links wait for one, and which
links belong to a walk.

The database is asked once for all addresses and links that the works of a group will need. Most of the addresses are not known,
and it is not asked for those again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, event, exists, select
from sqlalchemy.orm import Session

from archive.model.article import AliasKind
from archive.storage.queries import chunks
from archive.tables import AliasRow, LinkRow, WalkLinkRow
from archive.writer.inserts import Inserts

Address = tuple[str, str]
"""Source and `url_key`."""

_WITH_WALKED = select(LinkRow, exists().where(WalkLinkRow.link_pk == LinkRow.pk))
_WALKED = select(exists().where(WalkLinkRow.link_pk == bindparam("pk")))


class Aliases:
    """The aliases of articles. Whatever adds an alias, or lets a link wait for one, does it here."""

    def __init__(self, session: Session, rows: Inserts) -> None:
        self._session = session
        self._rows = rows
        self._articles: dict[Address, int | None] = {}
        self._waiting: dict[Address, list[LinkRow]] = {}
        self._walked: dict[int, bool] = {}
        event.listen(session, "before_flush", self._before_flush)

    def prefetch(self, addresses: Iterable[Address]) -> None:
        """Read these addresses now, all at once."""
        wanted = set(addresses)
        self._read_articles(wanted)
        self._read_waiting(wanted)

    def prefetch_links(self, pks: Iterable[int]) -> list[LinkRow]:
        """Read these links (`links.pk`) now, all at once, and whether they belong to a walk.

        The session finds them by their keys as long as the caller holds them.
        """
        found: list[LinkRow] = []
        for chunk in chunks(pks):
            for row, walked in self._session.execute(_WITH_WALKED.where(LinkRow.pk.in_(chunk))):
                found.append(row)
                self._walked[row.pk] = walked
        return found

    def forget(self) -> None:
        """Forget what was read, because a savepoint was rolled back."""
        self._articles.clear()
        self._waiting.clear()
        self._walked.clear()

    def articles(self, source_id: str, keys: Iterable[str]) -> dict[str, int]:
        """The keys of the articles that are known under these addresses, by the keys of the addresses."""
        wanted = [(source_id, key) for key in keys]
        self._read_articles({address for address in wanted if address not in self._articles})
        return {address[1]: pk for address in wanted if (pk := self._articles[address]) is not None}

    def add(self, source_id: str, key: str, url: str, kind: AliasKind, article_pk: int, now: datetime) -> None:
        """Add an address, which must not be known yet, under which the article is known from now on."""
        self._rows.add(
            AliasRow(source_id=source_id, url_key=key, url=url, kind=kind, article_pk=article_pk, first_seen_at=now)
        )
        self._articles[source_id, key] = article_pk

    def waiting(self, source_id: str, keys: Iterable[str]) -> list[LinkRow]:
        """The links that wait for an article at one of these addresses, which their pages named as canonical."""
        wanted = [(source_id, key) for key in keys]
        self._read_waiting({address for address in wanted if address not in self._waiting})
        found = [row for address in wanted for row in self._waiting[address]]
        return [row for row in found if row.article_pk is None and row.state in ("alias", "pending")]

    def is_walked(self, link: int) -> bool:
        """Return whether the link (`links.pk`) belongs to a walk."""
        if link not in self._walked:
            # Asked past the session, which would first write what the group has added so far, and that for every link.
            self._walked[link] = bool(self._session.connection().scalar(_WALKED, {"pk": link}))
        return self._walked[link]

    def let_wait(self, link: LinkRow, key: str) -> None:
        """Record that the link's page names `key` as the address of its article."""
        link.canonical_key = key
        waiting = self._waiting.get((link.source_id, key))
        if waiting is not None and link not in waiting:
            waiting.append(link)

    def _before_flush(self, session: Session, *_: object) -> None:
        self._walked.update((row.link_pk, True) for row in session.new if isinstance(row, WalkLinkRow))

    def _read_articles(self, addresses: set[Address]) -> None:
        self._articles.update(dict.fromkeys(addresses))
        for chunk in chunks(key for _, key in addresses):
            there = select(AliasRow.source_id, AliasRow.url_key, AliasRow.article_pk).where(AliasRow.url_key.in_(chunk))
            for source, key, article in self._session.execute(there):
                if (source, key) in addresses:
                    self._articles[source, key] = article

    def _read_waiting(self, addresses: set[Address]) -> None:
        self._waiting.update((address, []) for address in addresses)
        for chunk in chunks(key for _, key in addresses):
            waiting = select(LinkRow).where(LinkRow.canonical_key.in_(chunk), LinkRow.article_pk.is_(None))
            for row in self._session.scalars(waiting):
                if row.canonical_key is not None and (row.source_id, row.canonical_key) in addresses:
                    self._waiting[row.source_id, row.canonical_key].append(row)
