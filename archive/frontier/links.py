"""Links: the frontier that outlives a process.

A link is recorded in the transaction that marks its channel as read. It stays `pending` until it is recorded as an article,
known as another address of one, excluded, or given up with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, and_, bindparam, exists, func, or_, select, true
from sqlalchemy.orm import Session

from archive.frontier.known_articles import known_articles
from archive.model.decisions.another_page import has_same_text
from archive.model.frontier import KnownArticle, PendingLink
from archive.model.link import Hints, Link, LinkState, hints_of, stored_hints
from archive.model.text.sketch import Sketch
from archive.model.text.urls import url_key
from archive.storage.lookups import Lookups
from archive.storage.queries import chunks
from archive.tables import AliasRow, ArticleRow, LinkRow, RevisionRow, WalkLinkRow, WalkRow
from archive.writer.writer import Transaction

MOST_ATTEMPTS = 5
"""Crawls in which a link may fail before it is given up."""

FIRST_PAUSE = timedelta(minutes=15)
DAY = timedelta(days=1)
OUTSIDE = "outside-window"
"""Reason for which a backfill leaves out a link. It says nothing to anybody else: what is new today lies outside of last year."""
MAY_PASS = ("robots",)
"""Reasons of exclusion that are looked at again when a channel still shows the link a day later."""


@dataclass(frozen=True, slots=True)
class RecordedLinks:
    """What a channel's answer brought: links to be fetched, and known articles that the channel says were updated.

    `known` is the number of links that had been seen before.
    """

    new: tuple[PendingLink, ...]
    updated: tuple[KnownArticle, ...]
    known: int = 0


def pending(
    session: Session, source_ids: Sequence[str], now: datetime, *, after_backoff: bool = False
) -> list[PendingLink]:
    """The links that earlier crawls left to be fetched and that may be tried now, oldest first.

    With `after_backoff`, links that failed a short while ago are left out.
    """
    wanted = select(LinkRow).where(LinkRow.source_id.in_(source_ids), may_be_tried(now, after_backoff=after_backoff))
    return [_pending(row) for row in session.scalars(wanted.order_by(LinkRow.pk))]


def pending_of(session: Session, keys: CTE, now: datetime, *, after_backoff: bool = False) -> list[PendingLink]:
    """The links among `keys` that are to be fetched and may be tried now, oldest first.

    `keys` is a query with the column `pk`, which holds keys of links (`links.pk`).
    """
    wanted = select(LinkRow).join(keys, keys.c.pk == LinkRow.pk)
    wanted = wanted.where(LinkRow.is_among_these("pending"), is_after_backoff(now, after_backoff=after_backoff))
    return [_pending(row) for row in session.scalars(wanted.order_by(LinkRow.pk))]


def pending_among(session: Session, pks: Iterable[int]) -> list[PendingLink]:
    """The links with these keys (`links.pk`) that are to be fetched, in the order given."""
    order = list(pks)
    found: dict[int, PendingLink] = {}
    for chunk in chunks(order):
        rows = select(LinkRow).where(LinkRow.pk.in_(chunk), LinkRow.is_among_these("pending"))
        found.update((row.pk, _pending(row)) for row in session.scalars(rows))
    return [found[pk] for pk in order if pk in found]


def may_be_tried(now: datetime, *, after_backoff: bool) -> ColumnElement[bool]:
    """The condition for links that wait for a poll's job and may be tried now.

    Links of a walk that is under way are left to the walk.
    """
    walked = (
        exists()
        .where(WalkLinkRow.link_pk == LinkRow.pk, WalkLinkRow.walk_pk == WalkRow.pk, WalkLinkRow.reason.is_(None))
        .where(WalkRow.state == "open")
    )
    return and_(LinkRow.state == "pending", is_after_backoff(now, after_backoff=after_backoff), ~walked)


def is_after_backoff(now: datetime, *, after_backoff: bool) -> ColumnElement[bool]:
    """The condition for links that may be tried now.

    With `after_backoff`, a link that failed waits for 15 minutes first, then for twice that, and so on. Otherwise a long-lived
    process would use up a link's attempts within the hour.
    """
    rests = [
        and_(LinkRow.attempts == n, LinkRow.tried_at <= now - FIRST_PAUSE * 2 ** (n - 1))
        for n in range(1, MOST_ATTEMPTS)
    ]
    return and_(
        or_(LinkRow.not_before.is_(None), LinkRow.not_before <= now),
        or_(LinkRow.attempts == 0, *rests) if after_backoff else true(),
    )


def record_links(
    tx: Transaction, source_id: str, channel_key: str, links: Sequence[Link], *, reopened: Collection[str] = ()
) -> RecordedLinks:
    """Record the links that a channel showed. Of links that are known already, it is recorded that they were seen again.

    `reopened` names reasons for which a link was not wanted and that do not hold here. If it names any, links that were given up
    are tried again as well.
    """
    by_key = {url_key(link.url): link for link in links}
    rows = _rows(tx.session, source_id, by_key)
    articles = tx.aliases.articles(source_id, by_key)
    new: list[LinkRow] = []
    updated: list[int] = []
    for key, link in by_key.items():
        row = rows.get(key)
        if row is None:
            article = articles.get(key)
            state: LinkState = "pending" if article is None else "done"
            row = _new_row(tx, source_id, key, link, channel_key, state=state, article_pk=article)
            tx.rows.add(row)
            if row.state == "pending":
                new.append(row)
            continue
        if _see_again(row, link, channel_key, tx.now, reopened):
            new.append(row)
        if _was_updated(link.hints, row.hints) and (article := row.article_pk or articles.get(key)):
            updated.append(article)
            row.hints = row.hints | {k: v for k, v in stored_hints(link.hints).items() if k.startswith("updated")}
    tx.rows.write()
    tx.session.flush()
    known = sum(key in rows or key in articles for key in by_key)
    return RecordedLinks(tuple(_pending(row) for row in new), tuple(known_articles(tx.session, updated)), known)


def _see_again(row: LinkRow, link: Link, channel_key: str, now: datetime, reopened: Collection[str]) -> bool:
    """Record that a known link was seen again, and return whether it is to be fetched now although it was not before."""
    row.seen_at = now
    if row.state == "pending":
        _fill_in(row, link.hints)
    if not (_comes_back(row, now, reopened) or _is_live_after_all(row, channel_key)):
        return False
    row.channel = channel_key if _is_of_others(row.channel) else row.channel
    row.state = "pending"
    row.attempts = 0
    row.not_before = None
    return True


def _fill_in(row: LinkRow, hints: Hints) -> None:
    """Add what another channel claims of a link.

    Which channel shows a link first must not decide what is known of it.
    """
    missing = {name: value for name, value in stored_hints(hints).items() if name not in row.hints}
    if not missing:
        return
    row.hints = row.hints | missing
    if "published_at" in missing and row.dated_at == row.found_at and hints.published_at is not None:
        row.dated_at = min(hints.published_at, row.found_at)


def hints_known(questions: Lookups, pk: int) -> Hints:
    """Everything that channels have claimed of a link so far."""
    return hints_of(questions.value(_HINTS, {"pk": pk}) or {})


_HINTS = select(LinkRow.hints).where(LinkRow.pk == bindparam("pk"))


def _comes_back(row: LinkRow, now: datetime, reopened: Collection[str]) -> bool:
    """Return whether a link that was left out is wanted now.

    Rules change: what was forbidden yesterday may be asked for today.
    """
    if row.state == "failed":
        return bool(reopened)
    if row.state != "excluded":
        return False
    if row.reason in MAY_PASS and now - (row.tried_at or row.found_at) > DAY:
        return True
    name = (row.reason or "").partition(":")[0]
    return name == OUTSIDE or name in reopened


def captured_keys(session: Session, source_id: str, keys: Iterable[str]) -> set[str]:
    """The keys among these at which the archive holds an article."""
    return {
        key
        for chunk in chunks(keys)
        for key in session.scalars(
            select(AliasRow.url_key).where(AliasRow.source_id == source_id, AliasRow.url_key.in_(chunk))
        )
    }


def _is_live_after_all(row: LinkRow, channel_key: str) -> bool:
    """Return whether the publisher's site shows a link that gave nothing in the captures of others."""
    return row.state in ("failed", "excluded") and _is_of_others(row.channel) and not _is_of_others(channel_key)


