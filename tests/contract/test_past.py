"""Captures of the past: in whatever order they are filed, one history comes of it, by the time of capture."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, permutations
from math import factorial
from typing import Any

import jsonschema
import pytest
from sqlalchemy import select, text

from archive.export.jsonl import records, schema
from archive.frontier.known_articles import known_article
from archive.ingest.historical import neighbours, record_historical
from archive.ingest.record import record_look
from archive.model.article import Article
from archive.model.capture import Capture, Origin, OriginKind, Rights
from archive.query import diff, get, history
from archive.query.filters import Filters
from archive.storage.session import Archive
from archive.tables import ArticleRow, CaptureRow, RevisionRow
from archive.testing import START, WITHHOLD, Desk, a_capture, an_article
from archive.verify import verify
from archive.warc.reader import read_response
from archive.writer.writer import Transaction

URL = "https://www.harbour-times.example/news/pact"
REPLAY = "https://web.archive.example/web/"


def day(number: float) -> datetime:
    """Days before or after START."""
    return START + timedelta(days=number)


def past_capture(words: str, at: datetime, kind: OriginKind = "wayback", rights: Rights = Rights()) -> Capture:  # noqa: B008
    made = a_capture(URL, f"<p>{words}</p>".encode(), at=at, rights=rights)
    replay = f"{REPLAY}{at:%Y%m%d%H%M%S}id_/{URL}"
    if kind == "warc":
        origin = Origin("warc", "https://warcs.example/CC-NEWS-1.warc.gz", 1234)
        return Capture(made.source_id, URL, made.answer, made.payload, rights=rights, origin=origin)
    ours = a_capture(replay, made.payload, at=START + timedelta(days=30), headers=(("Memento-Datetime", "x"),)).answer
    return Capture(
        made.source_id, URL, made.answer, made.payload, rights=rights, origin=Origin("wayback", replay), via=(ours,)
    )


@dataclass(frozen=True)
class Seen:
    """One capture: what it says, when, and who made it."""

    words: str
    at: float
    kind: OriginKind = "wayback"

    @property
    def article(self) -> Article:
        return an_article(URL, body=f"The ministers said {self.words}.")

    def file(self, desk: Desk) -> str:
        if self.kind == "live":
            desk.now = day(self.at)
            return desk.record(self.article, a_capture(URL, f"<p>{self.words}</p>".encode(), at=desk.now)).kind
        return str(file(desk, past_capture(self.words, day(self.at), self.kind), self.article))


def file(desk: Desk, capture: Capture, article: Any = None, **options: Any) -> str:
    filed = desk.do(lambda tx: record_historical(tx, capture, article or an_article(URL), **options))
    return str(filed.kind)


def told(archive: Archive) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The history as a reader gets it, without what the order of filing decides: the numbers, and of pages that show one
    text, which of them it was read from."""
    found = history(archive, URL)
    hashes = {r.number: r.body for r in found.article.revisions}
    looks = [(look.captured_at, look.origin.kind, look.outcome, hashes.get(look.revision or 0)) for look in found.looks]
    revisions = [(r.first_captured_at, r.body, r.changes) for r in found.article.revisions]
    return looks, revisions


def in_days(archive: Archive) -> list[tuple[float, str, tuple[str, ...]]]:
    return [
        ((at - START) / timedelta(days=1), body.removeprefix("The ministers said ").rstrip("."), changes)
        for at, body, changes in told(archive)[1]
    ]


B = ("body",)


def test_a_capture_between_two_texts_takes_its_place(news_desk: Desk) -> None:
    assert [s.file(news_desk) for s in (Seen("A", 0, "live"), Seen("C", 4, "live"), Seen("B", 2))] == [
        "new",
        "revised",
        "revised",
    ]
    assert in_days(news_desk.archive) == [(0, "A", ()), (2, "B", B), (4, "C", B)]
    view = get(news_desk.archive, URL)
    assert [r.number for r in view.revisions] == [1, 3, 2]  # numbers are for good, the order is that of time
    assert view.revision is not None and view.revision.number == 2
    assert get(news_desk.archive, URL, as_of=day(3)).revision == view.revisions[1]
    found = diff(news_desk.archive, URL)
    assert (found.old.number, found.new.number) == (3, 2)


def test_what_comes_before_the_first_is_the_first(news_desk: Desk) -> None:
    Seen("B", 0, "live").file(news_desk)
    assert Seen("A", -400).file(news_desk) == "new"
    assert in_days(news_desk.archive) == [(-400, "A", ()), (0, "B", B)]
    with news_desk.archive.reading() as session:
        row = session.scalars(select(ArticleRow)).one()
        assert session.scalar(select(RevisionRow.changes).where(RevisionRow.number == 1)) == []  # as it was written
    assert (row.first_seen_at, row.current_revision, row.looks) == (START, 1, 1)


