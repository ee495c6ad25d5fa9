"""Looks that may have shown another page than the article's: what is asked of the archive to tell, and what is recorded then."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select

from archive.frontier.links import record_failed_attempt
from archive.ingest.record import (
    FirstShown,
    Recorded,
    article_at,
    record_another_page,
    revision_of,
    without_wrong_address,
)
from archive.model.article import Article
from archive.model.capture import Capture, RightsPolicy
from archive.model.decisions.another_page import (
    ANOTHER_PAGE,
    AT_ONCE,
    KnownText,
    is_another_text,
    is_confirmed,
    is_doubtful,
    is_no_first_page,
    known_marks,
    own_title,
)
from archive.model.decisions.disappearance import CONFIRMED_AFTER
from archive.model.text.comparable import text_hash
from archive.model.text.urls import url_key
from archive.tables import ArticleRow, DoubtfulPageRow, RevisionRow
from archive.writer.writer import Transaction

MOST_RECENT = 50
"""Articles and revisions of a source that were found last and with which a doubtful text is compared."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a look may have shown another page.

    `article_pk` is the article that is known at the address. None means that none is. `first` is the first look that showed the
    same text, if this one confirms it. It is None where nothing is to be confirmed.
    """

    doubtful: bool
    article_pk: int | None = None
    first: FirstShown | None = None


def judge(tx: Transaction, capture: Capture, article: Article, *, known: int | None, hint: str | None) -> Judgement:
    """Tell whether a page may be another one than the article's at its address.

    `known` is the article that was looked at again, `hint` the headline that a feed named. Each is None where there is none.
    """
    article = without_wrong_address(tx, capture, article, known)
    pk = article_at(tx, capture, article, known)
    if pk is None:
        return Judgement(_is_no_first_page(tx, capture, article, hint))
    text = _known_text(tx, pk, article)
    if text is None or not is_another_text(article, text):
        return Judgement(doubtful=False, article_pk=pk)
    elsewhere = _is_shown_elsewhere(tx, capture, article) or _is_revision_of_another(tx, capture, article, pk)
    if not is_doubtful(article, text, elsewhere=elsewhere):
        return Judgement(doubtful=False, article_pk=pk)
    first = _first_look(tx, pk, article)
    at = first.at if first is not None else None
    if is_confirmed(article, text, at, tx.now, elsewhere=elsewhere, apart=CONFIRMED_AFTER):
        return Judgement(doubtful=False, article_pk=pk, first=first)
    return Judgement(doubtful=True, article_pk=known if known is not None else pk)


def record_doubtful(
    tx: Transaction, capture: Capture, article: Article, judgement: Judgement, *, link: int | None, policy: RightsPolicy
) -> Recorded | None:
    """Record a look that may have shown another page: its capture, and its observation or the failed try of its link.

    Return what it meant for the article that is known there. None means that none is known.
    """
    recorded, stored = record_another_page(tx, judgement.article_pk, capture, policy=policy)
    if judgement.article_pk is not None:
        row = tx.session.get_one(ArticleRow, judgement.article_pk)
        outdated = (DoubtfulPageRow.article_pk == row.pk) & (DoubtfulPageRow.seen_at < row.last_seen_at)
        tx.session.execute(delete(DoubtfulPageRow).where(outdated).execution_options(synchronize_session=False))
    tx.rows.add(
        DoubtfulPageRow(
            source_id=capture.source_id,
            url_key=url_key(capture.url),
            article_pk=judgement.article_pk,
            capture_pk=stored.pk,
            seen_at=tx.now,
            text_hash=_hash(article),
        )
    )
    if link is not None:
        record_failed_attempt(tx, link, ANOTHER_PAGE, answered=True)
    return recorded


def _hash(article: Article) -> str:
    """The hash of the text by which one page is recognised at several addresses. Its headline may be the feed's."""
    return text_hash(article.main_text or article.title)


