"""Health of sources: the facts that are assessed, read for all sources at once, and the alarms that follow."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import String, and_, cast, func, literal, or_, select, union_all, update
from sqlalchemy.orm import Session, aliased

from archive.model.decisions.health import (
    BEFORE,
    FIELDS,
    LEAST_BLOCKED,
    RECENT,
    AlarmKind,
    ArticleFacts,
    ChannelFacts,
    DayFacts,
)
from archive.storage.queries import pairs
from archive.tables import (
    AlarmRow,
    ArticleRow,
    ChannelRow,
    CoverageRow,
    LinkRow,
    MetaRow,
    ObservationRow,
    RevisionRow,
    SourceRow,
)

LOOKS_WITHIN = timedelta(days=1)
NEWS = timedelta(days=1)
SOURCES_AT_ONCE = 50
"""Sources whose newest articles are read in one query."""

_TURN = "health_judged_last"


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """An alarm that was opened or closed. `pk` is its key in the archive."""

    pk: int
    event: Literal["alarm.opened", "alarm.closed"]
    source_id: str
    source_name: str
    kind: str
    detail: str
    opened_at: datetime
    closed_at: datetime | None


# --- facts, each kind by one query over all sources


def channel_facts(session: Session) -> dict[str, dict[str, ChannelFacts]]:
    """How the last polls went, by source and channel key."""
    found: defaultdict[str, dict[str, ChannelFacts]] = defaultdict(dict)
    rows = session.execute(
        select(
            ChannelRow.source_id,
            ChannelRow.key,
            ChannelRow.ok_at,
            ChannelRow.failures,
            ChannelRow.detail,
            ChannelRow.newest_at,
            ChannelRow.latest_at,
        )
    )
    for source_id, key, ok_at, failures, detail, newest_at, latest_at in rows:
        found[source_id][key] = ChannelFacts(key, ok_at, failures, detail, newest_at, latest_at)
    return found


def found_since(session: Session) -> dict[str, datetime]:
    """The time, by source, at which something never seen before was last found, else the time at which the source was added."""
    newest = select(func.max(LinkRow.found_at)).where(LinkRow.source_id == SourceRow.id).scalar_subquery()
    rows = session.execute(select(SourceRow.id, newest, SourceRow.added_at))
    return {source_id: found_at or added_at for source_id, found_at, added_at in rows}


def day_facts(session: Session, days: Collection[str]) -> dict[tuple[str, str], DayFacts]:
    """These days of the coverage ledger, by source id and day."""
    rows = session.execute(
        select(CoverageRow.source_id, CoverageRow.day, CoverageRow.found, CoverageRow.polls_ok).where(
            CoverageRow.day.in_(sorted(days))
        )
    )
    return {(source_id, day): DayFacts(day, found, polls) for source_id, day, found, polls in rows}


def look_facts(session: Session, now: datetime) -> dict[str, tuple[int, int]]:
    """The number of looks of the last day and of those refused, by source. Only sources where several were refused are in it.

    Refused are looks at articles, and links that wait for another try, or were given up, because of a refusal.
    """
    since = now - LOOKS_WITHIN
    blocked = and_(ObservationRow.observed_at >= since, ObservationRow.outcome == "blocked")
    looks = select(ArticleRow.source_id).join(ObservationRow, ObservationRow.article_pk == ArticleRow.pk)
    refused = Counter(session.scalars(looks.where(blocked)))
    is_block = or_(
        LinkRow.reason.like("HTTP 4%"), LinkRow.reason.like("challenge%"), LinkRow.reason.like("login-wall%")
    )
    links = (
        select(LinkRow.source_id, func.count())
        .where(is_block, LinkRow.reason.not_in(("HTTP 404", "HTTP 410")), LinkRow.tried_at >= since)
        .group_by(LinkRow.source_id)
    )
    waiting = pairs(session, links.where(LinkRow.state == "pending"))
    given_up = pairs(session, links.where(LinkRow.is_failed(), LinkRow.found_at >= since))
    at_links = Counter(waiting) + Counter(given_up)
    suspects = [source_id for source_id, number in (refused + at_links).items() if number >= LEAST_BLOCKED]
    if not suspects:
        return {}
    # First the looks, by their time: to count them by source, SQLite would read all articles in the order of their sources.
    made = looks.where(ObservationRow.observed_at >= since).cte("made").prefix_with("MATERIALIZED")
    of_all = pairs(session, select(made.c.source_id, func.count()).group_by(made.c.source_id))
    return {
        source_id: (of_all.get(source_id, 0) + at_links[source_id], refused[source_id] + at_links[source_id])
        for source_id in suspects
    }


def article_facts(session: Session, source_ids: Iterable[str]) -> dict[str, list[ArticleFacts]]:
    """The newest articles of these sources, newest first. Withheld articles have no text and are left out."""
    wanted = sorted(source_ids)
    found: dict[str, list[ArticleFacts]] = {source_id: [] for source_id in wanted}
    for start in range(0, len(wanted), SOURCES_AT_ONCE):
        rows = session.execute(_newest_articles(wanted[start : start + SOURCES_AT_ONCE]))
        for source_id, _, length, *flags in rows:
            facts = tuple(map(bool, flags))  # NULL: the page's provenance does not name the field
            found[source_id].append(ArticleFacts(length, facts[: len(FIELDS)], facts[len(FIELDS) :]))
    return found


def _newest_articles(source_ids: Sequence[str]) -> Any:
    """For each source its newest articles, by the index: a window over all articles would read the whole archive."""
    newest = []
    for place, source_id in enumerate(source_ids):
        found = (
            select(ArticleRow.pk)
            .where(ArticleRow.source_id == source_id, ArticleRow.current_revision.is_not(None))
            .order_by(ArticleRow.first_seen_at.desc(), ArticleRow.pk.desc())
            .limit(RECENT + BEFORE)
            .subquery()
        )
        newest.append(select(found.c.pk, literal(place).label("place")))
    keys = union_all(*newest).subquery()
    article, revision = aliased(ArticleRow), aliased(RevisionRow)
    there = {
        "title": revision.title.is_not(None),
        "lead": revision.lead.is_not(None),
        "authors": cast(revision.authors, String) != "[]",
        "published_at": revision.published_at.is_not(None),
        "body": revision.body.is_not(None),
    }
    return (
        select(
            article.source_id,
            article.pk,
            func.coalesce(func.length(revision.body), 0),
            *(there[name] for name in FIELDS),
            *(revision.provenance[name].as_string() == "registry" for name in FIELDS),
        )
        .join(keys, keys.c.pk == article.pk)
        .join(revision, and_(revision.article_pk == article.pk, revision.number == article.current_revision))
        .order_by(keys.c.place, article.first_seen_at.desc(), article.pk.desc())
    )


def next_in_turn(session: Session, source_ids: Iterable[str], number: int) -> list[str]:
    """The sources whose texts are assessed next. They are a few each time, so that an upkeep costs the same however many
    sources there are.
    """
    row = session.get(MetaRow, _TURN)
    listed = sorted(source_ids)
    start = bisect_right(listed, row.value) if row else 0
    return (listed[start:] + listed[:start])[:number]


def mark_turn(session: Session, judged: Sequence[str]) -> None:
    """Record that these sources had their turn."""
    if judged:
        session.merge(MetaRow(key=_TURN, value=judged[-1]))


def paused_sources(session: Session) -> set[str]:
    """The sources whose polls somebody holds back."""
    return set(session.scalars(select(SourceRow.id).where(SourceRow.paused_at.is_not(None))))


def open_alarms(session: Session) -> dict[str, dict[str, str]]:
    """The detail of each open alarm, by source and kind."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    rows = select(AlarmRow.source_id, AlarmRow.kind, AlarmRow.detail).where(AlarmRow.closed_at.is_(None))
    for source_id, kind, detail in session.execute(rows):
        found[source_id][kind] = detail
    return found


