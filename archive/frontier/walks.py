"""Walks: how far the reading of a channel for a window of days has come, and what became of every link that it found.

begin ─> pages waiting ─> (asked) ─> page_read: its links recorded, further pages added, in one transaction ─> … ─> end

All of it is rows, so that a walk goes on where a killed process left it: with its waiting pages and its pending links.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select, union, update
from sqlalchemy.orm import Session, aliased

from archive.frontier import links
from archive.frontier.links import RecordedLinks
from archive.model.days import bounds
from archive.model.frontier import PendingLink
from archive.model.link import Link
from archive.model.period import Period
from archive.model.text.urls import url_key
from archive.model.walk import PageFacts, Tally, Walk, WalkPage
from archive.storage.queries import chunks
from archive.tables import ArticleRow, LinkRow, MementoRow, RevisionRow, SourceRow, WalkLinkRow, WalkPageRow, WalkRow
from archive.writer.writer import Transaction

MOST_TRIES = 3
"""Jobs in which a list request may fail before it is given up."""
REOPENED = frozenset({"older", "outside-window", "rule", "other-site", "id-missed"})
"""Reasons for which a link was not wanted before, and that say nothing about this walk."""

_Target = aliased(LinkRow)
"""The canonical address in whose place an alias is not fetched."""


# --- the walk


def begin(session: Session, source_id: str, channel: str, window: Period, now: datetime) -> Walk:
    """The open walk over this channel (its key) and window. If there is none, a new one is made."""
    found = session.scalar(_walks(source_id, channel, window).where(WalkRow.state == "open"))
    if found is None:
        found = WalkRow(
            source_id=source_id,
            channel=channel,
            first=window.first.isoformat(),
            last=window.last.isoformat(),
            state="open",
            began_at=now,
        )
        session.add(found)
        session.flush()
    return _walk(found)


def latest(session: Session, source_id: str, channel: str, window: Period) -> Walk | None:
    """The last walk over this channel and window, open or ended. None means that there was none."""
    found = session.scalar(_walks(source_id, channel, window).order_by(WalkRow.pk.desc()).limit(1))
    return _walk(found) if found is not None else None


def walks_of(session: Session, source_ids: Sequence[str], *, only_open: bool = False) -> list[Walk]:
    """The walks of these sources, oldest first."""
    wanted = select(WalkRow).where(WalkRow.source_id.in_(source_ids)).order_by(WalkRow.pk)
    if only_open:
        wanted = wanted.where(WalkRow.state == "open")
    return [_walk(row) for row in session.scalars(wanted)]


def end(session: Session, walk: int, reason: str, now: datetime) -> None:
    """End a walk, because nothing is left to be asked or because somebody gave it up."""
    session.execute(
        update(WalkRow).where(WalkRow.pk == walk).values(state="ended", reason=reason, ended_at=now),
    )


# --- its requests


def add_pages(
    session: Session, walk: int, pages: Iterable[WalkPage], passed: Iterable[tuple[WalkPage, str]] = ()
) -> list[WalkPage]:
    """Add requests to be made, and others that are left out with the reason. Return the new ones to be made.

    A request that the walk has already is not added again.
    """
    known = asked_keys(session, walk)
    rows: list[tuple[WalkPage, WalkPageRow]] = []
    for page, reason in (*((page, None) for page in pages), *passed):
        if page.key in known:
            continue
        known.add(page.key)
        row = WalkPageRow(
            walk_pk=walk,
            key=page.key,
            url=page.url,
            method=page.method,
            form=[list(pair) for pair in page.form],
            chain=page.chain or page.key,
            number=page.number,
            state="waiting" if reason is None else "passed",
            reason=reason,
            attempts=0,
        )
        session.add(row)
        rows.append((page, row))
    session.flush()
    return [_page(row) for _, row in rows if row.state == "waiting"]


def asked_keys(session: Session, walk: int) -> set[str]:
    """The keys of all requests of the walk."""
    return set(session.scalars(select(WalkPageRow.key).where(WalkPageRow.walk_pk == walk)))


def waiting_pages(session: Session, walk: int) -> list[WalkPage]:
    """The requests that are still to be made, in the order in which they were added."""
    wanted = select(WalkPageRow).where(WalkPageRow.walk_pk == walk, WalkPageRow.state == "waiting")
    return [_page(row) for row in session.scalars(wanted.order_by(WalkPageRow.pk))]


def pages_read(session: Session, walk: int, chain: str) -> list[PageFacts]:
    """What the pages of one list showed, in their order."""
    wanted = select(WalkPageRow).where(
        WalkPageRow.walk_pk == walk, WalkPageRow.chain == chain, WalkPageRow.state == "read"
    )
    return [_shown(row) for row in session.scalars(wanted.order_by(WalkPageRow.number))]


def page_read(session: Session, page: int, shown: PageFacts, now: datetime, *, stopped: str | None = None) -> None:
    """Record that a request was answered and its links are recorded.

    `stopped` is the reason why its list is not followed farther, or None.
    """
    session.execute(
        update(WalkPageRow)
        .where(WalkPageRow.pk == page)
        .values(
            state="read",
            reason=stopped,
            attempts=WalkPageRow.attempts + 1,
            links=shown.links,
            fresh=shown.fresh,
            newest=shown.newest.isoformat() if shown.newest else None,
            shown=shown.shown,
            done_at=now,
        )
    )


def page_failed(session: Session, page: int, reason: str, now: datetime, *, again: bool = True) -> None:
    """Record that a request failed in this job. It waits for the next job until it has failed too often.

    Without `again` it is given up at once.
    """
    row = session.get_one(WalkPageRow, page)
    row.attempts += 1
    row.reason = reason
    if not again or row.attempts >= MOST_TRIES:
        row.state = "failed"
        row.done_at = now


# --- its links


def record_links(
    tx: Transaction,
    walk: Walk,
    wanted: Sequence[Link],
    unwanted: Sequence[tuple[Link, str]] = (),
) -> RecordedLinks:
    """Record what a page of the walk showed. `new` are all links that are to be fetched for the walk, whoever found them."""
    recorded = links.record_links(tx, walk.source_id, walk.channel, wanted, reopened=REOPENED)
    links.record_excluded(tx, walk.source_id, walk.channel, unwanted)
    tx.session.flush()
    reasons: dict[str, str | None] = {url_key(link.url): reason.partition(":")[0] for link, reason in unwanted}
    reasons |= {url_key(link.url): None for link in wanted}
    pks = links.link_pks(tx.session, walk.source_id, reasons)
    _add_links(tx.session, walk.pk, {pk: reasons[key] for key, pk in pks.items()})
    mine = [pks[url_key(link.url)] for link in wanted]
    return RecordedLinks(tuple(links.pending_among(tx.session, mine)), recorded.updated, recorded.known)


def add_walk_links(session: Session, walk: int, pks: Iterable[int]) -> None:
    """Add further links (`links.pk`) to a walk: canonical addresses of its pages."""
    _add_links(session, walk, dict.fromkeys(pks))


def pending_links(session: Session, walk: int, now: datetime, *, after_backoff: bool = False) -> list[PendingLink]:
    """The links that are still to be fetched for the walk and may be tried now, in the order in which they were found.

    With `after_backoff`, links that failed a short while ago are left out.
    """
    own = select(WalkLinkRow.link_pk.label("pk")).where(WalkLinkRow.walk_pk == walk, WalkLinkRow.reason.is_(None))
    canonical = (
        select(_Target.pk)
        .join(LinkRow, and_(_Target.source_id == LinkRow.source_id, _Target.url_key == LinkRow.canonical_key))
        .join(WalkLinkRow, WalkLinkRow.link_pk == LinkRow.pk)
        .where(WalkLinkRow.walk_pk == walk, LinkRow.is_among_these("alias"), LinkRow.article_pk.is_(None))
    )
    # First the keys, then their links: asked in one, SQLite goes through all links that wait.
    keys = union(own, canonical).cte("own").prefix_with("MATERIALIZED")
    return links.pending_of(session, keys, now, after_backoff=after_backoff)


def left_out(session: Session, walk: int) -> list[str]:
    """The addresses of the walk's links that are no articles."""
    wanted = (
        select(LinkRow.url)
        .join(WalkLinkRow, WalkLinkRow.link_pk == LinkRow.pk)
        .where(WalkLinkRow.walk_pk == walk, LinkRow.state.in_(("excluded", "failed")))
    )
    return list(session.scalars(wanted))