def _is_of_others(channel_key: str | None) -> bool:
    """Return whether a channel shows captures of others instead of the publisher's site."""
    return (channel_key or "").startswith(("wayback:", "warc:"))


def known_keys(session: Session, source_id: str, keys: Iterable[str]) -> set[str]:
    """The keys among these whose addresses the archive has seen before, as a link or as an article's address."""
    listed = list(keys)
    known: set[str] = set()
    for chunk in chunks(listed):
        for row in (LinkRow, AliasRow):
            known.update(session.scalars(select(row.url_key).where(row.source_id == source_id, row.url_key.in_(chunk))))
    return known


def link_pks(session: Session, source_id: str, keys: Iterable[str]) -> dict[str, int]:
    """The keys of the rows of these links (`links.pk`), by the keys of their addresses."""
    return {key: row.pk for key, row in _rows(session, source_id, keys).items()}


def record_excluded(tx: Transaction, source_id: str, channel_key: str, links: Iterable[tuple[Link, str]]) -> int:
    """Record links that are not wanted, each with the reason. Return how many of them had been seen before.

    Otherwise nobody could tell what was not fetched from what was not seen.
    """
    by_key = {url_key(link.url): (link, reason) for link, reason in links}
    rows = _rows(tx.session, source_id, by_key)
    for key, (link, reason) in by_key.items():
        if (row := rows.get(key)) is not None:
            row.seen_at = tx.now
        else:
            tx.rows.add(_new_row(tx, source_id, key, link, channel_key, state="excluded", reason=reason))
    return len(rows)


