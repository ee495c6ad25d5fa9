"""The export is a contract: checked against its schema on every article, on both databases."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from archive.export import articles_csv, jsonl, wanted
from archive.export.spreadsheet import LONGEST
from archive.ingest.record import record_look
from archive.model.article import Caption, LineageClaim
from archive.model.capture import Rights
from archive.query import Filters, NotFound
from archive.testing import START, WITHHOLD, Desk, a_capture, a_source, a_time, an_article

URL = "https://www.harbour-times.example/news/pact"
KEYS = [
    "id",
    "source",
    "url",
    "canonical_url",
    "title",
    "lead",
    "authors",
    "language",
    "published_at",
    "modified_at",
    "first_seen_at",
    "last_seen_at",
    "status",
    "text_scope",
    "countries",
    "story_id",
    "duplicate_of",
    "original_url",
    "declared_language",
    "lineage",
    "captions",
    "reasons",
    "revisions",
    "noarchive",
]
REVISION_KEYS = [
    "number",
    "captured_at",
    "published_at",
    "title",
    "lead",
    "body",
    "content_hash",
    "changes",
    "warc",
    "first_captured_at",
    "origin",
    "noarchive",
    "withheld_because",
]


def exported(desk: Desk, filters: Filters = Filters()) -> list[dict[str, Any]]:  # noqa: B008
    """The lines as a program reads them, each valid against the schema."""
    stream = io.StringIO()
    count = jsonl.write(desk.archive, stream, filters).articles
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == count
    validator = Draft202012Validator(jsonl.schema())
    for line in lines:
        validator.validate(line)
    return lines


def test_one_article_with_everything(news_desk: Desk) -> None:
    original = "https://wire.example/1"
    article = an_article(
        published=a_time(datetime(2026, 11, 1, tzinfo=UTC), precision="day"),
        modified=a_time(START),
        captions=(Caption("A handshake", "AP", "https://www.harbour-times.example/1.jpg"), Caption(None, None, None)),
        original_url=original,
        lineage=(LineageClaim("syndicated_from", original, ("by-line",), name="Wire"),),
    )
    news_desk.record(article)
    news_desk.now += timedelta(hours=1)
    news_desk.record(
        an_article(**{f: getattr(article, f) for f in ("published", "captions", "lineage")}, title="Changed")
    )
    (line,) = exported(news_desk)
    assert list(line) == KEYS
    assert line["title"] == "Changed"
    assert line["published_at"] == "2026-11-01"
    assert line["modified_at"] is None
    assert line["reasons"]["modified_at"] == "no date found"
    assert line["authors"] == ["Ada Whitlock"]
    assert (line["first_seen_at"], line["last_seen_at"]) == ("2026-11-02T09:00:00Z", "2026-11-02T10:00:00Z")
    assert line["captions"][0] == {
        "text": "A handshake",
        "credit": "AP",
        "image_url": "https://www.harbour-times.example/1.jpg",
    }
    assert line["lineage"] == [
        {
            "relation": "syndicated_from",
            "article_id": None,
            "url": original,
            "evidence": ["by-line", "credited: Wire"],
            "copied_share": None,
        }
    ]
    first, second = line["revisions"]
    assert list(first) == REVISION_KEYS
    assert (first["number"], first["title"], first["changes"]) == (1, "Ministers sign harbour pact", [])
    assert (second["number"], second["title"], second["changes"]) == (2, "Changed", ["headline"])
    assert first["body"].split("\n")[0] == "The ministers met on Monday."
    assert first["published_at"] == "2026-11-01"
    assert second["captured_at"] == "2026-11-02T10:00:00Z"
    assert first["warc"]["offset"] < second["warc"]["offset"]
    assert (news_desk.warc_path / first["warc"]["file"]).exists()


def test_every_null_has_its_reason(news_desk: Desk) -> None:
    unknown: dict[str, Any] = dict.fromkeys(
        ("title", "lead", "body", "language", "declared_language", "published", "modified")
    )
    news_desk.record(an_article(**unknown, authors=(), reasons={"published_at": "two dates, neither believable"}))
    (line,) = exported(news_desk)
    nulls = {key for key, value in line.items() if value is None}
    assert nulls == {
        "title",
        "lead",
        "language",
        "published_at",
        "modified_at",
        "story_id",
        "duplicate_of",
        "original_url",
        "declared_language",
    }
    assert nulls < set(line["reasons"])
    assert {"body", "countries"} < set(line["reasons"])
    assert line["reasons"]["published_at"] == "two dates, neither believable"
    assert line["countries"] == []


def test_a_withheld_article_is_exported_without_any_of_its_text(news_desk: Desk) -> None:
    news_desk.record(an_article(captions=(Caption("secret caption"),)))
    news_desk.now += timedelta(hours=1)
    closed = an_article(title="secret title", body="secret body")
    news_desk.record(closed, a_capture(rights=Rights(tdm_reservation=True)))
    (line,) = exported(news_desk)
    assert line["status"] == "withheld"
    assert line["revisions"] == line["captions"] == line["authors"] == []
    for field in ("title", "lead", "language", "published_at", "modified_at"):
        assert line[field] is None
        assert line["reasons"][field] == "withheld: tdm-reservation"
    assert "secret" not in json.dumps(line)
    assert "Ministers" not in json.dumps(line)
    assert line["url"] == URL


def test_a_page_that_is_gone_keeps_its_text(news_desk: Desk) -> None:
    pk = news_desk.record().article_pk
    news_desk.do(lambda tx: record_look(tx, pk, "gone", detail="HTTP 410"))
    (line,) = exported(news_desk)
    assert line["status"] == "gone"
    assert len(line["revisions"]) == 1


def test_filters_choose_articles(news_desk: Desk) -> None:
    news_desk.add_source(a_source("kabar", country="ID", timezone="Asia/Jakarta"))
    news_desk.record()
    for name, published in (("known", a_time(START)), ("unknown", None)):
        url = f"https://www.kabar.example/{name}"
        news_desk.record(an_article(url, published=published, language="id"), a_capture(url, source_id="kabar"))
    news_desk.record(
        an_article("https://www.harbour-times.example/closed"),
        a_capture("https://www.harbour-times.example/closed", rights=Rights(noarchive=True)),
        policy=WITHHOLD,
    )

    def names(**wanted: Any) -> list[str]:
        return [line["url"].rsplit("/", 1)[1] for line in exported(news_desk, Filters(**wanted))]

    assert names() == ["pact", "known", "unknown", "closed"]
    assert names(source=("kabar",)) == ["known", "unknown"]
    assert names(country=("US",)) == ["pact", "closed"]
    assert names(language=("id",)) == ["known", "unknown"]
    assert names(since=date(2026, 11, 2), until=date(2026, 11, 2)) == ["pact", "known"]
    assert names(since=date(2026, 11, 3)) == []
    with pytest.raises(NotFound):
        names(source=("nobody",))


def test_as_of_exports_what_had_been_captured_by_then(news_desk: Desk) -> None:
    news_desk.record()
    news_desk.now += timedelta(hours=1)
    news_desk.record(an_article(title="Changed"))
    other = "https://www.harbour-times.example/later"
    news_desk.record(an_article(other), a_capture(other, at=news_desk.now))
    (line,) = exported(news_desk, Filters(as_of=START))
    assert line["title"] == "Ministers sign harbour pact"
    assert [r["number"] for r in line["revisions"]] == [1]
    assert len(exported(news_desk, Filters(as_of=news_desk.now))) == 2
    assert exported(news_desk, Filters(as_of=date(2026, 11, 1))) == []


def test_batches_leave_nothing_out(news_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wanted, "BATCH", 2)
    urls = [f"https://www.harbour-times.example/{n}" for n in range(5)]
    for url in urls:
        news_desk.record(an_article(url), a_capture(url))
    steps: list[tuple[int, int]] = []
    found = list(jsonl.records(news_desk.archive, progress=lambda done, total: steps.append((done, total))))
    assert [line["url"] for line in found] == urls
    assert steps == [(2, 5), (4, 5), (5, 5)]


def test_an_empty_archive_exports_nothing(news_desk: Desk) -> None:
    assert exported(news_desk) == []


# --- as a table


def table(desk: Desk, filters: Filters = Filters(), **options: Any) -> list[dict[str, str]]:  # noqa: B008
    stream = io.StringIO()
    written = articles_csv.write(desk.archive, stream, filters, **options)
    found = list(csv.DictReader(io.StringIO(stream.getvalue().removeprefix("\ufeff"))))
    assert len(found) == written.articles
    return found


def test_a_table_has_a_row_for_each_article_as_a_spreadsheet_wants_it(news_desk: Desk) -> None:
    news_desk.record()
    news_desk.now += timedelta(hours=1)
    news_desk.record(
        an_article(
            title="=HYPERLINK(1)",
            authors=("Ada Whitlock", "Kim Jiwoo"),
            captions=(Caption("A handshake", "AP"), Caption(None, "AP")),
            original_url="https://www.yonhap.example/1",
        )
    )
    (row,) = table(news_desk)
    assert list(row) == list(articles_csv.COLUMNS)
    assert row["title"] == "'=HYPERLINK(1)"
    assert row["lead"] == "Two governments agreed on shared patrols."
    assert row["authors"] == "Ada Whitlock; Kim Jiwoo"
    assert (row["country"], row["language"], row["source_name"]) == ("US", "en", "Harbour Times")
    assert (row["published_at"], row["first_seen_at"]) == ("2026-11-02T09:00:00Z", "2026-11-02T09:00:00Z")
    assert (row["revision"], row["revisions"], row["captured_at"]) == ("2", "2", "2026-11-02T10:00:00Z")
    assert (row["captions"], row["modified_at"]) == ("A handshake", "")
    assert row["body"].count("\n") == 2
    (before,) = table(news_desk, Filters(as_of=START))
    assert (before["title"], before["revision"], before["revisions"]) == ("Ministers sign harbour pact", "1", "1")


def test_a_table_holds_no_text_that_is_withheld(news_desk: Desk) -> None:
    news_desk.record(an_article(), a_capture(rights=Rights(noarchive=True)), policy=WITHHOLD)
    (row,) = table(news_desk)
    assert (row["status"], row["title"], row["body"], row["url"]) == ("withheld", "", "", URL)


def test_a_text_that_no_cell_holds_is_cut_and_counted(news_desk: Desk) -> None:
    news_desk.record(an_article(body="patrol " * LONGEST))
    stream = io.StringIO()
    assert articles_csv.write(news_desk.archive, stream, bom=True) == wanted.Written(1, 0, 1)
    assert stream.getvalue().startswith("\ufeffid,")
    (row,) = table(news_desk)
    assert len(row["body"]) == LONGEST - 1
    assert row["body"].endswith("…")


def test_a_table_is_filtered_as_every_export(news_desk: Desk) -> None:
    news_desk.record()
    assert table(news_desk, Filters(country=("South Korea",))) == []
    assert len(table(news_desk, Filters(country=("United States",), language=("English",)))) == 1