def close_if_done(session: Session, walk: int, now: datetime) -> bool:
    """End the walk if every request and every link of it has its end. Return whether it is over."""
    if session.get_one(WalkRow, walk).state == "ended":
        return True
    if unaccounted_addresses(session, walk, limit=1):
        return False
    end(session, walk, "done", now)
    return True


# --- what became of it


def count_outcomes(session: Session, walk: int) -> Tally:
    """Count the walk's requests and links by what became of them."""
    found = Tally()
    _count_pages(session, walk, found)
    what = (_state(), _why(), _place(session, session.get_one(WalkRow, walk)))
    for became, reason, place, number in session.execute(_joined(select(*what, func.count()), walk).group_by(*what)):
        _count(found, _fate(became, place), _name(reason), number)
    return found


def tally_together(session: Session, walks: Iterable[int]) -> Tally:
    """Count the requests and links of several walks by what became of them.

    A link that several of them found counts once: as captured, else waiting, else failed.
    """
    found = Tally()
    fates: dict[int, tuple[int, str, str]] = {}
    for walk in walks:
        _count_pages(session, walk, found)
        what = (_state(), _why(), _place(session, session.get_one(WalkRow, walk)))
        for pk, became, reason, place in session.execute(_joined(select(WalkLinkRow.link_pk, *what), walk)):
            name = _fate(became, place)
            fate = (_RANK[name], name, _name(reason))
            fates[pk] = min(fates.get(pk, fate), fate)
    for (_, name, reason), number in Counter(fates.values()).items():
        _count(found, name, reason, number)
    return found


