"""The reading commands as a person and as a program use them, on both databases."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import text
from support.front_door import invoke
from typer.testing import Result

from archive.errors import UsageError
from archive.export import jsonl
from archive.ingest.record import record_look
from archive.model.article import Caption
from archive.model.capture import Rights
from archive.search import StaleIndex, search_is_current
from archive.search.base import PREPARED_BY
from archive.storage.locks import AlreadyFetching, fetching_lock
from archive.testing import WITHHOLD, Desk, a_capture, a_source, an_article

URL = "https://www.harbour-times.example/news/pact"
Command = Callable[..., Result]


@pytest.fixture
def command(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`command("search", "pact")`: exceptions come through, as to the front door."""
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "200")

    return partial(invoke, tmp_path)


@pytest.fixture
def edited(news_desk: Desk) -> Desk:
    """An article signed at 09:00 and postponed at 11:00, with looks that found nothing in between, gone at 13:00."""
    news_desk.record(an_article(captions=(Caption("A handshake", "AP"),)))
    for title in (None, None, "Ministers postpone harbour pact"):
        news_desk.now += timedelta(hours=1)
        article = an_article(captions=(Caption("A handshake", "AP"),))
        news_desk.record(
            article if title is None else an_article(title=title, body=f"{article.body}\n\x1b[31mRed \u202eline.")
        )
    news_desk.do(lambda tx: record_look(tx, 1, "gone", detail="HTTP 410"))
    return news_desk


def rows(result: Result) -> Any:
    return json.loads(result.stdout)


def test_search_for_people(command: Command, edited: Desk) -> None:
    shown = command("search", "harbour", "pact", "--since", "2026-11-02").stdout
    assert "Ministers postpone harbour pact" in shown
    assert URL in shown
    assert "gone" in shown
    assert "revision 1, which the page no longer shows" in command("search", "sign").stdout
    assert command("search", "absent").stderr.strip() == "Nothing was found."


def test_search_for_programs(command: Command, edited: Desk) -> None:
    (hit,) = rows(command("search", "shared patrols", "--format", "json", "--country", "us"))
    assert (hit["source"], hit["revision"], hit["current"], hit["published_at"]) == (
        "harbour-times",
        2,
        True,
        "2026-11-02T09:00:00Z",
    )
    assert [hit["snippet"][a:b] for a, b in hit["marks"]][:2] == ["shared", "patrols"]
    (line,) = csv.DictReader(io.StringIO(command("search", "--format", "csv").stdout))
    assert line["url"] == URL
    assert rows(command("search", "postpone", "--as-of", "2026-11-02T09:30:00Z", "--format", "json")) == []


@pytest.fixture
def many(news_desk: Desk) -> Desk:
    """Twenty-three articles of one source."""
    for number in range(23):
        url = f"https://www.harbour-times.example/{number}"
        news_desk.record(an_article(url, title=f"=Pact {number}"), a_capture(url))
    return news_desk


def test_programs_get_all_and_people_are_told_of_the_rest(command: Command, many: Desk) -> None:
    for fmt, read in (("json", json.loads), ("jsonl", str.splitlines), ("csv", lambda s: s.splitlines()[1:])):
        seen = command("search", "pact", "--format", fmt)
        assert len(read(seen.stdout)) == 23
        assert seen.stderr == ""
        assert len(read(command("search", "pact", "--limit", "5", "--format", fmt).stdout)) == 5
    shown = command("search", "pact")
    assert shown.stdout.count("https://") == 20
    assert shown.stderr.startswith("20 of 23 shown. --limit N shows more")
    assert command("search", "pact", "--limit", "23").stderr == ""
    assert command("search", "--limit", "5").stderr.startswith("5 of 23 shown")


def test_a_spreadsheet_gets_plain_cells(command: Command, many: Desk) -> None:
    shown = command("search", "pact", "--format", "csv", "--bom").stdout
    assert shown.startswith("\ufeffid,source,")
    first, *_ = csv.DictReader(io.StringIO(shown.removeprefix("\ufeff")))
    assert first["title"].startswith("'=Pact ")
    assert (first["country"], first["authors"], first["lead"]) == (
        "US",
        "Ada Whitlock",
        "Two governments agreed on shared patrols.",
    )
    assert first["first_seen_at"] == first["published_at"] == "2026-11-02T09:00:00Z"
    (history, *_) = csv.DictReader(io.StringIO(command("history", first["id"], "--format", "csv").stdout))
    assert history["origin"] == "live"
    for arguments in (("status",), ("coverage",), ("history", first["id"]), ("verify",), ("export",)):
        assert "{" not in command(*arguments, "--format", "csv").stdout


