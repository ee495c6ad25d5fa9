"""Views from rows, for many articles at once. The number of statements is the same whatever the number of articles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, case, func, select
from sqlalchemy.orm import Session, aliased

from archive.model.article import ArticleStatus, Caption, ClaimedTime, Relation, TextScope
from archive.model.capture import Origin, rights_of
from archive.query.views import ArticleView, LineageView, RevisionView
from archive.tables import (
    AliasRow,
    ArticleRow,
    CaptureRow,
    LineageRow,
    ObservationRow,
    PlacementRow,
    RevisionRow,
    SourceRow,
)

WITHHELD = "withheld"


def claimed(at: datetime | None, claim: Mapping[str, Any] | None) -> ClaimedTime | None:
    """A claimed time, from its column and the JSON beside it. None means that no time is stored."""
    if at is None:
        return None
    known = claim or {}
    return ClaimedTime(
        at=at,
        precision=known.get("precision", "second"),
        raw=known.get("raw", ""),
        source=known.get("source", ""),
        confidence=known.get("confidence", 0.0),
        zone=known.get("zone"),
    )


def load_articles(session: Session, pks: Sequence[int]) -> list[ArticleView]:
    """The views of the articles with these keys, in this order. `revision` is the one last seen."""
    # Columns instead of mapped objects: nothing stays in the session, however many are loaded one after the other.
    target = aliased(ArticleRow)
    rows = {
        row.pk: row
        for row in session.execute(
            select(
                ArticleRow.__table__,
                SourceRow.name.label("source_name"),
                SourceRow.country,
                func.coalesce(SourceRow.timezone, "UTC").label("timezone"),
                target.id.label("moved_to"),
            )
            .join(SourceRow, SourceRow.id == ArticleRow.source_id)
            .outerjoin(target, target.pk == ArticleRow.moved_to_pk)
            .where(ArticleRow.pk.in_(pks))
        )
    }
    open_pks = [pk for pk, row in rows.items() if row.status != WITHHELD]
    revisions = _revisions(session, open_pks)
    aliases = _aliases(session, pks)
    lineage = _lineage(session, pks)
    reasons = _withheld_because(session, [pk for pk in rows if pk not in set(open_pks)])
    return [_view(rows[pk], revisions[pk], aliases[pk], lineage[pk], reasons.get(pk)) for pk in pks if pk in rows]


def _view(
    article: Row[Any],
    revisions: Sequence[RevisionView],
    aliases: Sequence[str],
    lineage: Sequence[LineageView],
    reason: str | None,
) -> ArticleView:
    return ArticleView(
        id=article.id,
        source=article.source_id,
        source_name=article.source_name,
        timezone=article.timezone,
        url=article.url,
        canonical_url=article.canonical_url,
        original_url=article.original_url,
        status=cast(ArticleStatus, article.status),
        text_scope=cast(TextScope, article.text_scope),
        declared_language=article.declared_language,
        first_seen_at=article.first_seen_at,
        last_seen_at=article.last_seen_at,
        looked_at=article.looked_at,
        aliases=tuple(aliases),
        lineage=tuple(lineage),
        revisions=tuple(revisions),
        revision=next((r for r in revisions if r.number == article.current_revision), None),
        withheld_because=(reason or "not recorded") if article.status == WITHHELD else None,
        duplicate_of=article.moved_to,
        country=article.country,
        noarchive=rights_of(article.rights).noarchive,
    )


def _revisions(session: Session, pks: Sequence[int]) -> Mapping[int, list[RevisionView]]:
    found: defaultdict[int, list[RevisionView]] = defaultdict(list)
    since = func.coalesce(PlacementRow.since, RevisionRow.captured_at)
    rows = session.execute(
        select(
            RevisionRow.__table__,
            CaptureRow.warc_file,
            CaptureRow.warc_offset,
            CaptureRow.origin,
            CaptureRow.origin_url,
            CaptureRow.origin_offset,
            since.label("since"),
            func.coalesce(PlacementRow.changes, RevisionRow.changes).label("changes_in_time"),
        )
        .join(CaptureRow, CaptureRow.pk == RevisionRow.capture_pk)
        .outerjoin(PlacementRow, PlacementRow.revision_pk == RevisionRow.pk)
        .where(RevisionRow.article_pk.in_(pks))
        .order_by(RevisionRow.article_pk, since, func.coalesce(PlacementRow.tie, capture_order()), RevisionRow.number)
    )
    for row in rows:
        found[row.article_pk].append(
            RevisionView(
                number=row.number,
                captured_at=row.captured_at,
                title=row.title,
                lead=row.lead,
                body=row.body,
                authors=tuple(row.authors),
                captions=tuple(Caption(c.get("text"), c.get("credit"), c.get("image_url")) for c in row.captions),
                language=row.language,
                published=claimed(row.published_at, row.published),
                modified=claimed(row.modified_at, row.modified),
                content_hash=row.content_hash,
                changes=tuple(row.changes_in_time),
                extractor=row.extractor,
                provenance=row.provenance,
                reasons=row.reasons,
                warc_file=row.warc_file,
                warc_offset=row.warc_offset,
                first_captured_at=row.since,
                origin=Origin(row.origin, row.origin_url, row.origin_offset),
                noarchive=row.noarchive,
            )
        )
    return found


def capture_order() -> ColumnElement[str]:
    """The order of captures of one instant, as `archive.model.decisions.historical.time_key` gives it.

    Our own captures are in the order in which they were made.
    """
    digest = func.coalesce(CaptureRow.payload_digest, "")
    return case((func.coalesce(CaptureRow.origin, "live") == "live", "live "), else_=CaptureRow.origin + " " + digest)


def _aliases(session: Session, pks: Sequence[int]) -> Mapping[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    wanted = select(AliasRow.article_pk, AliasRow.url).where(AliasRow.article_pk.in_(pks))
    for pk, url in session.execute(wanted.order_by(AliasRow.first_seen_at, AliasRow.url_key)):
        found[pk].append(url)
    return found


def _lineage(session: Session, pks: Sequence[int]) -> Mapping[int, list[LineageView]]:
    wanted = select(LineageRow.__table__).where(LineageRow.article_pk.in_(pks)).order_by(LineageRow.pk)
    rows = session.execute(wanted).all()
    originals = _originals(session, {row.url_key for row in rows if row.url})
    found: defaultdict[int, list[LineageView]] = defaultdict(list)
    for row in rows:
        pk, article_id = originals.get(row.url_key, (None, None)) if row.url else (None, None)
        found[row.article_pk].append(
            LineageView(
                relation=cast(Relation, row.relation),
                article_id=article_id if pk != row.article_pk else None,
                url=row.url,
                name=row.name,
                evidence=tuple(row.evidence),
                copied_share=row.copied_share,
            )
        )
    return found


def _originals(session: Session, keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Articles known by these URL keys; of several, the one filed first."""
    wanted = (
        select(AliasRow.url_key, ArticleRow.pk, ArticleRow.id)
        .join(ArticleRow, ArticleRow.pk == AliasRow.article_pk)
        .where(AliasRow.url_key.in_(list(keys)))
        .order_by(ArticleRow.pk.desc())
    )
    return {key: (pk, article_id) for key, pk, article_id in session.execute(wanted)}


def _withheld_because(session: Session, pks: Sequence[int]) -> dict[int, str]:
    """Why the last look that withheld a text did so, by article."""
    if not pks:
        return {}
    wanted = (
        select(ObservationRow.article_pk, CaptureRow.withheld_because)
        .join(CaptureRow, CaptureRow.pk == ObservationRow.capture_pk)
        .where(ObservationRow.article_pk.in_(pks), CaptureRow.withheld_because.is_not(None))
        .order_by(ObservationRow.observed_at, ObservationRow.pk)
    )
    return {row.article_pk: str(row.withheld_because) for row in session.execute(wanted)}