def _count_pages(session: Session, walk: int, found: Tally) -> None:
    pages = select(WalkPageRow.state, WalkPageRow.reason, func.count()).where(WalkPageRow.walk_pk == walk)
    for state, reason, number in session.execute(pages.group_by(WalkPageRow.state, WalkPageRow.reason)):
        found.pages[state] += number
        if state in ("failed", "passed"):
            found.page_reasons[_name(reason)] += number


def _fate(became: str, place: str | None) -> str:
    """What became of a link, as a field of `Tally`."""
    if became != "captured" or place == "inside":
        return became
    return "undated" if place is None else place


def _count(found: Tally, name: str, reason: str, number: int) -> None:
    match name:
        case "captured":
            found.captured += number
        case "outside":
            found.outside += number
        case "undated":
            found.undated += number
        case "excluded":
            found.excluded[reason] += number
        case "failed":
            found.failed[reason] += number
        case _:
            found.pending += number


_RANK = {"captured": 0, "undated": 1, "outside": 2, "pending": 3, "failed": 4, "excluded": 5}


def unexplained_addresses(session: Session, walk: int) -> list[str]:
    """The addresses without an end that carry no reason either, because nobody has tried them yet."""
    pages = select(WalkPageRow.url).where(
        WalkPageRow.walk_pk == walk, WalkPageRow.state == "waiting", WalkPageRow.reason.is_(None)
    )
    left = _joined(select(LinkRow.url), walk).where(_state() == "pending", _why().is_(None))
    return [*session.scalars(pages.order_by(WalkPageRow.pk)), *session.scalars(left.order_by(LinkRow.pk))]


def unaccounted_addresses(session: Session, walk: int, *, limit: int | None = None) -> list[str]:
    """The addresses of the requests, links and captures of others that have no end yet. Once the walk is over, there are none."""
    pages = select(WalkPageRow.url).where(WalkPageRow.walk_pk == walk, WalkPageRow.state == "waiting")
    left = _joined(select(LinkRow.url), walk).where(_state() == "pending")
    captures = (
        select(MementoRow.url)
        .join(WalkLinkRow, WalkLinkRow.link_pk == MementoRow.link_pk)
        .join(WalkRow, and_(WalkRow.pk == WalkLinkRow.walk_pk, WalkRow.channel == MementoRow.channel))
        .where(WalkLinkRow.walk_pk == walk, WalkLinkRow.reason.is_(None), MementoRow.state == "waiting")
    )
    return [
        *session.scalars(pages.order_by(WalkPageRow.pk).limit(limit)),
        *session.scalars(left.order_by(WalkLinkRow.link_pk).limit(limit)),
        *session.scalars(captures.order_by(WalkLinkRow.link_pk, MementoRow.timestamp).limit(limit)),
    ]


