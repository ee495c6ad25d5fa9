"""References to articles: an id, or any address (AMP, print, with or without tracking parameters)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.model.text.urls import clean_url, host_of, is_http, same_site, url_key
from archive.query.base import Ambiguous, NotFound, Reader, reading
from archive.tables import AliasRow, ArticleRow, LinkRow, SourceRow


@dataclass(frozen=True, slots=True)
class Namesake:
    """An article that is known under an address, and its source."""

    pk: int
    id: str
    source: str
    homepage: str


def resolve(session: Session, ref: str) -> int:
    """The key of the article that `ref` names.

    Of an address that several sources claim, it is the article of the source whose site the address is of: nobody takes over a
    publisher's addresses by naming them.

    Raises:
        NotFound: There is no such article.
        Ambiguous: The reference fits several articles.
    """
    ref = ref.strip()
    known = session.scalar(select(ArticleRow.pk).where(ArticleRow.id == ref))
    if known is not None:
        return known
    url = _as_url(ref)
    if url is None:
        raise NotFound(
            f"no article {ref!r}", hint="Give an article's id or one of its URLs; `dateline search` shows both."
        )
    articles = _known_as(session, url)
    if not articles:
        raise _unknown(session, url, url_key(url))
    owners = _owners(articles, url)
    if len(owners) > 1:
        choices = "; ".join(f"{article.id} ({article.source})" for article in articles)
        raise Ambiguous(f"{url} is known as {len(articles)} articles", hint=f"Name one by its id: {choices}")
    return owners[0].pk


def namesakes(reader: Reader, ref: str) -> list[Namesake]:
    """The articles that are known under the address `ref`, besides the one that it names. For an article's id there are none."""
    with reading(reader) as session:
        url = _as_url(ref.strip())
        if url is None:
            return []
        articles = _known_as(session, url)
        owners = _owners(articles, url)
        return [article for article in articles if article not in owners]


def _owners(articles: Sequence[Namesake], url: str) -> Sequence[Namesake]:
    """Those whose source has this host, else this site; all where there are none."""
    if len(articles) < 2:
        return articles
    host = host_of(url).removeprefix("www.")
    same_host = [article for article in articles if host_of(article.homepage).removeprefix("www.") == host]
    return same_host or [article for article in articles if same_site(article.homepage, url)] or articles


def _known_as(session: Session, url: str) -> list[Namesake]:
    key = url_key(url)
    rows = session.execute(
        select(ArticleRow.pk, ArticleRow.id, ArticleRow.source_id, SourceRow.homepage)
        .join(SourceRow, SourceRow.id == ArticleRow.source_id)
        .where(
            ArticleRow.pk.in_(select(AliasRow.article_pk).where(AliasRow.url_key == key))
            | ArticleRow.pk.in_(
                select(LinkRow.article_pk).where(LinkRow.url_key == key, LinkRow.article_pk.is_not(None))
            )
        )
        .order_by(ArticleRow.pk)
    )
    return [Namesake(*row) for row in rows]


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