def record_alias(
    tx: Transaction,
    source_id: str,
    asked_url: str,
    canonical: Link,
    *,
    link: PendingLink | None,
    sketch: Sketch | None = None,
) -> list[PendingLink]:
    """Record that the page at `asked_url` names `canonical` as its article's address. Return the links that are to be fetched
    for that.

    These are the canonical address if it is not known yet, or the same page again if the canonical one cannot be had or has
    another text. `sketch` is that of the page's text. None means that nothing is known of it.
    """
    key = url_key(canonical.url)
    own = tx.session.get(LinkRow, link.pk) if link else None
    if own is None:
        own = _rows(tx.session, source_id, [url_key(asked_url)]).get(url_key(asked_url))
    if own is None:
        own = _new_row(tx, source_id, url_key(asked_url), Link(asked_url), None, state="pending")
        tx.session.add(own)
        tx.session.flush()
    tx.aliases.let_wait(own, key)
    own.tried_at = tx.now
    own.text_sketch = dict(sketch) if sketch is not None else None
    article = tx.aliases.articles(source_id, [key]).get(key)
    if article is not None:
        if sketch is not None and not has_same_text(sketch, *text_of_article(tx.session, article)):
            own.state = "pending"
            return [_pending(own)]
        _adopt(tx, own, article)
        return []
    target = _rows(tx.session, source_id, [key]).get(key)
    if target is None:
        target = _new_row(tx, source_id, key, canonical, own.channel, state="pending")
        tx.session.add(target)
        tx.session.flush()
        own.state = "alias"
        return [_pending(target)]
    if target.state == "pending":
        own.state = "alias"
        return []
    return [_pending(own)]  # the canonical address failed, is excluded, or names us: read this page as it is


def release_aliases(tx: Transaction, source_id: str, key: str) -> list[PendingLink]:
    """Release pages that waited for their canonical address `key`, which failed. They are read as they are. Return their links."""
    waiting = select(LinkRow).where(
        LinkRow.source_id == source_id,
        LinkRow.canonical_key == key,
        LinkRow.state == "alias",
        LinkRow.article_pk.is_(None),
    )
    rows = list(tx.session.scalars(waiting))
    for row in rows:
        row.state = "pending"
    return [_pending(row) for row in rows]


def adopt_aliases(
    tx: Transaction, source_id: str, keys: Iterable[str], article_pk: int, title: str | None, text: str | None
) -> tuple[PendingLink, ...]:
    """Make pages that named one of `keys` as canonical addresses of the article that was recorded there, with its headline
    and text.

    A page with another text named a wrong address. Return the links of such pages, which are to be read as they are.
    """
    released: list[PendingLink] = []
    for row in tx.aliases.waiting(source_id, keys):
        if row.text_sketch is None or has_same_text(row.text_sketch, title, text):
            _adopt(tx, row, article_pk)
        elif row.state == "alias":
            row.state = "pending"
            released.append(_pending(row))
    return tuple(released)