def _joined(statement: Select[*tuple[Any, ...]], walk: int) -> Select[*tuple[Any, ...]]:
    """A statement over the walk's links, each joined with the canonical address that stands for it and with its article."""
    stands_for = and_(
        LinkRow.state == "alias",
        LinkRow.article_pk.is_(None),
        _Target.source_id == LinkRow.source_id,
        _Target.url_key == LinkRow.canonical_key,
    )
    shown = and_(
        RevisionRow.article_pk == ArticleRow.pk, RevisionRow.number == func.coalesce(ArticleRow.current_revision, 1)
    )
    return (
        statement.select_from(WalkLinkRow)
        .join(LinkRow, LinkRow.pk == WalkLinkRow.link_pk)
        .outerjoin(_Target, stands_for)
        .outerjoin(ArticleRow, ArticleRow.pk == func.coalesce(LinkRow.article_pk, _Target.article_pk))
        .outerjoin(RevisionRow, shown)
        .where(WalkLinkRow.walk_pk == walk)
    )


def _state() -> ColumnElement[str]:
    """What became of a link: `captured`, `excluded`, `failed` or `pending`.

    A link that the walk does not want and that an earlier crawl captured is excluded from this walk.
    """
    state = func.coalesce(_Target.state, LinkRow.state)
    return case(
        (WalkLinkRow.reason.is_not(None), "excluded"),
        (ArticleRow.pk.is_not(None), "captured"),
        (state.in_(("excluded", "failed")), state),
        else_="pending",
    )


def _why() -> ColumnElement[str | None]:
    return case(
        (WalkLinkRow.reason.is_not(None), WalkLinkRow.reason),
        (ArticleRow.pk.is_not(None), None),
        else_=func.coalesce(_Target.reason, LinkRow.reason),
    )


def _place(session: Session, row: WalkRow) -> ColumnElement[str | None]:
    """The place of an article by its own date: `inside` or `outside` the window, or NULL where it has no date.

    A date of which only the day is known is stored as midnight UTC.
    """
    zone = session.scalar(select(SourceRow.timezone).where(SourceRow.id == row.source_id))
    at = RevisionRow.published_at
    start, end = bounds(row.first, zone)[0], bounds(row.last, zone)[1]
    first = datetime.combine(date.fromisoformat(row.first), time(), start.tzinfo)
    after = datetime.combine(date.fromisoformat(row.last), time(), start.tzinfo) + timedelta(days=1)
    only_day = RevisionRow.published["precision"].as_string() == "day"
    within = case((only_day, and_(at >= first, at < after)), else_=and_(at >= start, at < end))
    return case((at.is_(None), None), (within, "inside"), else_="outside")


# --- rows


def _walks(source_id: str, channel: str, window: Period) -> Select[WalkRow]:
    return select(WalkRow).where(
        WalkRow.source_id == source_id,
        WalkRow.channel == channel,
        WalkRow.first == window.first.isoformat(),
        WalkRow.last == window.last.isoformat(),
    )


def _walk(row: WalkRow) -> Walk:
    window = Period(date.fromisoformat(row.first), date.fromisoformat(row.last))
    return Walk(row.pk, row.source_id, row.channel, window, "open" if row.state == "open" else "ended", row.reason)


def _page(row: WalkPageRow) -> WalkPage:
    form = tuple((str(name), str(value)) for name, value in row.form)
    return WalkPage(
        row.key,
        row.url,
        "POST" if row.method == "POST" else "GET",
        form,
        row.chain,
        row.number,
        row.pk,
        row.offset or 0,
    )


def _shown(row: WalkPageRow) -> PageFacts:
    newest = date.fromisoformat(row.newest) if row.newest else None
    return PageFacts(row.key, row.links or 0, row.fresh or 0, newest, row.shown or "")


def _add_links(session: Session, walk: int, reasons: dict[int, str | None]) -> None:
    """Add links to a walk. A link may be shown twice, with different hints: if it is wanted once, it is wanted."""
    known: dict[int, WalkLinkRow] = {}
    for chunk in chunks(reasons):
        rows = select(WalkLinkRow).where(WalkLinkRow.walk_pk == walk, WalkLinkRow.link_pk.in_(chunk))
        known.update((row.link_pk, row) for row in session.scalars(rows))
    for pk, reason in reasons.items():
        row = known.get(pk)
        if row is None:
            session.add(WalkLinkRow(walk_pk=walk, link_pk=pk, reason=reason))
        elif reason is None:
            row.reason = None
    session.flush()


def _name(reason: str | None) -> str:
    return (reason or "unknown").partition(":")[0]