# --- alarms


def raise_alarms(
    session: Session, found: Mapping[str, Sequence[tuple[AlarmKind, str]]], now: datetime
) -> tuple[list[AlarmEvent], list[AlarmEvent]]:
    """Open an alarm for everything found that has none, and close those of which nothing is found any more. Return both: those
    opened, and those closed.

    A source that is not in `found` is not followed. Nobody needs to look at it, so its alarms are closed.
    """
    wanted = {(source_id, kind): detail for source_id, kinds in found.items() for kind, detail in kinds}
    rows = {
        (row.source_id, row.kind): row for row in session.scalars(select(AlarmRow).where(AlarmRow.closed_at.is_(None)))
    }
    closed = [row for key, row in rows.items() if key not in wanted]
    for row in closed:
        row.closed_at = now
    opened = [
        AlarmRow(source_id=source_id, kind=kind, opened_at=now, detail=detail)
        for (source_id, kind), detail in wanted.items()
        if (source_id, kind) not in rows
    ]
    session.add_all(opened)
    session.flush()
    names = pairs(session, select(SourceRow.id, SourceRow.name)) if opened or closed else {}
    return (
        [_happening(row, "alarm.opened", names[row.source_id]) for row in opened],
        [_happening(row, "alarm.closed", names[row.source_id]) for row in closed],
    )


def undelivered_events(session: Session, now: datetime, limit: int) -> list[AlarmEvent]:
    """The events that the webhook has not been sent yet, oldest first. The opening of an alarm comes before its closing.

    An alarm that nobody was sent and that has been closed for long is no news any more.
    """
    rows = session.execute(
        select(AlarmRow, SourceRow.name)
        .join(SourceRow, SourceRow.id == AlarmRow.source_id)
        .where(
            or_(
                and_(
                    AlarmRow.opening_told_at.is_(None),
                    or_(AlarmRow.closed_at.is_(None), AlarmRow.closed_at >= now - NEWS),
                ),
                and_(
                    AlarmRow.opening_told_at.is_not(None),
                    AlarmRow.closed_at.is_not(None),
                    AlarmRow.closing_told_at.is_(None),
                ),
            )
        )
        .order_by(AlarmRow.pk)
        .limit(limit)
    )
    found: list[AlarmEvent] = []
    for row, name in rows:
        if row.opening_told_at is None:
            found.append(_happening(row, "alarm.opened", name))
        if row.closed_at is not None:
            found.append(_happening(row, "alarm.closed", name))
    return sorted(found, key=lambda each: each.closed_at or each.opened_at)


def mark_delivered(session: Session, told: Iterable[AlarmEvent], now: datetime) -> None:
    """Record that the webhook has taken these events."""
    for each in told:
        column = AlarmRow.opening_told_at if each.event == "alarm.opened" else AlarmRow.closing_told_at
        session.execute(update(AlarmRow).where(AlarmRow.pk == each.pk).values({column: now}))


def _happening(row: AlarmRow, event: Literal["alarm.opened", "alarm.closed"], name: str) -> AlarmEvent:
    closed_at = row.closed_at if event == "alarm.closed" else None
    return AlarmEvent(row.pk, event, row.source_id, name, row.kind, row.detail, row.opened_at, closed_at)
