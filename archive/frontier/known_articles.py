"""Known articles: what the next look at an article needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session

from archive.model.frontier import KeptPage, KnownArticle
from archive.model.link import hints_of
from archive.model.text.urls import url_key
from archive.storage.lookups import Lookups
from archive.storage.queries import chunks
from archive.tables import AliasRow, ArticleRow, CaptureRow, LinkRow, RevisionRow, SourceRow


def read_by_others(session: Session, extractors: Mapping[str, str]) -> set[str]:
    """The ids of the sources that have an article whose state was read by another extractor.

    `extractors` names the present extractor of each source.
    """
    of_source = ArticleRow.source_id == SourceRow.id
    # The first and the last entry of an index: to look for one that differs, PostgreSQL may read all where none does.
    first = select(func.min(ArticleRow.state_extractor)).where(of_source).scalar_subquery()
    last = select(func.max(ArticleRow.state_extractor)).where(of_source).scalar_subquery()
    return {
        source_id
        for chunk in chunks(extractors)
        for source_id, *found in session.execute(select(SourceRow.id, first, last).where(SourceRow.id.in_(chunk)))
        if set(found) - {extractors[source_id], None}
    }


def known_article(session: Session, source_id: str, url: str) -> KnownArticle | None:
    """The article of a source that is known by `url`. None means that there is none."""
    alias = session.get(AliasRow, (source_id, url_key(url)))
    return next(iter(known_articles(session, [alias.article_pk])), None) if alias else None


_BEHIND = select(AliasRow.article_pk).where(
    AliasRow.source_id == bindparam("source_id"), AliasRow.url_key == bindparam("url_key")
)


def article_behind(questions: Lookups, source_id: str, url: str) -> int | None:
    """The key of the article of a source that is known by `url`. None means that there is none."""
    found: int | None = questions.value(_BEHIND, {"source_id": source_id, "url_key": url_key(url)})
    return found


def known_articles(session: Session, pks: Iterable[int]) -> list[KnownArticle]:
    """The articles with these keys, in their order."""
    wanted = list(pks)
    found: dict[int, KnownArticle] = {}
    for chunk in chunks(wanted):
        rows = session.execute(
            select(ArticleRow, CaptureRow)
            .outerjoin(CaptureRow, CaptureRow.pk == ArticleRow.state_capture_pk)
            .where(ArticleRow.pk.in_(chunk))
        )
        found.update((article.pk, _known(article, capture)) for article, capture in rows)
    return [found[pk] for pk in dict.fromkeys(wanted) if pk in found]


def kept_page(capture: CaptureRow | None) -> KeptPage | None:
    """The place of a capture's page. None means that its bytes are not kept."""
    if capture is None or capture.warc_file is None or capture.warc_offset is None:
        return None
    headers = tuple((name, value) for name, value in capture.headers)
    return KeptPage(capture.warc_file, capture.warc_offset, capture.final_url, headers)


def channel_articles(session: Session, source_id: str, channel: str) -> list[tuple[str, datetime | None]]:
    """The addresses that a channel (its key) showed first and that lead to an article, each with its time of publication.

    A time is None where the article has none.
    """
    shown = and_(RevisionRow.article_pk == LinkRow.article_pk, RevisionRow.number == 1)
    wanted = (
        select(LinkRow.url, RevisionRow.published_at)
        .outerjoin(RevisionRow, shown)
        .where(LinkRow.source_id == source_id, LinkRow.channel == channel, LinkRow.article_pk.is_not(None))
    )
    return [(url, at) for url, at in session.execute(wanted)]


def _known(row: ArticleRow, capture: CaptureRow | None) -> KnownArticle:
    return KnownArticle(
        pk=row.pk,
        id=row.id,
        source_id=row.source_id,
        url=row.url,
        etag=row.etag,
        last_modified=row.last_modified,
        content_digest=row.content_digest,
        state_extractor=row.state_extractor,
        hints=hints_of(row.hints),
        withheld=row.status == "withheld",
        shown=kept_page(capture),
        state_layout=row.state_layout,
    )