def test_nothing_is_printed_where_the_question_is_wrong(
    command: Command, edited: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    for fmt in ("csv", "json", "jsonl"):
        with pytest.raises(UsageError):
            command("search", "--source", "nobody", "--format", fmt)
    assert capsys.readouterr().out == ""


def test_words_with_a_minus_are_left_out(command: Command, edited: Desk) -> None:
    assert URL in command("search", "harbour", "-nuclear").stdout
    assert command("search", "harbour", "-pact").stderr.strip() == "Nothing was found."
    assert command("search", "harbour", "-harbour").stderr.strip() == "Nothing was found."


def test_dates_as_people_say_them(command: Command, edited: Desk) -> None:
    for since in ("2026-11", "2026", "2026-11-02"):
        assert URL in command("search", "harbour", "--since", since, "--until", since).stdout
    assert command("search", "harbour", "--until", "2026-10").stderr.strip() == "Nothing was found."
    with time_machine.travel(datetime(2026, 11, 3, 9, 30, tzinfo=UTC), tick=False):
        for since in ("yesterday", "1d", "48h", "2w"):
            assert bool(command("search", "harbour", "--since", since).stdout) is (since != "1d"), since
        assert URL in command("search", "harbour", "--until", "1d").stdout
        assert command("search", "harbour", "--since", "today").stderr.strip() == "Nothing was found."
        assert json.loads(command("export", "--since", "yesterday", "--until", "yesterday").stdout)["url"] == URL
        assert "Ministers postpone" in command("show", URL, "--as-of", "yesterday").stdout
        assert "Ministers postpone" in command("show", URL, "--as-of", "2026-11").stdout
        assert command("coverage", "--since", "2026-10", "--until", "yesterday").exit_code == 0


def test_countries_and_languages_by_name(command: Command, edited: Desk) -> None:
    assert URL in command("search", "harbour", "--country", "United States", "--language", "english").stdout
    assert command("search", "harbour", "--country", "south-korea").stderr.strip() == "Nothing was found."


def test_an_export_for_spreadsheets(command: Command, edited: Desk, tmp_path: Path) -> None:
    target = tmp_path / "all.csv"
    told = command("export", "--format", "csv", "--bom", "-o", str(target))
    assert told.stderr.strip() == f"Wrote 1 article to {target}."
    (row,) = csv.DictReader(io.StringIO(target.read_text("utf-8-sig")))
    assert (row["title"], row["country"], row["revisions"]) == ("Ministers postpone harbour pact", "US", "2")
    assert "\x1b" not in row["body"]
    assert "\u202e" not in row["body"]


def test_what_a_page_wrote_is_escaped_in_json_and_stays_exact(command: Command, edited: Desk) -> None:
    for arguments in (("show", URL, "--format", "json"), ("export",), ("diff", URL, "--format", "json")):
        printed = command(*arguments).stdout
        assert "\x1b" not in printed
        assert "\u202e" not in printed
        assert "\\u001b[31mRed \\u202eline." in printed
    assert "\x1b[31mRed \u202eline." in json.loads(command("export").stdout)["revisions"][1]["body"]


def test_show_for_people(command: Command, edited: Desk) -> None:
    shown = command("show", URL, "--revision", "1").stdout
    for expected in (
        "Ministers sign harbour pact",
        "Two governments agreed on shared patrols.",
        "They signed a pact on shared patrols.",
        "Ada Whitlock",
        "A handshake (photo: AP)",
        "2026-11-02T09:00:00Z (from json-ld",
        "1 of 2, captured 2026-11-02T09:00:00Z",
        "gone, last looked at",
    ):
        assert expected in shown
    assert "Ministers sign" in command("show", URL, "--as-of", "2026-11-02T10:00:00Z").stdout
    assert "Ministers postpone" in command("show", URL).stdout


def test_what_a_page_wrote_cannot_steer_the_terminal(command: Command, edited: Desk) -> None:
    for arguments in (("show", URL), ("diff", URL), ("search", "Red"), ("history", URL)):
        shown = command(*arguments).stdout
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_show_for_programs(command: Command, edited: Desk) -> None:
    data = rows(command("show", f"{URL}?utm_source=x", "--revision", "1", "--format", "json"))
    assert data["title"] == "Ministers sign harbour pact"
    assert [r["number"] for r in data["revisions"]] == [data["revision"]] == [1]
    assert data["aliases"] == [URL]


def test_a_withheld_article_shows_why(command: Command, news_desk: Desk) -> None:
    news_desk.record(an_article(), a_capture(rights=Rights(noarchive=True)), policy=WITHHOLD)
    shown = command("show", URL).stdout
    assert "does not allow keeping the text: noarchive" in shown
    assert "Ministers" not in shown
    assert rows(command("show", URL, "--format", "json"))["reasons"]["title"] == "withheld: noarchive"


def test_an_unknown_date_says_why(command: Command, news_desk: Desk) -> None:
    news_desk.record(an_article(published=None, reasons={"published_at": "only a year was printed"}))
    assert "unknown: only a year was printed" in command("show", URL).stdout
    assert "date unknown" in command("search", "pact").stdout


def test_history_folds_looks_for_people_only(command: Command, edited: Desk) -> None:
    looks = rows(command("history", URL, "--format", "json"))
    assert [(look["outcome"], look["revision"]) for look in looks] == [
        ("changed", 1),
        ("same", 1),
        ("same", 1),
        ("changed", 2),
        ("gone", None),
    ]
    assert looks[3]["changes"] == ["headline", "body", "caption"]
    assert looks[3]["title"] == "Ministers postpone harbour pact"
    assert "2 looks since 2026-11-02 10:00" in command("history", URL).stdout
    assert "looks since" not in command("history", URL, "--all").stdout


def test_diff_for_people_and_programs(command: Command, edited: Desk) -> None:
    shown = command("diff", URL).stdout
    assert "Ministers [-sign-]{+postpone+} harbour pact" in shown
    assert "¶4  {+[31mRed line.+}" in shown
    data = rows(command("diff", URL, "2", "1", "--format", "json"))
    assert (data["old"]["number"], data["new"]["number"]) == (2, 1)
    assert [field["field"] for field in data["fields"]] == ["title", "body", "captions"]
    assert "The two have the same title" in command("diff", URL, "1", "1").stdout


def test_a_history_for_people_says_what_changed(command: Command, edited: Desk) -> None:
    shown = command("history", URL).stdout
    assert "first seen" in shown
    assert shown.count("Ministers postpone harbour pact") == 1  # above the table, and not in each row
    assert "title: Ministers [-sign-]{+postpone+} harbour pact; body: {+[31mRed line.+}; captions: " in shown


def test_diff_on_a_terminal_is_coloured_and_marked(
    command: Command, edited: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = command("diff", URL).stdout
    assert "\x1b[31m[-sign-]\x1b[0m" in shown
    assert "\x1b[32m{+postpone+}\x1b[0m" in shown


def test_export_to_standard_output_and_to_a_file(command: Command, edited: Desk, tmp_path: Path) -> None:
    printed = command("export")
    assert json.loads(printed.stdout)["url"] == URL
    assert printed.stderr.strip() == "Wrote 1 article."
    target = tmp_path / "out" / "archive.jsonl"
    target.parent.mkdir()
    target.write_text("older")
    assert command("export", "-o", str(target), "--until", "2026-11-02").exit_code == 0
    assert target.read_text(encoding="utf-8") == printed.stdout
    assert [p.name for p in target.parent.iterdir()] == ["archive.jsonl"]


def test_an_export_that_fails_leaves_the_older_one(
    command: Command, edited: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "archive.jsonl"
    target.write_text("older")

    def fail(*_: object, **_options: object) -> int:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(jsonl, "write", fail)
    with pytest.raises(RuntimeError):
        command("export", "-o", str(target))
    assert target.read_text() == "older"
    assert not list(tmp_path.glob(".archive.jsonl*"))


def test_an_export_into_a_folder_that_is_not_there_says_so(command: Command, edited: Desk, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="cannot be written: No such file or directory"):
        command("export", "-o", str(tmp_path / "absent" / "archive.jsonl"))


def test_status(command: Command, edited: Desk) -> None:
    (row,) = rows(command("status", "--format", "json"))
    assert (row["source"], row["articles"], row["revisions"], row["gone"], row["channels"]) == (
        "harbour-times",
        1,
        2,
        1,
        [],
    )
    shown = command("status")
    assert "harbour-times" in shown.stdout
    assert "pending" not in shown.stdout  # nothing is: no column of noughts
    assert "1 source, 1 article, 2 revisions" in shown.stderr


def test_reindex_mends_an_index_of_another_version(command: Command, edited: Desk) -> None:
    with edited.archive.writing() as session:
        session.execute(text("UPDATE meta SET value = '0' WHERE key = :key"), {"key": PREPARED_BY})
    with pytest.raises(StaleIndex) as caught:
        command("search", "pact")
    assert caught.value.hint is not None
    assert "dateline reindex" in caught.value.hint
    assert "dateline reindex" in command("status").stderr
    assert "Indexed 2 revisions." in command("reindex").stderr
    with edited.archive.reading() as session:
        assert search_is_current(session)
    assert URL in command("search", "pact").stdout


def test_reindex_waits_for_no_crawl(command: Command, edited: Desk, tmp_path: Path) -> None:
    with fetching_lock(edited.archive.engine, tmp_path), pytest.raises(AlreadyFetching):
        command("reindex")


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "--since", "someday"),
        ("show", URL, "--as-of", "soon"),
        ("search", "!!"),
        ("search", "--country", "Korea"),
        ("export", "--language", "koreanisch"),
        ("search", "--since", "2026-03-31", "--until", "2026-03-01"),
        ("coverage", "--since", "2026-04", "--until", "2026-03"),
        ("coverage", "--since", "2026-11-03T09:00"),
        ("search", "--bom"),
        ("search", "--format", "json", "--bom"),
        ("export", "--bom"),
    ],
)
def test_wrong_usage_is_said(command: Command, news_desk: Desk, arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        command(*arguments)


def test_config_names_every_setting_with_its_origin(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dateline.toml").write_text('delay = 2\ncontact = "me@example.org"\nresolve = "a.example=127.0.0.1"\n')
    monkeypatch.setenv("DATELINE_DELAY", "3")
    monkeypatch.setenv("DATELINE_TIMEOUT", "90s")
    found = {row["setting"]: row for row in rows(command("config", "--format", "json"))}
    assert (found["delay"]["value"], found["delay"]["origin"]) == ("3", "environment")
    assert (found["contact"]["value"], found["contact"]["origin"]) == (
        "me@example.org",
        str(tmp_path / "dateline.toml"),
    )
    assert (found["home"]["value"], found["home"]["origin"]) == (str(tmp_path), "command line")
    assert (found["timeout"]["value"], found["poll_longest"]["value"]) == ("90s", "24h")
    assert (found["warc_size"]["value"], found["warc_size"]["origin"]) == ("1G", "default")
    assert (found["render_size"]["value"], found["render_memory"]["value"]) == ("16M", "256M")
    assert found["chromium"]["value"] == ""
    assert "not set" in command("config").stdout
    assert found["resolve"]["value"] == "a.example=127.0.0.1"
    assert found["warc_dir"]["value"] == str(tmp_path / "warc")
    assert all(row["meaning"] and row["variable"].startswith("DATELINE_") for row in found.values())


def test_an_address_that_another_source_claims_is_shown_and_the_other_is_named(command: Command, edited: Desk) -> None:
    edited.add_source(a_source("mirror"))
    edited.record(an_article(title="FORGED"), a_capture(source_id="mirror"))
    for name in ("show", "history", "diff"):
        shown = command(name, URL)
        assert "FORGED" not in shown.stdout
        assert "Another source has named this address as one of its own" in shown.stderr
        assert "(mirror)" in shown.stderr
    assert rows(command("show", URL, "--format", "json"))["source"] == "harbour-times"
