"""One article: as it is, as it was, and what changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import Session

from archive.errors import UsageError
from archive.model.capture import Origin, OriginKind
from archive.model.decisions.diff import diff_revisions
from archive.model.revision import Outcome
from archive.query.base import NotFound, Reader, reading
from archive.query.load import capture_order, load_articles
from archive.query.refs import resolve
from archive.query.spoken import Bound
from archive.query.views import ArticleView, History, Look, RevisionDiff, RevisionView
from archive.query.when import end_instant
from archive.tables import ArticleRow, CaptureRow, ObservationRow, RevisionRow


def get(reader: Reader, ref: str, *, number: int | None = None, as_of: Bound | None = None) -> ArticleView:
    """The article that `ref` names (its id or any of its addresses), with the revision asked for.

    By default that is the revision last seen, else the one with this `number`, or the one that was in force `as_of` a time.

    Raises:
        NotFound: There is no such article or revision.
        Ambiguous: The reference fits several articles.
    """
    if number is not None and as_of is not None:
        raise UsageError("a revision is chosen by its number or by a time, not both")
    with reading(reader) as session:
        pk = resolve(session, ref)
        view = load_articles(session, [pk])[0]
        if number is not None:
            return replace(view, revision=_numbered(view, number))
        if as_of is not None:
            return replace(view, revision=_as_of(session, pk, view, as_of))
        return view


def revision(reader: Reader, ref: str, *, number: int | None = None, as_of: Bound | None = None) -> RevisionView:
    """One revision of an article. `get` describes the arguments.

    Raises:
        NotFound: There is no such article or revision, or its text is withheld.
        Ambiguous: The reference fits several articles.
    """
    view = get(reader, ref, number=number, as_of=as_of)
    if view.revision is None:
        raise _withheld(view)
    return view.revision


def history(reader: Reader, ref: str) -> History:
    """The revisions of an article and all looks at it, ours and those of others, by the time of capture, oldest first.

    Raises:
        NotFound: There is no such article.
        Ambiguous: The reference fits several articles.
    """
    with reading(reader) as session:
        pk = resolve(session, ref)
        view = load_articles(session, [pk])[0]
        written = select(RevisionRow.capture_pk, RevisionRow.number).where(RevisionRow.article_pk == pk)
        wrote = {row.capture_pk: row.number for row in session.execute(written)}
        rows = session.execute(
            select(
                ObservationRow.observed_at,
                ObservationRow.outcome,
                ObservationRow.detail,
                ObservationRow.revision_number,
                ObservationRow.capture_pk,
                CaptureRow.status,
                CaptureRow.captured_at,
                CaptureRow.origin,
                CaptureRow.origin_url,
                CaptureRow.origin_offset,
            )
            .outerjoin(CaptureRow, CaptureRow.pk == ObservationRow.capture_pk)
            .where(ObservationRow.article_pk == pk)
            .order_by(*in_time())
        )
        looks = tuple(
            Look(
                observed_at=at,
                captured_at=captured_at,
                origin=Origin(cast(OriginKind, origin or "live"), url, offset),
                outcome=cast(Outcome, outcome),
                detail=detail,
                revision=number,
                wrote=capture is not None and number is not None and wrote.get(capture) == number,
                http_status=status,
            )
            for at, outcome, detail, number, capture, status, captured_at, origin, url, offset in rows
        )
        return History(view, looks)


def diff(reader: Reader, ref: str, old: int | None = None, new: int | None = None) -> RevisionDiff:
    """What changed from revision `old` to `new`. By default these are the last two in time. With `old` alone, `new` is the
    last.

    Raises:
        NotFound: There is no such article or revision.
        Ambiguous: The reference fits several articles.
        UsageError: There is nothing to compare.
    """
    view = get(reader, ref)
    if view.withheld_because is not None:
        raise _withheld(view)
    if len(view.revisions) < 2 and old is None:
        raise UsageError(
            f"{view.id} has one revision: nothing to compare", hint=f"`dateline history {view.id}` lists all looks."
        )
    before = _numbered(view, old if old is not None else view.revisions[-2].number)
    after = _numbered(view, new if new is not None else view.revisions[-1].number)
    return RevisionDiff(view, before, after, tuple(diff_revisions(before, after)))


def in_time() -> tuple[ColumnElement[Any], ...]:
    """The order in time of observations, joined with their captures."""
    at = func.coalesce(CaptureRow.captured_at, ObservationRow.observed_at)
    return at, capture_order(), ObservationRow.pk.expression


def in_force(article_pk: ColumnElement[int], before: ColumnElement[datetime] | datetime) -> ScalarSelect[int | None]:
    """The number of the revision that the last look before a time showed. Looks that show no text leave it as it is.

    What counts is the time at which the page was captured. Looks without a capture count by the time at which we recorded them.
    """
    looked_at = func.coalesce(CaptureRow.captured_at, ObservationRow.observed_at)
    return (
        select(ObservationRow.revision_number)
        .outerjoin(CaptureRow, CaptureRow.pk == ObservationRow.capture_pk)
        .where(
            ObservationRow.article_pk == article_pk,
            looked_at < before,
            ObservationRow.revision_number.is_not(None),
        )
        .order_by(*(key.desc() for key in in_time()))
        .limit(1)
        .scalar_subquery()
    )


def _numbered(view: ArticleView, number: int) -> RevisionView:
    if view.withheld_because is not None:
        raise _withheld(view)
    for candidate in view.revisions:
        if candidate.number == number:
            return candidate
    raise NotFound(f"{view.id} has no revision {number}", hint=f"It has {_range(view)}.")


def _as_of(session: Session, pk: int, view: ArticleView, as_of: Bound) -> RevisionView:
    if view.withheld_because is not None:
        raise _withheld(view)
    number = session.scalar(
        select(in_force(ArticleRow.pk.expression, end_instant(as_of, view.timezone))).where(ArticleRow.pk == pk)
    )
    if number is None:
        raise NotFound(
            f"{view.id} was not in the archive at {as_of.isoformat()}",
            hint=f"It was first seen at {view.first_seen_at:%Y-%m-%dT%H:%M:%SZ}.",
        )
    return _numbered(view, number)


def _withheld(view: ArticleView) -> NotFound:
    return NotFound(
        f"{view.id}: its publisher does not allow keeping the text ({view.withheld_because})",
        hint=f"`dateline history {view.id}` lists the looks at it.",
    )


def _range(view: ArticleView) -> str:
    if not view.revisions:
        return "none"
    last = len(view.revisions)
    return "revision 1" if last == 1 else f"revisions 1 to {last}"
