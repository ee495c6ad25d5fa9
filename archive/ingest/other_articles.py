"""What the other articles of a source say of a difference: whether it stands in lines of the site."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.model.decisions.self_changing import MOST_OTHERS, change_by_themselves, lines_apart, lines_of
from archive.model.revision import State
from archive.tables import ArticleRow


def changed_by_itself(session: Session, source_id: str, article_pk: int, new: State, old: State) -> bool:
    """Return whether two states of an article differ in nothing but lines of its site that change by themselves.

    The other articles are asked only where the difference may be of that kind, which is seldom.
    """
    if not lines_apart(new, old):
        return False
    others = session.scalars(
        select(ArticleRow.state_hashes)
        .where(ArticleRow.source_id == source_id, ArticleRow.pk != article_pk)
        .order_by(ArticleRow.first_seen_at.desc())
        .limit(MOST_OTHERS)
    )
    return change_by_themselves(new, old, [lines_of(hashes) for hashes in others])