def test_the_same_as_its_neighbour_is_an_observation(news_desk: Desk) -> None:
    Seen("A", 0, "live").file(news_desk)
    Seen("B", 3, "live").file(news_desk)
    assert Seen("A", 1).file(news_desk) == "unchanged"
    assert Seen("B", 2).file(news_desk) == "revised"  # B was there a day earlier than we saw it
    assert Seen("B", 4).file(news_desk) == "unchanged"
    assert in_days(news_desk.archive) == [(0, "A", ()), (2, "B", B)]
    looks = told(news_desk.archive)[0]
    assert [look[2] for look in looks] == ["changed", "same", "changed", "same", "same"]
    assert [look[1] for look in looks] == ["live", "wayback", "wayback", "live", "wayback"]
    assert get(news_desk.archive, URL, as_of=day(2.5)).revision == get(news_desk.archive, URL).revisions[1]


def test_a_change_that_was_taken_back_before_we_looked_again(news_desk: Desk) -> None:
    for seen in (Seen("A", 0, "live"), Seen("A", 4, "live"), Seen("B", 2)):
        seen.file(news_desk)
    assert in_days(news_desk.archive) == [(0, "A", ()), (2, "B", B), (4, "A", B)]
    view = get(news_desk.archive, URL)
    assert view.revision is not None
    assert view.revision.first_captured_at == day(4)
    assert [look[2] for look in told(news_desk.archive)[0]] == ["changed", "changed", "changed"]


EVENTS = (
    (Seen("A", 0), Seen("B", 1), Seen("A", 2), Seen("C", 3)),
    (Seen("A", 0), Seen("A", 1), Seen("B", 2), Seen("A", 3), Seen("A", 4)),
    (Seen("A", 0, "warc"), Seen("B", 0), Seen("B", 1, "warc"), Seen("C", 2)),
)


