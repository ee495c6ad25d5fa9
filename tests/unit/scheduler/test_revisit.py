from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archive.model.article import ArticleStatus
from archive.model.history import ArticleHistory
from scheduler.policy.revisit import CONFIRMATION, is_due, next_look

T0 = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def history(
    *,
    looked: timedelta,
    changed: timedelta = timedelta(0),
    status: ArticleStatus = "live",
    published: datetime | None = None,
) -> ArticleHistory:
    return ArticleHistory(1, status, T0, T0 + changed, T0 + looked, published)


@pytest.mark.parametrize(
    ("looked", "pause"),
    [
        (timedelta(minutes=1), timedelta(minutes=15)),
        (timedelta(hours=2, minutes=59), timedelta(minutes=15)),
        (timedelta(hours=3), timedelta(hours=1)),
        (timedelta(days=2), timedelta(hours=3)),
        (timedelta(days=8), timedelta(days=3)),
        (timedelta(days=200), timedelta(days=30)),
    ],
)
def test_the_pauses_grow_with_quiet(looked: timedelta, pause: timedelta) -> None:
    assert next_look(history(looked=looked)) == T0 + looked + pause


def test_an_edit_brings_the_short_pauses_back() -> None:
    edited = history(looked=timedelta(days=8, minutes=1), changed=timedelta(days=8))
    assert next_look(edited) == edited.looked_at + timedelta(minutes=15)


def test_old_articles_are_left_in_peace() -> None:
    assert next_look(history(looked=timedelta(days=361))) is None


def test_an_article_found_long_after_its_publication_is_not_busy() -> None:
    found_late = history(looked=timedelta(minutes=1), published=T0 - timedelta(days=20))
    assert next_look(found_late) == found_late.looked_at + timedelta(days=3)


@pytest.mark.parametrize("status", ["gone", "moved"])
def test_what_is_gone_is_not_asked_for_again(status: ArticleStatus) -> None:
    assert next_look(history(looked=timedelta(0), status=status)) is None


def test_a_missing_article_is_looked_at_once_more_at_another_time() -> None:
    missing = history(looked=timedelta(days=9), status="missing")
    assert next_look(missing) == missing.looked_at + CONFIRMATION
    assert not is_due(missing, missing.looked_at + timedelta(minutes=59))
    assert is_due(missing, missing.looked_at + CONFIRMATION)
