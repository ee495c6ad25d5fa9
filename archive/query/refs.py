"""References: an article's id, or any of its URLs (AMP, print, with or without tracking parameters)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.model.urls import clean_url, is_http, url_key
from archive.query.base import Ambiguous, NotFound
from archive.tables import AliasRow, ArticleRow, LinkRow


def resolve(session: Session, ref: str) -> int:
    """Key of the article that `ref` names. Raises NotFound, Ambiguous."""
    ref = ref.strip()
    known = session.scalar(select(ArticleRow.pk).where(ArticleRow.id == ref))
    if known is not None:
        return known
    url = _as_url(ref)
    if url is None:
        raise NotFound(
            f"no article {ref!r}", hint="Give an article's id or one of its URLs; `dateline search` shows both."
        )
    key = url_key(url)
    articles = session.execute(
        select(ArticleRow.pk, ArticleRow.id, ArticleRow.source_id)
        .where(
            ArticleRow.pk.in_(select(AliasRow.article_pk).where(AliasRow.url_key == key))
            | ArticleRow.pk.in_(
                select(LinkRow.article_pk).where(LinkRow.url_key == key, LinkRow.article_pk.is_not(None))
            )
        )
        .order_by(ArticleRow.pk)
    ).all()
    if not articles:
        raise _unknown(session, url, key)
    if len(articles) > 1:
        choices = "; ".join(f"{article_id} ({source})" for _, article_id, source in articles)
        raise Ambiguous(f"{url} is known as {len(articles)} articles", hint=f"Name one by its id: {choices}")
    return int(articles[0].pk)


def _as_url(ref: str) -> str | None:
    if is_http(ref):
        return clean_url(ref)
    return clean_url(f"https://{ref}") if "." in ref.partition("/")[0] and " " not in ref else None


def _unknown(session: Session, url: str, key: str) -> NotFound:
    """The error for an URL of no article, with what is known of it."""
    link = session.execute(
        select(LinkRow.state, LinkRow.reason, LinkRow.source_id).where(LinkRow.url_key == key).limit(1)
    ).first()
    if link is None:
        return NotFound(f"no article with the URL {url}", hint="No channel of any source has shown this URL yet.")
    because = f": {link.reason}" if link.reason else ""
    return NotFound(
        f"no article with the URL {url}", hint=f"{link.source_id} has shown it; its state is {link.state}{because}."
    )