def text_of_article(session: Session, pk: int) -> tuple[str | None, str | None]:
    """The headline and the text last seen of an article (`articles.pk`). None means that the archive has none."""
    found = session.execute(_TEXT, {"pk": pk}).first()
    return (None, None) if found is None else (found[0], found[1])


_TEXT = (
    select(RevisionRow.title, func.coalesce(RevisionRow.body, RevisionRow.lead))
    .join(ArticleRow, and_(ArticleRow.pk == RevisionRow.article_pk, ArticleRow.current_revision == RevisionRow.number))
    .where(ArticleRow.pk == bindparam("pk"))
)


def settle(
    tx: Transaction, pk: int, state: LinkState, reason: str | None = None, *, article_pk: int | None = None
) -> None:
    """End a link: it is fetched, excluded or given up, for a `reason`."""
    row = tx.session.get_one(LinkRow, pk)
    row.state = state
    row.reason = reason
    row.article_pk = article_pk
    row.tried_at = tx.now
    row.attempts += 1


def date_by_article(tx: Transaction, pk: int, published: Callable[[], datetime]) -> None:
    """Date a link of a walk by its article, if it was found without a date.

    `published` is called only then, and tells the article's date. A link of a feed belongs to the day on which it came up.
    """
    row = tx.session.get_one(LinkRow, pk)
    if row.dated_at == row.found_at and tx.aliases.is_walked(pk):
        row.dated_at = min(published(), tx.now)


def record_failed_attempt(
    tx: Transaction, pk: int, reason: str, *, answered: bool = False, counts: bool = True
) -> None:
    """Record that a link failed this time. It stays pending for the next crawl until it has failed too often.

    `counts` says whether the attempt counts against the link. It does not if the whole host is away, which says nothing about
    its links.

    `answered` says that the server had nothing, or nothing for us (404, 403, a challenge). That may pass (a feed ahead of its
    pages, a challenge for some minutes), but not at once: the next try comes after 15 minutes, then after twice that, and so
    on.
    """
    row = tx.session.get_one(LinkRow, pk)
    row.attempts += counts
    row.tried_at = tx.now
    row.not_before = tx.now + FIRST_PAUSE * 2 ** (row.attempts - 1) if answered else None
    row.reason = reason
    if row.attempts >= MOST_ATTEMPTS:
        row.state = "failed"


def _adopt(tx: Transaction, row: LinkRow, article_pk: int) -> None:
    row.state = "alias"
    row.article_pk = article_pk
    row.reason = None
    if not tx.aliases.articles(row.source_id, [row.url_key]):
        tx.aliases.add(row.source_id, row.url_key, row.url, "requested", article_pk, tx.now)


def _new_row(
    tx: Transaction,
    source_id: str,
    key: str,
    link: Link,
    channel: str | None,
    *,
    state: LinkState,
    reason: str | None = None,
    article_pk: int | None = None,
) -> LinkRow:
    return LinkRow(
        source_id=source_id,
        url_key=key,
        url=link.url,
        channel=channel,
        hints=stored_hints(link.hints),
        found_at=tx.now,
        dated_at=min(link.hints.published_at or tx.now, tx.now),
        seen_at=tx.now,
        state=state,
        reason=reason,
        attempts=0,
        article_pk=article_pk,
    )


def _rows(session: Session, source_id: str, keys: Iterable[str]) -> dict[str, LinkRow]:
    found: dict[str, LinkRow] = {}
    for chunk in chunks(keys):
        wanted = select(LinkRow).where(LinkRow.source_id == source_id, LinkRow.url_key.in_(chunk))
        found.update((row.url_key, row) for row in session.scalars(wanted))
    return found


def _pending(row: LinkRow) -> PendingLink:
    return PendingLink(
        row.pk, row.source_id, row.url, row.url_key, hints_of(row.hints), take_as_is=row.canonical_key is not None
    )


def _was_updated(shown: Hints, stored: dict[str, Any]) -> bool:
    """Return whether the channel names a later time of change than the last time we saw it (Atom's `updated`, RFC 4287)."""
    before = hints_of(stored).updated_at
    return shown.updated_at is not None and before is not None and shown.updated_at > before
