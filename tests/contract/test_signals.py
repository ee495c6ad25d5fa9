"""What is kept and handed on of pages with `noarchive` or a TDM reservation, whatever the settings were at each look."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from sqlalchemy import select, text

from archive.export import articles_csv, jsonl
from archive.frontier.known_articles import known_article
from archive.ingest.historical import record_historical
from archive.ingest.record import Recorded, record_look
from archive.model.article import Article
from archive.model.capture import Capture, Origin, Rights, RightsPolicy
from archive.query import Filters, NotFound, SignalCounts, diff, find, for_others, get, history, status
from archive.query.status import signal_counts
from archive.tables import ArticleRow, CaptureRow, RevisionRow
from archive.testing import START, WITHHOLD, Desk, a_capture, an_article
from archive.verify import verify

URL = "https://www.harbour-times.example/news/pact"
NOARCHIVE = Rights(noarchive=True, evidence=("meta:robots=noarchive",))
RESERVED = Rights(tdm_reservation=True, evidence=("header:tdm-reservation=1",))
PRIVATE = RightsPolicy()
FREE = Rights()
RESEARCH = RightsPolicy(tdm="research")
HOUR = timedelta(hours=1)


def look(
    desk: Desk, words: str = "signed", rights: Rights = NOARCHIVE, policy: RightsPolicy = PRIVATE, **fields: Any
) -> Recorded:
    """A look at the page an hour after the last one, which shows these words."""
    desk.now += HOUR
    article = an_article(URL, body=f"The ministers {words}.", **fields)
    capture = a_capture(URL, f"<p>{words}</p>".encode(), at=desk.now, rights=rights)
    return desk.record(article, capture, policy=policy)


def unread(
    desk: Desk, rights: Rights = FREE, policy: RightsPolicy = PRIVATE, *, status: int = 304, body: bytes = b""
) -> Recorded:  # fmt: skip
    """A look that needed no reading: the server, or equal bytes, said that the page is as it was."""
    desk.now += HOUR
    capture = a_capture(URL, body, at=desk.now, status=status, rights=rights)
    pk = article_row(desk).pk
    recorded: Recorded = desk.do(lambda tx: record_look(tx, pk, "same", capture=capture, policy=policy))
    return recorded


def article_row(desk: Desk) -> ArticleRow:
    with desk.archive.reading() as session:
        return session.scalars(select(ArticleRow)).one()


def marks(desk: Desk) -> list[bool]:
    """The marks of the revisions, by their number."""
    with desk.archive.reading() as session:
        return list(session.scalars(select(RevisionRow.noarchive).order_by(RevisionRow.number)))


def exported(desk: Desk, *, noarchive: bool = False, filters: Filters = Filters()) -> dict[str, Any]:  # noqa: B008
    stream = io.StringIO()
    jsonl.write(desk.archive, stream, filters, noarchive=noarchive)
    line: dict[str, Any] = json.loads(stream.getvalue())
    jsonschema.validate(line, jsonl.schema())
    return line


def table(desk: Desk, *, noarchive: bool = False) -> dict[str, str]:
    stream = io.StringIO()
    articles_csv.write(desk.archive, stream, noarchive=noarchive)
    (row,) = csv.DictReader(io.StringIO(stream.getvalue()))
    return row


def problems(desk: Desk) -> list[str]:
    return [each.problem for each in verify(desk.archive, desk.warc_path)]


def is_sound(desk: Desk) -> bool:
    return problems(desk) == []


# --- private


def test_a_private_page_is_whole_for_its_owner(news_desk: Desk) -> None:
    recorded = look(news_desk)
    assert (recorded.kind, recorded.noarchive, recorded.withheld_because) == ("new", True, None)
    look(news_desk, "signed and left")
    archive = news_desk.archive
    view = get(archive, URL)
    assert (view.status, view.noarchive, view.withheld_because) == ("live", True, None)
    assert [(r.body, r.noarchive) for r in view.revisions] == [
        ("The ministers signed.", True),
        ("The ministers signed and left.", True),
    ]
    assert [hit.noarchive for hit in find(archive, "ministers")] == [True]
    assert len(history(archive, URL).looks) == 2
    assert diff(archive, URL).fields[0].field == "body"
    with archive.reading() as session:
        assert session.scalars(text("SELECT body FROM v_revisions ORDER BY number")).first() == "The ministers signed."
        assert session.execute(text("SELECT title IS NOT NULL, noarchive FROM v_articles")).one()[1] == 1
        assert session.scalars(text("SELECT noarchive FROM v_revisions")).all() == [1, 1]
        kept = session.execute(text("SELECT kept, withheld_because, noarchive FROM v_captures")).all()
    assert [tuple(row) for row in kept] == [("response", None, 1)] * 2
    assert any(path.stat().st_size for path in news_desk.warc_path.glob("*"))
    assert is_sound(news_desk)


def test_an_export_hands_nothing_of_it_on_unless_it_is_asked_for(news_desk: Desk) -> None:
    look(news_desk, title="A secret title", lead="A secret lead")
    line, row = exported(news_desk), table(news_desk)
    assert (line["status"], line["noarchive"], line["revisions"], line["url"]) == ("withheld", True, [], URL)
    for field in ("title", "lead", "language", "published_at", "modified_at", "authors", "captions", "revisions"):
        assert not line[field]
        assert line["reasons"][field] == "withheld: noarchive"
    assert (row["status"], row["withheld_because"], row["title"], row["body"]) == ("withheld", "noarchive", "", "")
    assert (row["revision"], row["revisions"], row["noarchive"]) == ("", "0", "true")
    assert "secret" not in json.dumps(line) + json.dumps(row)
    line, row = exported(news_desk, noarchive=True), table(news_desk, noarchive=True)
    assert (line["status"], line["noarchive"], line["title"]) == ("live", True, "A secret title")
    assert [(r["body"], r["noarchive"], r["withheld_because"]) for r in line["revisions"]] == [
        ("The ministers signed.", True, None)
    ]
    assert (row["status"], row["withheld_because"], row["body"]) == ("live", "", "The ministers signed.")


def test_filters_of_the_text_choose_among_private_articles_as_well(news_desk: Desk) -> None:
    look(news_desk, language="en")
    assert exported(news_desk, filters=Filters(language=("en",)))["status"] == "withheld"
    with pytest.raises(json.JSONDecodeError):  # nothing is written
        exported(news_desk, filters=Filters(language=("id",)))


def test_a_free_page_is_handed_on_as_before(news_desk: Desk) -> None:
    look(news_desk, rights=Rights())
    assert article_row(news_desk).rights is None
    line = exported(news_desk)
    assert (line["status"], line["noarchive"], line["revisions"][0]["noarchive"]) == ("live", False, False)
    assert for_others(get(news_desk.archive, URL)) == get(news_desk.archive, URL)


def test_what_was_shown_only_with_the_signal_stays_private_when_the_page_is_freed(news_desk: Desk) -> None:
    look(news_desk, "signed a secret")
    look(news_desk, "signed", Rights())
    assert marks(news_desk) == [True, False]
    assert not get(news_desk.archive, URL).noarchive
    line = exported(news_desk)
    assert (line["status"], line["title"]) == ("live", "Ministers sign harbour pact")
    first, second = line["revisions"]
    assert (first["number"], first["body"], first["warc"], first["withheld_because"]) == (1, None, None, "noarchive")
    assert (second["body"], second["withheld_because"]) == ("The ministers signed.", None)
    assert "secret" not in json.dumps(line)
    before = exported(news_desk, filters=Filters(as_of=START + HOUR + timedelta(minutes=1)))
    assert (before["status"], before["revisions"]) == ("withheld", [])
    assert "secret" in json.dumps(exported(news_desk, noarchive=True))
    assert is_sound(news_desk)


def test_a_text_that_is_shown_without_the_signal_is_free(news_desk: Desk) -> None:
    look(news_desk)
    assert look(news_desk, rights=Rights()).kind == "unchanged"
    assert marks(news_desk) == [False]
    assert exported(news_desk)["revisions"][0]["body"] == "The ministers signed."
    look(news_desk)
    assert marks(news_desk) == [True]
    assert exported(news_desk)["status"] == "withheld"
    look(news_desk, "left", Rights())
    look(news_desk, "signed")  # back again, with the signal
    assert marks(news_desk) == [True, False, True]
    assert is_sound(news_desk)


def test_a_page_that_was_not_read_again_keeps_what_its_document_said(news_desk: Desk) -> None:
    look(news_desk)
    assert unread(news_desk).noarchive
    assert unread(news_desk, status=200, body=b"<p>signed</p>").noarchive
    assert get(news_desk.archive, URL).noarchive
    assert marks(news_desk) == [True]
    assert is_sound(news_desk)


def test_a_header_that_goes_frees_a_page_with_the_same_bytes(news_desk: Desk) -> None:
    by_header = Rights(noarchive=True, evidence=("header:x-robots-tag=noarchive",))
    look(news_desk, rights=by_header)
    assert unread(news_desk).noarchive, "a 304 need not repeat the header"
    assert not unread(news_desk, status=200, body=b"<p>signed</p>").noarchive
    assert (marks(news_desk), get(news_desk.archive, URL).noarchive) == ([False], False)
    assert not unread(news_desk).noarchive
    assert unread(news_desk, by_header).noarchive, "a 304 may bring it"
    assert marks(news_desk) == [True]
    assert is_sound(news_desk)


def test_what_is_not_the_page_says_nothing_about_it(news_desk: Desk) -> None:
    pk = look(news_desk).article_pk
    gone = a_capture(URL, b"gone", at=news_desk.now, status=410)
    news_desk.do(lambda tx: record_look(tx, pk, "gone", capture=gone, detail="HTTP 410"))
    assert get(news_desk.archive, URL).status == "gone"
    assert exported(news_desk)["status"] == "withheld"


def test_a_paywalled_page_bears_the_mark(news_desk: Desk) -> None:
    look(news_desk, rights=Rights())
    assert look(news_desk, "…", text_scope="excerpt").noarchive
    assert exported(news_desk)["status"] == "withheld"
    assert is_sound(news_desk)


def test_verify_finds_marks_that_are_missing_and_marks_that_nobody_gave(news_desk: Desk) -> None:
    look(news_desk)
    with news_desk.archive.writing() as session:
        session.execute(text("UPDATE revisions SET noarchive = (1 = 0)"))
        session.execute(text("UPDATE articles SET rights = NULL"))
    assert problems(news_desk) == [
        "its publisher said noarchive at the last look, and it does not bear the mark",
        "the mark noarchive of revision 1 is not that of its last look: it does not bear it",
    ]
    look(news_desk, rights=FREE)
    assert problems(news_desk) == []
    with news_desk.archive.writing() as session:
        session.execute(text("UPDATE revisions SET noarchive = (1 = 1)"))
        session.get_one(ArticleRow, 1).rights = NOARCHIVE.stored()
    assert problems(news_desk) == [
        "it bears the mark noarchive, which its publisher did not give it at the last look",
        "the mark noarchive of revision 1 is not that of its last look: it bears it",
    ]


# --- the setting changes between looks


@pytest.mark.parametrize(
    ("rights", "closed", "opened"), [(NOARCHIVE, WITHHOLD, PRIVATE), (RESERVED, PRIVATE, RESEARCH)]
)
def test_what_was_withheld_becomes_whole_at_its_next_look(
    news_desk: Desk, rights: Rights, closed: RightsPolicy, opened: RightsPolicy
) -> None:
    assert look(news_desk, rights=rights, policy=closed).kind == "withheld"
    with news_desk.archive.reading() as session:
        known = known_article(session, "harbour-times", URL)
    assert known is not None and known.withheld, "so the whole page is asked for and read"
    whole = look(news_desk, rights=rights, policy=opened)
    assert (whole.kind, whole.was_withheld, whole.changes) == ("new", True, ())
    view = get(news_desk.archive, URL)
    assert (view.status, [(r.number, r.changes) for r in view.revisions]) == ("live", [(1, ())])
    looks = history(news_desk.archive, URL).looks
    assert [(each.outcome, each.revision) for each in looks] == [("changed", None), ("same", 1)]
    assert looks[1].detail == "may be kept from this look on"
    assert article_row(news_desk).changes == 0, "the publisher edited nothing"
    assert look(news_desk, rights=rights, policy=opened).kind == "unchanged"
    edited = look(news_desk, "left", rights, opened)
    assert (edited.kind, edited.revision, edited.changes) == ("revised", 2, ("body",))
    assert is_sound(news_desk)


def test_an_edit_of_a_text_that_was_never_held_is_a_change_and_makes_one_revision(news_desk: Desk) -> None:
    look(news_desk, policy=WITHHOLD)
    assert look(news_desk, "left").changes == ()
    assert [r.body for r in get(news_desk.archive, URL).revisions] == ["The ministers left."]
    assert [each.outcome for each in history(news_desk.archive, URL).looks] == ["changed", "changed"]
    assert article_row(news_desk).changes == 1
    assert is_sound(news_desk)


def test_a_better_extractor_is_no_edit_of_a_text_that_was_withheld(news_desk: Desk) -> None:
    look(news_desk, policy=WITHHOLD)
    assert look(news_desk, "left", extractor="test-2").kind == "new"
    assert article_row(news_desk).changes == 0
    assert is_sound(news_desk)


def test_what_is_private_is_withheld_from_the_next_look_on(news_desk: Desk) -> None:
    look(news_desk)
    closed = unread(news_desk, policy=WITHHOLD)
    assert (closed.kind, closed.withheld_because) == ("withheld", "noarchive")
    view = get(news_desk.archive, URL)
    assert (view.status, view.revisions, view.withheld_because) == ("withheld", (), "noarchive")
    assert find(news_desk.archive, "ministers") == []
    with pytest.raises(NotFound, match="noarchive"):
        diff(news_desk.archive, URL, 1, 1)
    assert exported(news_desk, noarchive=True)["status"] == "withheld"
    assert is_sound(news_desk)
    assert look(news_desk).kind == "unchanged"
    view = get(news_desk.archive, URL)
    assert (view.status, [r.number for r in view.revisions], article_row(news_desk).changes) == ("live", [1], 0)
    assert is_sound(news_desk)


def test_an_edit_made_while_withheld_is_one_revision(news_desk: Desk) -> None:
    look(news_desk)
    look(news_desk, "left", policy=WITHHOLD)
    back = look(news_desk, "left")
    assert (back.kind, back.revision, back.changes) == ("revised", 2, ("body",))
    looks = history(news_desk.archive, URL).looks
    assert [each.revision for each in looks] == [1, None, 2], "the text of the second look is that of no revision yet"
    assert is_sound(news_desk)


def test_a_reservation_of_an_unread_page_withholds_it(news_desk: Desk) -> None:
    look(news_desk, rights=RESERVED, policy=RESEARCH)
    assert exported(news_desk)["status"] == "live", "research may hand on what it may keep"
    assert unread(news_desk).withheld_because == "tdm-reservation"
    assert get(news_desk.archive, URL).withheld_because == "tdm-reservation"
    assert is_sound(news_desk)


def test_the_most_restrictive_signal_wins(news_desk: Desk) -> None:
    both = Rights(True, True, evidence=(*NOARCHIVE.evidence, *RESERVED.evidence))
    assert look(news_desk, rights=both).withheld_because == "tdm-reservation"
    assert look(news_desk, rights=both, policy=RESEARCH).noarchive
    assert exported(news_desk)["status"] == "withheld"


# --- captures of others


def past(words: str, hours: float, rights: Rights = FREE) -> tuple[Capture, Article]:
    at = START + hours * HOUR
    made = a_capture(URL, f"<p>{words}</p>".encode(), at=at, rights=rights)
    replay = f"https://web.example/{at:%Y%m%d%H%M%S}id_/{URL}"
    ours = a_capture(replay, made.payload, at=START + 1000 * HOUR).answer
    capture = Capture(
        made.source_id, URL, made.answer, made.payload, rights=rights, origin=Origin("wayback", replay), via=(ours,)
    )
    return capture, an_article(URL, body=f"The ministers {words}.")


def file(desk: Desk, captures: list[tuple[Capture, Article]], policy: RightsPolicy = PRIVATE) -> list[str]:
    kinds = []
    for capture, article in captures:
        kinds.append(str(desk.do(lambda tx, c=capture, a=article: record_historical(tx, c, a, policy=policy)).kind))
    return kinds


def told(desk: Desk) -> tuple[bool, list[tuple[str | None, bool]]]:
    view = get(desk.archive, URL)
    return view.noarchive, [(revision.body, revision.noarchive) for revision in view.revisions]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_old_captures_are_marked_by_what_they_said_in_whatever_order_they_come(
    news_desk: Desk, order: tuple[int, ...]
) -> None:
    captures = [past("met", -9, NOARCHIVE), past("signed", -6, NOARCHIVE), past("signed", -3)]
    file(news_desk, [captures[place] for place in order])
    assert told(news_desk) == (False, [("The ministers met.", True), ("The ministers signed.", False)])
    assert [r["withheld_because"] for r in exported(news_desk)["revisions"]] == ["noarchive", None]
    assert is_sound(news_desk)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_the_publisher_says_today_holds_for_old_captures(news_desk: Desk, order: tuple[int, int]) -> None:
    look(news_desk)
    captures = [past("met", -9), past("left", 9)]
    file(news_desk, [captures[place] for place in order])
    assert told(news_desk)[0], "our own look found the signal, and an old capture does not take it away"
    assert exported(news_desk)["status"] == "withheld"
    assert is_sound(news_desk)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_latest_capture_may_bring_the_signal(news_desk: Desk, order: tuple[int, int]) -> None:
    look(news_desk, rights=Rights())
    captures = [past("met", 5, NOARCHIVE), past("left", 9)]
    file(news_desk, [captures[place] for place in order])
    assert told(news_desk) == (
        False,
        [("The ministers signed.", False), ("The ministers met.", True), ("The ministers left.", False)],
    )


def test_an_owner_who_withholds_keeps_no_old_capture_of_a_page_that_bears_the_signal_today(news_desk: Desk) -> None:
    look(news_desk)
    assert file(news_desk, [past("met", -9)], WITHHOLD) == ["withheld"]
    with news_desk.archive.reading() as session:
        rows = session.scalars(select(CaptureRow).order_by(CaptureRow.captured_at)).all()
    assert [row.kept for row in rows] == ["withheld", "response"]


# --- counted


def test_articles_are_counted_by_what_follows_from_their_signals(news_desk: Desk) -> None:
    for name, rights, policy in (
        ("a", NOARCHIVE, PRIVATE),
        ("b", NOARCHIVE, PRIVATE),
        ("c", NOARCHIVE, WITHHOLD),
        ("d", RESERVED, PRIVATE),
        ("e", RESERVED, RESEARCH),
        ("f", Rights(), PRIVATE),
    ):
        url = f"https://www.harbour-times.example/{name}"
        news_desk.record(an_article(url), a_capture(url, name.encode(), rights=rights), policy=policy)
    (counted,) = status(news_desk.archive)
    assert (counted.articles, counted.withheld, counted.noarchive) == (6, 2, 2)
    assert counted.signals == SignalCounts(noarchive=2, withheld_noarchive=1, withheld_tdm=1)
    with news_desk.archive.reading() as session:
        assert signal_counts(session, "harbour-times") == counted.signals
        assert signal_counts(session, "nobody") == SignalCounts()