def _known_text(tx: Transaction, pk: int, article: Article) -> KnownText | None:
    """The text last seen of an article. None where the archive has none, or the page shows it again."""
    row = tx.session.get_one(ArticleRow, pk)
    if row.current_revision is None or row.status == "withheld":
        return None
    if article.body and row.state_hashes.get("body") == text_hash(article.body):
        return None
    shown = revision_of(tx.session, row, row.current_revision)
    marks = known_marks(shown.authors, shown.published, shown.provenance)
    return KnownText(shown.title, shown.body or shown.lead, marks)


def _is_shown_elsewhere(tx: Transaction, capture: Capture, article: Article) -> bool:
    """Return whether another address of the source showed this text a short while ago, and it was doubtful there."""
    wanted = (
        select(DoubtfulPageRow.pk)
        .where(DoubtfulPageRow.source_id == capture.source_id, DoubtfulPageRow.text_hash == _hash(article))
        .where(DoubtfulPageRow.url_key != url_key(capture.url), DoubtfulPageRow.seen_at > tx.now - AT_ONCE)
    )
    return tx.session.scalar(wanted.limit(1)) is not None


def _is_no_first_page(tx: Transaction, capture: Capture, article: Article, hint: str | None) -> bool:
    """Return whether a page of which no article is known is to make none."""
    redirected = bool(capture.redirects) and url_key(capture.final_url) != url_key(capture.url)
    if is_no_first_page(article, elsewhere=False, redirected=redirected, hint=hint):
        return True
    if not is_no_first_page(article, elsewhere=True, redirected=redirected, hint=hint):
        return False
    return _is_shown_elsewhere(tx, capture, article) or _is_of_another(tx, capture, article)


def _is_of_another(tx: Transaction, capture: Capture, article: Article) -> bool:
    """Return whether an article of the source that was found a short while ago has this very text, and this headline.

    A headline that only the feed names does not count.
    """
    shown = {"body": text_hash(article.body) if article.body else None}
    if (title := own_title(article)) is not None:
        shown["headline"] = text_hash(title)
    recent = (
        select(ArticleRow.state_hashes)
        .where(ArticleRow.source_id == capture.source_id, ArticleRow.first_seen_at > tx.now - AT_ONCE)
        .order_by(ArticleRow.first_seen_at.desc())
        .limit(MOST_RECENT)
    )
    if shown["body"] is None:
        return False
    return any(all(hashes.get(kind) == one for kind, one in shown.items()) for hashes in tx.session.scalars(recent))


def _is_revision_of_another(tx: Transaction, capture: Capture, article: Article, pk: int) -> bool:
    """Return whether another article of the source got this text as a revision a short while ago: the first that showed a page
    with which a site hides its texts.
    """
    if article.body is None:
        return False
    recent = (
        select(RevisionRow.field_hashes)
        .join(ArticleRow, ArticleRow.pk == RevisionRow.article_pk)
        .where(RevisionRow.captured_at > tx.now - AT_ONCE)
        .where(ArticleRow.source_id == capture.source_id, ArticleRow.pk != pk)
        .order_by(RevisionRow.captured_at.desc())
        .limit(MOST_RECENT)
    )
    digest = text_hash(article.body)
    return any(hashes.get("body") == digest for hashes in tx.session.scalars(recent))


def _first_look(tx: Transaction, pk: int, article: Article) -> FirstShown | None:
    """The first look that showed this text since the article's own was seen last. None means that no look did."""
    wanted = (
        select(DoubtfulPageRow.capture_pk, DoubtfulPageRow.seen_at)
        .join(ArticleRow, ArticleRow.pk == DoubtfulPageRow.article_pk)
        .where(DoubtfulPageRow.article_pk == pk, DoubtfulPageRow.text_hash == _hash(article))
        .where(DoubtfulPageRow.seen_at > ArticleRow.last_seen_at)
        .order_by(DoubtfulPageRow.seen_at, DoubtfulPageRow.pk)
        .limit(1)
    )
    found = tx.session.execute(wanted).first()
    return None if found is None else FirstShown(*found)
