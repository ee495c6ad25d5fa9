from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dateline.newsroom.content import sites
from dateline.newsroom.model import AFTER_EDITS, AFTER_FLAP, AFTER_SECOND_EDITS, START, Article, Trap
from dateline.newsroom.state import feed_items, find, live_articles, old_paths, path_at, presence, version_at
from dateline.newsroom.truth import ArticleTruth, articles_at, listed, traps_at

PORT = 8780


def article(name: str) -> Article:
    site_id, _, article_id = name.partition("/")
    return next(a for a in sites()[site_id].articles if a.id == article_id)


def truth(name: str, now: datetime) -> ArticleTruth:
    return next(a for a in articles_at(sites(), now, PORT) if a.id == name)


def test_nothing_is_there_before_its_time() -> None:
    corridor = article("harbour-times/grain-corridor")
    just_before = corridor.published - timedelta(seconds=1)
    assert version_at(corridor, just_before) is None
    assert presence(corridor, just_before) == "unpublished"
    assert find(sites()["harbour-times"], corridor.path, just_before) is None
    assert corridor not in live_articles(sites()["harbour-times"], just_before)
    assert corridor in live_articles(sites()["harbour-times"], corridor.published)


def test_an_edit_counts_from_its_minute_on() -> None:
    breakfast = article("mekonghub/breakfast")
    at = breakfast.versions[1].since
    before, after = version_at(breakfast, at - timedelta(seconds=1)), version_at(breakfast, at)
    assert before is breakfast.versions[0]
    assert after is breakfast.versions[1]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hanbit-en/shipyard-credit", "gone"),
        ("thoidai/mekong-commission", "missing"),
        ("al-marsad/water-committee", "home"),
        ("harbour-times/arctic-survey", "live"),
        ("mekonghub/breakfast", "live"),
    ],
)
def test_how_articles_end(name: str, expected: str) -> None:
    assert presence(article(name), START) == "live"
    assert presence(article(name), AFTER_EDITS) == expected


def test_a_moved_article_is_found_under_both_addresses() -> None:
    survey, site = article("harbour-times/arctic-survey"), sites()["harbour-times"]
    assert (path_at(survey, START), old_paths(survey, START)) == (survey.path, ())
    new = path_at(survey, AFTER_EDITS)
    assert new != survey.path
    assert old_paths(survey, AFTER_EDITS) == (survey.path,)
    left, arrived = find(site, survey.path, AFTER_EDITS), find(site, new, AFTER_EDITS)
    assert left is not None
    assert left.moved_to == new
    assert arrived is not None
    assert arrived.moved_to is None


def test_variants_are_found_where_the_site_has_them() -> None:
    path = article("harbour-times/breakfast").path
    found = find(sites()["harbour-times"], f"/amp{path}", START)
    assert found is not None
    assert found.variant == "amp"
    assert find(sites()["harbour-times"], f"/print{path}", START) is None


def test_a_feed_lists_the_newest_first_and_forgets_the_deleted() -> None:
    site = sites()["hanbit-en"]
    names = [item.id for item in feed_items(site, site.feeds[0], START) if isinstance(item, Article)]
    assert names == ["breakfast", "premium-outlook", "shipyard-credit"]
    names = [item.id for item in feed_items(site, site.feeds[0], AFTER_EDITS) if isinstance(item, Article)]
    assert names == ["trilateral-april", "breakfast", "premium-outlook"]


def test_traps_stand_in_the_first_feed_only() -> None:
    site = sites()["harbour-times"]
    first, second = (feed_items(site, feed, START) for feed in site.feeds)
    assert any(isinstance(item, Trap) for item in first)
    assert not any(isinstance(item, Trap) for item in second)


def test_every_article_is_listed_by_a_feed_once_it_is_out() -> None:
    at_start = {a.id for a in articles_at(sites(), START, PORT)}
    assert listed(sites(), START) == at_start


def test_traps_are_told_with_their_kind() -> None:
    kinds = {trap.kind for trap in traps_at(sites(), START, PORT)}
    assert kinds == {"section", "gallery", "missing", "other-site"}
    other = next(trap for trap in traps_at(sites(), START, PORT) if trap.kind == "other-site")
    assert other.url == truth("harbour-times/red-sea-insurers", START).url


def test_the_truth_of_a_copy_names_its_original() -> None:
    assert truth("mekonghub/breakfast", START).original_url == truth("thoidai/breakfast", START).url


def test_the_truth_counts_the_edits_that_have_happened() -> None:
    def edits(now: datetime) -> int:
        return sum(len(a.revisions()) - 1 for a in articles_at(sites(), now, PORT))

    assert edits(START) == 0
    assert edits(AFTER_EDITS) == 9
    assert edits(AFTER_SECOND_EDITS) == 12
    assert edits(AFTER_FLAP) == 12, "the second return of a headline is flapping, no revision"


def test_a_headline_that_flips_makes_three_revisions() -> None:
    breakfast = truth("harbour-times/breakfast", AFTER_FLAP)
    assert [state.number for state in breakfast.states] == [1, 2, 3, 4]
    assert [revision.number for revision in breakfast.revisions()] == [1, 2, 3]
    assert all(state.changes == ("headline",) for state in breakfast.states[1:])
    assert breakfast.title == breakfast.states[1].title


def test_who_looks_seldom_sees_fewer_revisions() -> None:
    breakfast = truth("harbour-times/breakfast", AFTER_FLAP)
    assert len(breakfast.revisions([START])) == 1
    assert len(breakfast.revisions([START, AFTER_EDITS])) == 2
    assert len(breakfast.revisions([START, AFTER_SECOND_EDITS])) == 1, "back at the first state: nothing seen to change"
    assert len(breakfast.revisions([START, AFTER_EDITS, AFTER_SECOND_EDITS, AFTER_FLAP])) == 3
    assert breakfast.revisions([datetime(2024, 1, 1, tzinfo=UTC)]) == ()


def test_a_deleted_article_keeps_what_it_said() -> None:
    shipyard = truth("hanbit-en/shipyard-credit", AFTER_EDITS)
    assert shipyard.status == "gone"
    assert shipyard.body == truth("hanbit-en/shipyard-credit", START).body


def test_aliases_are_all_other_addresses() -> None:
    survey = truth("harbour-times/arctic-survey", AFTER_EDITS)
    assert survey.url not in survey.aliases
    assert survey.moved_from[0] in survey.aliases
    assert any("/amp/" in alias for alias in survey.aliases)
    assert any("utm_source=rss" in alias for alias in survey.aliases)


def test_what_must_not_be_kept_is_marked() -> None:
    now = articles_at(sites(), START, PORT)
    assert {a.id: a.withheld for a in now if a.withheld} == {
        "al-marsad/column": "tdm-reservation",
        "courrier/confidential-note": "noarchive",
        "guancha/column": "tdm-reservation",
    }
    assert [a.id for a in now if a.forbidden] == ["hanbit-en/premium-outlook"]
