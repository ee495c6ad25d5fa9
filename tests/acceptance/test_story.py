"""What the archive holds after a crawl of the sample newsroom is what the newsroom published."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from support.reader import Reader

from dateline.newsroom import AFTER_EDITS, AFTER_FLAP, AFTER_SECOND_EDITS, START, ArticleTruth


def totals(summary: dict[str, dict[str, Any]]) -> dict[str, int]:
    return {
        key: sum(row[key] for row in summary.values()) for key in ("new", "revised", "unchanged", "gone", "withheld")
    }


def utc(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def fetched(truth: list[ArticleTruth]) -> list[ArticleTruth]:
    """What an archive with manners holds of them."""
    return [article for article in truth if not article.forbidden]


def test_the_archive_holds_what_was_published(reader: Reader) -> None:
    summary = reader.crawl()
    held = reader.by_url()
    truth = fetched(reader.room.truth())
    assert set(held) == {article.url for article in truth}  # each article once, under its canonical address
    for article in truth:
        row = held[article.url]
        if article.withheld:
            assert (row["status"], row["revisions"], row["title"]) == ("withheld", [], None), article.id
            continue
        assert row["status"] == "live", article.id
        assert row["title"] == article.title, article.id
        assert row["lead"] == article.lead, article.id
        (revision,) = row["revisions"]
        assert revision["body"].split("\n") == list(article.body), article.id
        assert row["authors"] == list(article.authors), article.id
        assert row["published_at"] in (utc(article.published), article.published.date().isoformat()), article.id
        assert row["language"] == article.language, article.id
        assert [(c["text"], c["credit"]) for c in row["captions"]] == [(c.text, c.credit) for c in article.captions]
        assert row["original_url"] == article.original_url, article.id
    kept = [article for article in truth if article.withheld != "tdm-reservation"]
    assert totals(summary)["new"] == len(kept)
    private = [article for article in truth if article.withheld == "noarchive"]
    assert sum(row["noarchive"] for row in summary.values()) == len(private) > 0
    whole = {row["canonical_url"]: row for row in reader.export("--include-noarchive")}
    assert [whole[article.url]["title"] for article in private] == [article.title for article in private]
    assert not any(row["failed"] for row in summary.values()), summary
    assert {key for row in summary.values() for key in row["excluded"]} >= {"robots", "HTTP 404"}


def test_a_second_crawl_finds_nothing_and_asks_for_almost_nothing(reader: Reader) -> None:
    reader.crawl()
    reader.room.clear_log()
    summary = reader.crawl()
    assert totals(summary) == {"new": 0, "revised": 0, "unchanged": 0, "gone": 0, "withheld": 0}
    requests = reader.room.log()
    feeds = sum(len(site.feeds) for site in reader.room.sites.values())
    assert len(requests) == feeds  # nothing is due, robots are known: the feeds only
    assert {request.status for request in requests} <= {200, 304}
    assert sum(request.status == 304 for request in requests) >= feeds // 2

    reader.room.clear_log()
    looked = reader.crawl("--revisit", "all")
    assert (totals(looked)["new"], totals(looked)["revised"]) == (0, 0)
    assert totals(looked)["unchanged"] > 15
    assert all(len(row["revisions"]) <= 1 for row in reader.export())


@pytest.mark.parametrize("times", [(AFTER_EDITS,), (AFTER_EDITS, AFTER_SECOND_EDITS, AFTER_FLAP)])
def test_every_edit_is_one_revision_of_its_kind(reader: Reader, times: tuple[datetime, ...]) -> None:
    reader.crawl()
    for at in times:
        reader.room.set_time(at)
        reader.crawl("--revisit", "all")
    held = reader.by_url()
    for article in fetched(reader.room.truth()):
        if article.withheld:
            continue
        row = held[article.url]
        looks = [at for at in (START, *times) if at >= article.published]
        if article.status != "live":  # what was edited after its end nobody could see
            assert (
                row["status"]
                in {"gone": ("gone",), "missing": ("missing", "gone"), "home": ("missing", "gone")}[article.status]
            )
            assert row["revisions"], article.id  # nothing that was kept is lost
            continue
        expected = article.revisions(looks)
        assert [r["title"] for r in row["revisions"]] == [e.title for e in expected], article.id
        assert [r["body"].split("\n") for r in row["revisions"]] == [list(e.body) for e in expected], article.id
        if len(times) == 1:
            assert [set(r["changes"]) for r in row["revisions"]] == [set(e.changes) for e in expected], article.id


def test_the_aggregators_page_is_cleaned_up(reader: Reader) -> None:
    reader.crawl("mekonghub")
    truth = reader.room.article("mekonghub/breakfast")
    row = reader.by_url()[truth.url]
    (revision,) = row["revisions"]
    body = revision["body"].split("\n")
    assert row["lead"] == truth.lead
    assert body == list(truth.body)
    assert len(body) == 9
    assert truth.lead not in body
    ((caption),) = row["captions"]
    assert "|" not in caption["text"]
    assert "Sumber" not in caption["text"]
    assert caption["credit"] == truth.captions[0].credit
    assert caption["image_url"].partition("?")[0] == truth.captions[0].image_url.partition("?")[0]
    whole = revision["body"] + row["lead"]
    for rubbish in ("[iklan_2]", "Komentar (", "|"):
        assert rubbish not in whole
    assert "Sumber" not in body
    assert row["original_url"] == truth.original_url
    (lineage,) = [claim for claim in row["lineage"] if claim.get("url") == truth.original_url]
    assert lineage["relation"] in ("translation_of", "republished_from")
    assert lineage["evidence"]
    assert row["language"] == "id"
    # the correction of one word is one revision; counters, boxes and tokens are none
    reader.room.set_time(AFTER_EDITS)
    reader.crawl("mekonghub", "--revisit", "all")
    again = reader.by_url()[truth.url]["revisions"]
    assert [r["changes"] for r in again] == [[], ["body"]]


def test_manners_as_the_servers_saw_them(reader: Reader) -> None:
    reader.crawl()
    log = reader.room.log()
    agents = {request.user_agent for request in log}
    (agent,) = agents
    assert agent
    assert agent.startswith("Dateline/")
    first: dict[str, str] = {}
    for request in log:
        first.setdefault(request.host, request.path)
    assert set(first.values()) == {"/robots.txt"}
    forbidden = {article.url for article in reader.room.truth() if article.forbidden}
    assert forbidden
    asked = {f"http://{request.host}:{reader.room.port}{request.path}" for request in log}
    assert not forbidden & asked


def test_an_outage_of_one_site_is_the_outage_of_one_site(reader: Reader) -> None:
    reader.room.fail("vestnik", "500")
    reader.extra["DATELINE_RETRIES"] = "0"
    out = reader.run("crawl", "--format", "json", status=1)
    assert '"HTTP 500"' in out or "robots-unreachable" in out
    held = {row["source"] for row in reader.export()}
    assert "vestnik" not in held
    assert len(held) == len(reader.room.sites) - 1
    reader.room.heal()