@pytest.mark.parametrize("events", EVENTS, ids=["returns", "parted", "two archives"])
def test_any_order_of_filing_gives_the_same_history(news_desk: Desk, events: Sequence[Seen]) -> None:
    expected = None
    for order in islice(permutations(events), 0, None, max(1, factorial(len(events)) // 12)):

        def work(tx: Transaction, order: Sequence[Seen] = order) -> None:
            for table in ("placements", "observations", "aliases", "revisions", "articles", "captures"):
                tx.session.execute(text(f"DELETE FROM {table}"))
            for seen in order:
                record_historical(tx, past_capture(seen.words, day(seen.at), seen.kind), seen.article)

        news_desk.do(work)
        found = told(news_desk.archive)
        assert expected is None or found == expected, order
        expected = found
        view = get(news_desk.archive, URL)
        assert view.revision == view.revisions[-1]
        assert (view.first_seen_at, view.last_seen_at) == (START, day(events[-1].at))


def test_all_three_origins_make_one_history(news_desk: Desk) -> None:
    for seen in (Seen("C", 4, "live"), Seen("A", -30), Seen("D", 5, "live"), Seen("B", -2, "warc"), Seen("C", 4.5)):
        seen.file(news_desk)
    assert in_days(news_desk.archive) == [(-30, "A", ()), (-2, "B", B), (4, "C", B), (5, "D", B)]
    view = get(news_desk.archive, URL)
    assert [r.origin.kind for r in view.revisions] == ["wayback", "warc", "live", "live"]
    assert view.revisions[0].origin.url == f"{REPLAY}20261003090000id_/{URL}"
    assert (view.revisions[1].origin.offset, view.revisions[2].origin.url) == (1234, None)
    (line,) = records(news_desk.archive)
    jsonschema.validate(line, schema())
    assert [r["origin"]["kind"] for r in line["revisions"]] == ["wayback", "warc", "live", "live"]
    assert [r["number"] for r in line["revisions"]] == [2, 4, 1, 3]
    (earlier,) = records(news_desk.archive, Filters(as_of=day(0)))
    assert [r["number"] for r in earlier["revisions"]] == [2, 4]
    with news_desk.archive.reading() as session:
        revisions = session.execute(text("SELECT origin, changes FROM v_revisions ORDER BY first_captured_at")).all()
        kinds = session.scalars(text("SELECT origin FROM v_observations ORDER BY captured_at")).all()
    assert [tuple(row) for row in revisions] == [
        ("wayback", None),
        ("warc", "body"),
        ("live", "body"),
        ("live", "body"),
    ]
    assert kinds == ["wayback", "warc", "live", "wayback", "live"]


def test_the_present_is_not_touched_by_an_older_capture(news_desk: Desk) -> None:
    news_desk.now = day(0)
    headers = (("Content-Type", "text/html"), ("ETag", '"1"'))
    news_desk.record(capture=a_capture(URL, b"<p>now</p>", at=START, headers=headers))
    pk = article_row(news_desk).pk
    news_desk.now = day(1)
    news_desk.do(lambda tx: record_look(tx, pk, "gone", detail="HTTP 410"))
    before = as_dict(article_row(news_desk))
    news_desk.now = day(2)
    assert Seen("A", -10).file(news_desk) == "new"
    assert as_dict(article_row(news_desk)) == before


def test_a_capture_later_than_our_last_look_is_what_the_next_one_is_compared_with(news_desk: Desk) -> None:
    Seen("A", 0, "live").file(news_desk)
    assert Seen("B", 2).file(news_desk) == "revised"
    row = article_row(news_desk)
    assert (row.current_revision, row.etag, row.content_digest, row.looked_at, row.looks) == (2, None, None, START, 1)
    assert Seen("A", 3, "live").file(news_desk) == "revised"
    assert in_days(news_desk.archive) == [(0, "A", ()), (2, "B", B), (3, "A", B)]
    news_desk.now = day(3)
    with news_desk.archive.reading() as session:
        known = known_article(session, "harbour-times", URL)
    assert known is not None and known.shown is not None and known.shown.url == URL


def test_a_capture_is_filed_once(news_desk: Desk) -> None:
    assert [Seen("A", 1).file(news_desk) for _ in range(2)] == ["new", "known"]
    assert len(told(news_desk.archive)[0]) == 1
    row = article_row(news_desk)
    assert (row.first_seen_at, row.last_seen_at, row.status) == (START, day(1), "live")


def test_the_bytes_of_a_memento_are_our_exchange_with_the_archive(news_desk: Desk) -> None:
    Seen("A", -3).file(news_desk)
    Seen("B", -2, "warc").file(news_desk)
    with news_desk.archive.reading() as session:
        memento, record = session.scalars(select(CaptureRow).order_by(CaptureRow.captured_at))
        assert (memento.captured_at, memento.final_url, memento.origin) == (day(-3), URL, "wayback")
        assert memento.requested_at > day(29)
        stored = [read_response(news_desk.warc_path / c.warc_file, c.warc_offset) for c in (memento, record)]  # type: ignore[operator, arg-type]
    assert [s.url for s in stored] == [memento.origin_url, URL]
    assert ("Memento-Datetime", "x") in stored[0].headers
    assert list(verify(news_desk.archive, news_desk.warc_path)) == []
    raw = b"".join(gzip.decompress(p.read_bytes()) for p in news_desk.warc_path.glob("*.gz"))
    assert raw.count(b"WARC-Type: request") == 1  # the other request was not ours
    assert b"WARC-Source-URI: https://warcs.example/CC-NEWS-1.warc.gz" in raw


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_might_not_be_kept_then_is_not(news_desk: Desk, order: tuple[int, int]) -> None:
    closed = past_capture("secret", day(-2), rights=Rights(noarchive=True))
    free = past_capture("A", day(-1))
    for which in order:
        file(news_desk, (closed, free)[which], an_article(URL, body="secret" if which == 0 else "A"), policy=WITHHOLD)
    view = get(news_desk.archive, URL)
    assert (view.status, [r.body for r in view.revisions]) == ("live", ["A"])
    assert [look.outcome for look in history(news_desk.archive, URL).looks] == ["changed", "changed"]
    assert all(b"secret" not in gzip.decompress(path.read_bytes()) for path in news_desk.warc_path.glob("*.gz"))
    reserved = past_capture("B", day(1), rights=Rights(tdm_reservation=True))
    assert file(news_desk, reserved) == "withheld"
    assert get(news_desk.archive, URL).withheld_because == "tdm-reservation"


def test_what_the_publisher_reserves_today_holds_for_older_copies(news_desk: Desk) -> None:
    news_desk.record(capture=a_capture(URL, rights=Rights(noarchive=True)), policy=WITHHOLD)
    assert (
        file(news_desk, past_capture("secret", day(-2)), an_article(URL, body="secret"), policy=WITHHOLD) == "withheld"
    )
    assert get(news_desk.archive, URL).withheld_because == "noarchive"
    assert all(b"secret" not in gzip.decompress(path.read_bytes()) for path in news_desk.warc_path.glob("*.gz"))


def test_a_paywalled_capture_is_no_edit(news_desk: Desk) -> None:
    Seen("A", 0).file(news_desk)
    short = an_article(URL, body="The …", text_scope="excerpt", reasons={"text_scope": "paywall"})
    assert file(news_desk, past_capture("p", day(1)), short) == "paywalled"
    assert len(get(news_desk.archive, URL).revisions) == 1


def test_texts_of_two_extractors_are_compared_as_one_reads_them(news_desk: Desk) -> None:
    Seen("A", 0, "live").file(news_desk)
    newer = an_article(URL, body="The ministers said A, read better.", extractor="test-2")
    capture = past_capture("A", day(-1))
    assert file(news_desk, capture, newer) == "unchanged"
    looks = history(news_desk.archive, URL).looks
    assert (looks[0].revision, looks[0].detail) == (None, "read by another version of the extractor: not compared")
    capture = past_capture("A", day(-2))
    with news_desk.archive.reading() as session:
        (beside,) = neighbours(session, article_row(news_desk).pk, capture)
    assert (beside.number, beside.extractor) == (1, "test-1")
    assert beside.page is not None
    assert file(news_desk, capture, newer, read_again={1: newer}) == "new"
    view = get(news_desk.archive, URL)
    assert (len(view.revisions), view.revisions[0].first_captured_at) == (1, day(-2))


def article_row(desk: Desk) -> ArticleRow:
    with desk.archive.reading() as session:
        return session.scalars(select(ArticleRow)).one()


def as_dict(row: ArticleRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ArticleRow.__table__.columns.keys()}  # noqa: SIM118  # no dict
