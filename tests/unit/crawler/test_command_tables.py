"""The tables of commands that ask servers, on narrow terminals; and what a crawl says at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from rich.text import Text

from archive.cli.console.output import Column, Format, head_of, json_value
from archive.cli.console.tables import drawn
from archive.cli.console.wrapping import cells
from archive.model.capture import RightsPolicy
from archive.testing import WITHHOLD
from crawler.cli import add, check_words, crawl
from crawler.engine.report import CrawlReport, SourceReport
from scheduler.cli import backfill_tables

ADDRESS = "https://www.ministry-of-foreign-affairs.example/en/press/releases/2026/11/rss.xml?lang=en&section=all"
CHECKED = {
    "source": "ministry-of-foreign-affairs-of-japan", "channel": ADDRESS, "outcome": "live", "items": 120,
    "newest_at": "2026-11-02T09:00:00Z", "without_date": 3, "robots": "ok",
    "detail": "The feed names 120 items, and three of them have no date.",
}  # fmt: skip
FOUND = {
    "proposed": True, "kind": "sitemap", "url": ADDRESS, "verdict": "undated", "items": 12, "newest_at": None,
    "why": "named by robots.txt; the whole host, not this part",
}  # fmt: skip
ESTIMATED = {
    "source": "harbour-times", "channel": f"sitemap:{ADDRESS}", "lists": 31, "articles": 1200, "known": 12, "requests": 1300,
    "delay": 5.0, "seconds": 6500, "note": "The daily limit of the host is reached after four days.",
}  # fmt: skip


def lines(columns: Sequence[Column], row: dict[str, Any], width: int) -> list[str]:
    shown = [Text(column.show(json_value(row.get(column.key)))) for column in columns]
    return [line.plain for line in drawn([head_of(column) for column in columns], [shown], width)]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize(
    ("columns", "row"),
    [(check_words.COLUMNS, CHECKED), (add.COLUMNS, FOUND), (backfill_tables.ESTIMATE, ESTIMATED)],
    ids=["check", "add", "estimate"],
)
def test_an_address_is_whole_or_long_enough_to_be_told_from_others(
    columns: Sequence[Column], row: dict[str, Any], width: int
) -> None:
    drawing = lines(columns, row, width)
    assert [line for line in drawing if cells(line) > width and len(line.split()) > 2] == []
    address = next(
        word for line in drawing for word in line.split() if "rss.xml" in word or "…" in word or "=all" in word
    )
    assert cells(address) >= 16
    name = next(name for name in ("detail", "why", "note") if name in row)
    missing = [word for word in str(row[name]).split() if word not in " ".join(drawing)]
    assert missing == [] or name not in drawing[0]  # a column may go, but its words are not cut


def a_report(**counts: Any) -> CrawlReport:
    report = CrawlReport(["kabar", "vestnik"])
    report.sources["kabar"] = SourceReport("kabar", **counts)
    report.requests, report.bytes = 1, 2048
    return report


def test_a_crawl_says_how_many_channels_had_something_new() -> None:
    assert crawl.totals(a_report(polls=11, found=3, new=1)) == (
        "1 request, 2 KB; 1 new article, 0 revised, 0 unchanged; 11 of 11 channels had something new"
    )
    assert crawl.totals(a_report(polls=1, polls_unchanged=1)).endswith("; 0 of 1 channel had something new")
    assert crawl.totals(a_report(polls=3, polls_failed=2)).endswith("1 of 3 channels had something new, 2 failed")
    assert "channel" not in crawl.totals(a_report())


def test_a_crawl_says_which_setting_decides_about_the_signals_on_its_pages() -> None:
    assert list(crawl.signals_told(a_report(new=1), RightsPolicy())) == []
    report = a_report(noarchive=1)
    report.signals("vestnik", None, noarchive=True)
    report.signals("vestnik", "tdm-reservation", noarchive=False)
    assert list(crawl.signals_told(report, RightsPolicy())) == [
        "noarchive on 2 pages: kept for you and handed to nobody (DATELINE_NOARCHIVE = private).",
        "A TDM reservation on 1 page: withheld (DATELINE_TDM = respect).",
    ]
    assert (report["vestnik"].withheld, report["vestnik"].as_dict()["withheld_because"]) == (1, {"tdm-reservation": 1})
    report = a_report(withheld=1, withheld_because=Counter({"noarchive": 1}))
    assert list(crawl.signals_told(report, WITHHOLD)) == [
        "noarchive on 1 page: withheld (DATELINE_NOARCHIVE = withhold)."
    ]


def test_a_crawl_that_was_stopped_ends_with_one_clear_summary(capsys: pytest.CaptureFixture[str]) -> None:
    report = a_report()
    report.stopped = True
    crawl.print_report(report, Format.table)
    told = capsys.readouterr()
    assert told.out == ""  # no row of dots for each source that was not asked
    assert told.err.splitlines()[-1] == (
        "The crawl was stopped before its end. Nothing is lost: the same command continues where it stopped."
    )
    report.sources["kabar"].new = 2
    crawl.print_report(report, Format.table)
    shown = capsys.readouterr().out
    assert "kabar" in shown
    assert "vestnik" not in shown


def test_programs_get_every_source_of_a_crawl_that_was_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    report = a_report(failed=Counter({"timeout": 1}))
    report.stopped = True
    crawl.print_report(report, Format.jsonl)
    assert len(capsys.readouterr().out.splitlines()) == 2
