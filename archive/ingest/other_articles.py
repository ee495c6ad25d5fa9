"""What the other articles of a source say of a difference: whether it stands in lines of the site."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.model.decisions.self_changing import MOST_OTHERS, change_by_themselves, lines_apart, lines_of
from archive.model.revision import State
from archive.tables import ArticleRow


def changed_by_itself(session: Session, source_id: str, article_pk: int, new: State, old: State) -> bool:
    """Return whether two states of an article differ in nothing but lines of its site that change by themselves."""
    return which_changed_by_themselves(session, source_id, article_pk, new, [old])[0]


def which_changed_by_themselves(
    session: Session, source_id: str, article_pk: int, new: State, old: Sequence[State]
) -> list[bool]:
    """Tell of each old state of an article whether the new one differs from it in nothing but such lines.

    The other articles are asked once, and only where a difference may be of that kind, which is seldom.
    """
    if not any(lines_apart(new, state) for state in old):
        return [False] * len(old)
    hashes_of_others = session.scalars(
        select(ArticleRow.state_hashes)
        .where(ArticleRow.source_id == source_id, ArticleRow.pk != article_pk)
        .order_by(ArticleRow.first_seen_at.desc())
        .limit(MOST_OTHERS)
    )
    others = [lines_of(hashes) for hashes in hashes_of_others]
    return [change_by_themselves(new, state, others) for state in old]
