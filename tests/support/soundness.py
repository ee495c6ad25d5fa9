"""What must hold of an archive, whatever its daemon went through: nothing lost, nothing twice, nothing stuck, limits kept.

Each check returns its findings as lines; none is as it should be.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import func, or_, select

from archive.storage.session import Archive
from archive.tables import ArticleRow, CaptureRow, HostSlotRow, JobRow, ObservationRow, RevisionRow, WorkerRow
from archive.verify import verify
from dateline.newsroom import ArticleTruth, Newsroom, Request
from dateline.newsroom.truth import listed
from support.chaos import HANG, Outage

EXACT = 0.03
"""Seconds by which the newsroom may note a request later than it was sent, on a machine that has other things to do."""
TORN = 1.5
"""Seconds around the death of a process in which something was under way that nobody could note."""


def lost(room: Newsroom, held: Iterable[Mapping[str, Any]], quiet_since: datetime, end: datetime) -> list[str]:
    """Articles that the feeds showed from `quiet_since` to `end` and that are not held, and those held without text."""
    by_url = {row["canonical_url"]: row for row in held}
    shown = listed(room.sites, quiet_since) & listed(room.sites, end)
    found = []
    for article in room.truth(end):
        if article.id not in shown or article.forbidden:
            continue
        row = next((by_url[url] for url in (article.url, *article.moved_from) if url in by_url), None)
        if row is None:
            found.append(f"{article.id} is not held")
        elif not article.withheld and not row["revisions"]:
            found.append(f"{article.id} is held without a text")
    return found


def until_nothing_is_lost(
    room: Newsroom,
    export: Callable[[], list[dict[str, Any]]],
    quiet_since: datetime,
    end: datetime,
    seconds: float = 120.0,
) -> list[str]:
    """Give the daemon time to bring in what it owes: as long as it takes on a busy machine, up to so many seconds; returns what
    is lost then."""
    deadline = time.monotonic() + seconds
    while (found := lost(room, export(), quiet_since, end)) and time.monotonic() < deadline:
        time.sleep(1.0)
    return found


def untrue(room: Newsroom, held: Iterable[Mapping[str, Any]], end: datetime) -> list[str]:
    """Articles held twice or that do not exist, and revisions that were never published, or in another order."""
    truth = {
        url: article for article in room.truth(end) for url in (article.url, *article.aliases, *article.moved_from)
    }
    found, copies = [], Counter[str]()
    for row in held:
        article = truth.get(row["canonical_url"])
        if article is None:
            found.append(f"{row['canonical_url']} is no article")
            continue
        if row["duplicate_of"] is None and row["canonical_url"] not in article.moved_from:
            copies[article.id] += 1
        found += [f"{article.id}: {line}" for line in _untrue_revisions(row, article)]
    return found + [f"{name} is held {number} times" for name, number in copies.items() if number > 1]


def _untrue_revisions(row: Mapping[str, Any], article: ArticleTruth) -> list[str]:
    published = [(state.title, "\n".join(state.body)) for state in article.states]
    kept = [(revision["title"], revision["body"]) for revision in row["revisions"]]
    place = 0
    for number, state in enumerate(kept, 1):
        if state not in published[place:]:
            return [f"revision {number} ({state[0]!r}) was not published after the one before it"]
        place = published.index(state, place)
    return []


def twice(archive: Archive, room: Newsroom) -> list[str]:
    """Rows that came from one request and are two."""
    found = []
    with archive.reading() as session:
        for column in (ObservationRow.capture_pk, ObservationRow.article_pk):
            doubled = session.execute(
                select(column, ObservationRow.observed_at, func.count())
                .where(column.is_not(None))
                .group_by(column, ObservationRow.observed_at)
                .having(func.count() > 1)
            )
            found += [f"{n} observations of {column.key} {pk} at {at}" for pk, at, n in doubled]
        for pk, n in session.execute(
            select(ObservationRow.capture_pk, func.count())
            .where(ObservationRow.capture_pk.is_not(None))
            .group_by(ObservationRow.capture_pk)
            .having(func.count() > 1)
        ):
            found.append(f"{n} observations of capture {pk}")
        hashes = session.execute(
            select(RevisionRow.article_pk, RevisionRow.number, RevisionRow.field_hashes).order_by(
                RevisionRow.article_pk, RevisionRow.number
            )
        ).all()
        for pk, revisions in groupby(hashes, key=lambda row: row.article_pk):
            for before, after in pairwise(revisions):
                if before.field_hashes == after.field_hashes:
                    found.append(f"article {pk}: revisions {before.number} and {after.number} have one state")
        captures = Counter(session.scalars(select(CaptureRow.url)))
        looks = Counter(
            session.scalars(
                select(ArticleRow.url)
                .join(ObservationRow, ObservationRow.article_pk == ArticleRow.pk)
                .where(ObservationRow.capture_pk.is_(None), ObservationRow.detail == "304")
            )
        )
    answered = Counter((r.host, r.path) for r in room.log() if r.status is not None)
    for url in captures.keys() | looks.keys():
        host, _, path = url.partition("://")[2].partition("/")
        asked = answered[host.partition(":")[0], f"/{path}"]
        if captures[url] + looks[url] > asked:
            found.append(f"{url}: {captures[url]} captures and {looks[url]} unchanged looks of {asked} answers")
    return found


def damaged(archive: Archive, *folders: Path) -> list[str]:
    """What `dateline verify` finds wrong, whichever of the folders it looks into."""
    problems: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for folder in folders:
        for found in verify(archive, folder):
            problems[found.kind, found.subject].append(f"{found.url}: {found.problem}")
    return [lines[0] for lines in problems.values() if len(lines) == len(folders)]


def stuck(archive: Archive) -> list[str]:
    """What a process that has ended still has, and processes that ended without anybody's noting it. For the time after the
    end, when none works any more."""
    over = or_(WorkerRow.pk.is_(None), WorkerRow.ended_at.is_not(None))
    with archive.reading() as session:
        jobs = session.execute(
            select(JobRow.source_id, JobRow.kind, WorkerRow.name)
            .outerjoin(WorkerRow, WorkerRow.pk == JobRow.worker_pk)
            .where(JobRow.state == "leased", over)
        ).all()
        slots = session.execute(
            select(HostSlotRow.host, WorkerRow.name)
            .join(WorkerRow, WorkerRow.pk == HostSlotRow.worker_pk)
            .where(WorkerRow.ended_at.is_not(None))
        ).all()
        workers = session.execute(
            select(WorkerRow.name, WorkerRow.started_at).where(WorkerRow.ended_at.is_(None))
        ).all()
    return [
        *(f"{kind} of {source} is leased by {name}, which has ended" for source, kind, name in jobs),
        *(f"{host} is held by {name}, which has ended" for host, name in slots),
        *(f"{name}, started at {at}, has not ended" for name, at in workers),
    ]


def rude(
    log: Sequence[Request],
    speed: float,
    delays: Mapping[str, float],
    outages: Sequence[Outage] = (),
    interrupted: Sequence[float] = (),
    thawed: Sequence[float] = (),
) -> list[str]:
    """Requests that came while the host was answering another, before its delay had passed (`delays`: seconds of the newsroom by
    host), or in a pause that it had asked for (Retry-After). `interrupted`, `thawed`: see Chaos. What a
    process had handed out when it was frozen nobody can take back: it may come at any time."""
    breaks = sorted(interrupted)
    found = []
    by_host: defaultdict[str, list[Request]] = defaultdict(list)
    for request in sorted(log, key=lambda r: r.at):
        by_host[request.host].append(request)
    for host, requests in by_host.items():
        of_host = [outage for outage in outages if outage.host == host]
        quiet_until, because = 0.0, requests[0]
        for before, after in pairwise(requests):
            begun, next_begun = before.at.timestamp(), after.at.timestamp()
            if _any_between(sorted(thawed), begun - TORN, next_begun):
                continue
            cut = _any_between(breaks, begun - TORN, next_begun + EXACT)
            tolerance = EXACT + (0.3 if cut else 0.0)
            if (pause := _retry_after(before, of_host)) is not None and not _any_between(
                breaks, begun - TORN, begun + TORN
            ):
                quiet_until, because = max(quiet_until, begun + pause / speed), before
            busy = 0.0 if cut else _hangs(before, of_host) or before.seconds
            if next_begun < begun + busy - tolerance:
                found.append(
                    f"{host}: {after.path} at {after.at:%T.%f} while {before.path} of {before.at:%T.%f} went on"
                )
            gap = (next_begun - begun + tolerance) * speed
            if gap < delays.get(host, 0.0):
                found.append(
                    f"{host}: {after.path} at {after.at:%T.%f}, {gap:.0f} s after {before.path}"
                    f"{', with a death between them' if cut else ''}"
                )
            if next_begun < quiet_until - tolerance:
                found.append(f"{host}: {after.path} at {after.at:%T.%f}, in the pause asked for at {because.at:%T.%f}")
    return found


def _any_between(moments: Sequence[float], start: float, end: float) -> bool:
    place = bisect_left(moments, start)
    return place < len(moments) and moments[place] <= end


def _retry_after(request: Request, outages: Iterable[Outage]) -> float | None:
    """The pause that the host asked for with its answer, in seconds of the newsroom."""
    at = request.at.timestamp()
    for outage in outages:
        if request.status == int(outage.mode if outage.retry_after else 0) and outage.began <= at <= outage.ended:
            return outage.retry_after
    return None


def _hangs(request: Request, outages: Iterable[Outage]) -> float:
    """Seconds for which the host let the request wait, beyond what the log says."""
    at = request.at.timestamp()
    silent = any(outage.mode == "hang" and outage.began <= at <= outage.ended for outage in outages)
    return HANG if silent and request.status is None else 0.0
