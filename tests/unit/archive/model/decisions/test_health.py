"""What makes a source ill, and what makes it well again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archive.model.decisions.health import (
    FIELDS,
    KINDS,
    ArticleFacts,
    ChannelFacts,
    DayFacts,
    SourceFacts,
    assess_source,
    is_long,
)

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = ChannelFacts("feed:https://a.example/rss", answered_at=NOW)
ALL = (True,) * len(FIELDS)


def kinds(facts: SourceFacts) -> list[str]:
    return [kind for kind, _ in assess_source(facts, NOW)]


def detail(facts: SourceFacts) -> str:
    ((_, text),) = assess_source(facts, NOW)
    return text


def silent_for(silence: timedelta, **fields: Any) -> SourceFacts:
    defaults: dict[str, Any] = {
        "channels": (FEED,), "found_at": NOW - silence, "usual_gap": HOUR, "awaited": silence / HOUR
    }  # fmt: skip
    return SourceFacts(**defaults | fields)


def articles(recent: ArticleFacts, before: ArticleFacts, *, number: int = 100) -> tuple[ArticleFacts, ...]:
    return (recent,) * 20 + (before,) * number


def without(*names: str) -> tuple[bool, ...]:
    return tuple(name not in names for name in FIELDS)


def test_a_source_of_which_nothing_is_known_is_well() -> None:
    assert assess_source(SourceFacts(), NOW) == []


# --- silent


def test_silent_after_three_usual_gaps() -> None:
    assert kinds(silent_for(7 * HOUR)) == ["silent"]
    assert kinds(silent_for(5 * HOUR)) == []  # more than three gaps, but only five hours
    assert kinds(silent_for(7 * HOUR, usual_gap=3 * HOUR, awaited=2.3)) == []
    assert detail(silent_for(7 * HOUR)) == "nothing new since 2026-11-02 02:00 UTC; usually something every 60 min"


def test_a_night_is_no_silence() -> None:
    assert kinds(silent_for(10 * HOUR, awaited=1.2)) == []


def test_silence_counts_only_while_somebody_looked() -> None:
    """A daemon that was down for a day, or a feed that fails, says nothing about what is published."""
    away = silent_for(24 * HOUR, channels=(replace(FEED, answered_at=NOW - 20 * HOUR),))
    assert away.silence == 4 * HOUR
    assert kinds(away) == []
    assert not is_long(None, HOUR)
    assert not is_long(9 * HOUR, None)


def test_a_source_without_a_learnt_rhythm_is_not_silent() -> None:
    assert kinds(silent_for(200 * HOUR, usual_gap=None)) == []


def test_fewer_items_than_the_registry_expects() -> None:
    quiet = SourceFacts(per_day=(5, 200), yesterday=DayFacts("2026-11-01", found=1, polls=90))
    assert detail(quiet) == "1 item on 2026-11-01; the registry expects at least 5 a day"
    assert kinds(replace(quiet, yesterday=DayFacts("2026-11-01", found=1, polls=0))) == []  # nobody looked
    assert kinds(replace(quiet, yesterday=DayFacts("2026-11-01", found=5, polls=90))) == []
    assert kinds(replace(quiet, yesterday=DayFacts("2026-11-01", found=201, polls=90))) == ["flooding"]
    assert kinds(replace(quiet, per_day=None)) == []


# --- layout


def test_texts_that_collapse() -> None:
    long, short, between = ArticleFacts(3000, ALL), ArticleFacts(400, ALL), ArticleFacts(1500, ALL)
    collapsed = SourceFacts(articles=articles(short, long))
    assert kinds(collapsed) == ["short-bodies"]
    assert "400 characters, the 100 before had 3000" in detail(collapsed)
    assert kinds(SourceFacts(articles=articles(between, long))) == []
    assert kinds(SourceFacts(articles=articles(between, long), open={"short-bodies": "…"})) == ["short-bodies"]
    assert kinds(SourceFacts(articles=articles(ArticleFacts(2000, ALL), long), open={"short-bodies": "…"})) == []


def test_short_texts_and_small_samples_are_not_judged() -> None:
    bulletin, empty = ArticleFacts(300, ALL), ArticleFacts(20, ALL)
    assert kinds(SourceFacts(articles=articles(empty, bulletin))) == []
    assert kinds(SourceFacts(articles=articles(empty, ArticleFacts(3000, ALL), number=29))) == []
    assert kinds(SourceFacts(articles=())) == []


def test_fields_that_vanish() -> None:
    before, after = ArticleFacts(900, ALL), ArticleFacts(900, without("authors", "lead"))
    lost = SourceFacts(articles=articles(after, before))
    assert kinds(lost) == ["fields-vanished"]
    assert "lead: none in the last 20 articles, 100 of the 100 before had one; authors: none" in detail(lost)


def test_a_field_that_is_rarely_printed_may_be_missing() -> None:
    facts = [ArticleFacts(900, without("lead"))] * 20 + [ArticleFacts(900, ALL)] * 50
    facts += [ArticleFacts(900, without("lead"))] * 50
    assert kinds(SourceFacts(articles=facts)) == []


def test_vanished_fields_are_back_when_a_fifth_has_them() -> None:
    before, after = ArticleFacts(900, ALL), ArticleFacts(900, without("title"))
    mixed = (before,) * 3 + (after,) * 17 + (before,) * 100
    assert kinds(SourceFacts(articles=mixed)) == []
    assert kinds(SourceFacts(articles=mixed, open={"fields-vanished": "…"})) == ["fields-vanished"]
    back = (before,) * 4 + (after,) * 16 + (before,) * 100
    assert kinds(SourceFacts(articles=back, open={"fields-vanished": "…"})) == []


def test_selectors_that_match_no_more() -> None:
    by_registry = ArticleFacts(900, ALL, tuple(name == "body" for name in FIELDS))
    assert (
        detail(SourceFacts(articles=articles(ArticleFacts(900, ALL), by_registry)))
        == "body: the registry's selector matched none of the last 20 articles"
    )


def test_articles_without_dates() -> None:
    dated, undated = ArticleFacts(900, ALL), ArticleFacts(900, without("published_at"))
    assert kinds(SourceFacts(articles=(undated,) * 10 + (dated,) * 10)) == ["undated"]
    assert kinds(SourceFacts(articles=(undated,) * 9 + (dated,) * 11)) == []
    assert kinds(SourceFacts(articles=(undated,) * 9 + (dated,) * 11, open={"undated": "…"})) == ["undated"]
    assert kinds(SourceFacts(articles=(undated,) * 19)) == []  # too few


def test_what_was_not_read_this_time_stays_as_it_is() -> None:
    unread = SourceFacts(open={"short-bodies": "a", "undated": "b", "fields-vanished": "c", "silent": "d"})
    assert assess_source(unread, NOW) == [("undated", "b"), ("short-bodies", "a"), ("fields-vanished", "c")]


# --- channels and looks


def test_newest_item_going_backwards() -> None:
    back = replace(FEED, newest_at=NOW - 50 * HOUR, latest_at=NOW - 2 * HOUR)
    assert kinds(SourceFacts(channels=(back,))) == ["backwards"]
    a_little = replace(back, newest_at=NOW - 5 * HOUR)
    assert kinds(SourceFacts(channels=(a_little,))) == []
    assert kinds(SourceFacts(channels=(a_little,), open={"backwards": "…"})) == ["backwards"]
    assert kinds(SourceFacts(channels=(replace(back, newest_at=back.latest_at),), open={"backwards": "…"})) == []
    future = replace(FEED, newest_at=NOW - HOUR, latest_at=NOW + 90 * 24 * HOUR)
    assert kinds(SourceFacts(channels=(future,))) == []


@pytest.mark.parametrize(
    ("looks", "blocked", "is_open", "expected"),
    [
        (10, 5, False, True),
        (4, 4, False, False),
        (100, 20, False, False),
        (100, 20, True, True),
        (100, 9, True, False),
        (0, 0, True, False),
    ],
)
def test_blocked(looks: int, blocked: int, is_open: bool, expected: bool) -> None:
    facts = SourceFacts(looks=looks, blocked=blocked, open={"blocked": "…"} if is_open else {})
    assert ("blocked" in kinds(facts)) is expected


def test_failing_after_three_polls_until_one_succeeds() -> None:
    def failed(times: int, **fields: Any) -> SourceFacts:
        return SourceFacts(channels=(replace(FEED, failures=times, detail="HTTP 500"),), **fields)

    assert kinds(failed(2)) == []
    assert kinds(failed(3)) == ["failing"]
    assert kinds(failed(1, open={"failing": "…"})) == ["failing"]
    assert kinds(failed(0, open={"failing": "…"})) == []
    never = SourceFacts(channels=(ChannelFacts("feed:x", None, failures=4),))
    assert detail(never) == "feed:x: 4 polls failed in a row: no reason; never answered"


def test_each_kind_comes_once() -> None:
    bad = replace(FEED, failures=5, detail="timeout", newest_at=NOW - 90 * HOUR, latest_at=NOW)
    facts = silent_for(9 * HOUR, channels=(bad, replace(bad, key="feed:b")), looks=9, blocked=9)
    found = kinds(facts)
    assert found == ["silent", "backwards", "blocked", "failing"]
    assert set(found) <= set(KINDS)


def test_a_retired_template_is_an_alarm_until_another_is_learnt() -> None:
    facts = SourceFacts(redesign="layout changed: the template did not fit 8 of the last 12 pages")
    assert assess_source(facts, NOW) == [("fields-vanished", facts.redesign)]
    opened = {"fields-vanished": f"{facts.redesign}; lead: none in the last 20 articles"}
    assert assess_source(replace(facts, open=opened), NOW) == [("fields-vanished", opened["fields-vanished"])]
    assert assess_source(SourceFacts(open=opened), NOW) == [("fields-vanished", "lead: none in the last 20 articles")]
    assert assess_source(SourceFacts(open={"fields-vanished": str(facts.redesign)}), NOW) == []
