"""The readers' API, on both databases."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from archive.errors import UsageError
from archive.frontier.channels import record_failed_poll, record_poll
from archive.frontier.links import record_links
from archive.ingest.record import record_look
from archive.model.article import LineageClaim
from archive.model.capture import Rights
from archive.model.frontier import AnswerFacts, ChannelMemory
from archive.model.link import Link
from archive.query import Ambiguous, Filters, NotFound, count, diff, find, get, history, hits, revision, status
from archive.query.refs import namesakes
from archive.search import QueryError
from archive.testing import START, WITHHOLD, Desk, a_capture, a_source, a_time, an_article

URL = "https://www.harbour-times.example/news/pact"


def edited(desk: Desk, **fields: Any) -> None:
    """An hour later, the article with some fields changed."""
    desk.now += timedelta(hours=1)
    desk.record(an_article(**fields))


@pytest.fixture
def three_revisions(news_desk: Desk) -> Desk:
    """09:00 signed, 10:00 postponed, 11:00 signed again."""
    news_desk.record(an_article())
    edited(news_desk, title="Ministers postpone harbour pact")
    edited(news_desk)
    return news_desk


# --- references


def test_an_article_is_known_by_its_id_and_by_any_of_its_urls(news_desk: Desk) -> None:
    page = an_article(amp_url="https://www.harbour-times.example/amp/pact")
    news_desk.record(page, a_capture(asked=f"{URL}/print"))
    wanted = find(news_desk.archive)[0].id
    for ref in (
        wanted,
        URL,
        f"  {URL}/?utm_source=feed#top ",
        "http://harbour-times.example/news/pact",
        "www.harbour-times.example/news/pact",
        f"{URL}/print",
        "https://www.harbour-times.example/amp/pact",
    ):
        assert get(news_desk.archive, ref).id == wanted


@pytest.mark.parametrize(
    "ref", ["nothing", "https://www.harbour-times.example/other", "", "javascript:alert(1)", "a b.c"]
)
def test_what_is_not_there_is_said_so(news_desk: Desk, ref: str) -> None:
    news_desk.record()
    with pytest.raises(NotFound):
        get(news_desk.archive, ref)


def test_an_url_that_is_only_a_link_so_far_says_what_became_of_it(news_desk: Desk) -> None:
    link = Link("https://www.harbour-times.example/later")
    news_desk.do(lambda tx: record_links(tx, "harbour-times", "feed:x", [link]))
    with pytest.raises(NotFound) as caught:
        get(news_desk.archive, link.url)
    assert caught.value.hint == "harbour-times has shown it; its state is pending."


def test_an_url_that_another_source_claims_is_the_article_of_the_source_whose_site_it_is(news_desk: Desk) -> None:
    news_desk.add_source(a_source("mirror"))
    news_desk.add_source(a_source("harbour-times-arabic", homepage="https://ar.harbour-times.example/"))
    for source in ("mirror", "harbour-times-arabic"):
        news_desk.record(an_article(title="FORGED"), a_capture(source_id=source))
        assert get(news_desk.archive, URL).source == source  # nobody else has it, or only strangers
    news_desk.record()
    view = get(news_desk.archive, URL)
    assert (view.source, len(history(news_desk.archive, URL).looks)) == ("harbour-times", 1)
    others = namesakes(news_desk.archive, URL)
    assert sorted(article.source for article in others) == ["harbour-times-arabic", "mirror"]
    assert get(news_desk.archive, others[0].id).source == others[0].source
    assert namesakes(news_desk.archive, view.id) == []


def test_an_url_that_only_strangers_claim_is_ambiguous(news_desk: Desk) -> None:
    for source in ("mirror", "copy"):
        news_desk.add_source(a_source(source))
        news_desk.record(an_article(), a_capture(source_id=source))
    with pytest.raises(Ambiguous) as caught:
        get(news_desk.archive, URL)
    ids = {hit.id: hit.source for hit in find(news_desk.archive)}
    assert sorted(ids.values()) == ["copy", "mirror"]
    assert all(f"{article_id} ({source})" in str(caught.value.hint) for article_id, source in ids.items())
    assert namesakes(news_desk.archive, URL) == []


# --- one article


def test_get_shows_the_revision_last_seen_and_where_its_bytes_are(three_revisions: Desk) -> None:
    view = get(three_revisions.archive, URL)
    assert view.revision is not None
    assert (view.revision.number, view.revision.title) == (3, "Ministers sign harbour pact")
    assert [r.number for r in view.revisions] == [1, 2, 3]
    assert view.revision.published == an_article().published
    assert view.revision.warc_file is not None
    assert view.revision.warc_offset is not None
    assert view.source_name == "Harbour Times"


def test_a_revision_is_chosen_by_number_or_by_time(three_revisions: Desk) -> None:
    archive = three_revisions.archive
    assert revision(archive, URL, number=2).title == "Ministers postpone harbour pact"
    at = START + timedelta(hours=1)
    assert revision(archive, URL, as_of=at).number == 2
    assert revision(archive, URL, as_of=at + timedelta(minutes=59)).number == 2
    assert revision(archive, URL, as_of=at - timedelta(seconds=1)).number == 1
    assert revision(archive, URL, as_of=date(2026, 11, 2)).number == 3
    with pytest.raises(NotFound, match="was not in the archive"):
        revision(archive, URL, as_of=date(2026, 11, 1))
    with pytest.raises(NotFound, match="no revision 4"):
        revision(archive, URL, number=4)
    with pytest.raises(UsageError, match="not both"):
        revision(archive, URL, number=1, as_of=at)


def test_a_bare_date_is_the_day_of_the_sources_zone(news_desk: Desk) -> None:
    # 04:30 UTC on 3 November is still the evening of the 2nd in New York (UTC-5 since 1 November).
    news_desk.record()
    news_desk.now = datetime(2026, 11, 3, 4, 30, tzinfo=UTC)
    news_desk.record(an_article(title="Late edition"))
    news_desk.now = datetime(2026, 11, 3, 5, 30, tzinfo=UTC)
    news_desk.record(an_article(title="Morning edition"))
    assert revision(news_desk.archive, URL, as_of=date(2026, 11, 2)).title == "Late edition"
    assert revision(news_desk.archive, URL, as_of=datetime(2026, 11, 2, 23, 0)).title == "Ministers sign harbour pact"  # noqa: DTZ001
    assert revision(news_desk.archive, URL, as_of=date(2026, 11, 3)).title == "Morning edition"


def test_what_flaps_back_is_in_force_again(three_revisions: Desk) -> None:
    edited(three_revisions, title="Ministers postpone harbour pact")
    archive = three_revisions.archive
    assert get(archive, URL).revision == revision(archive, URL, number=2)
    assert revision(archive, URL, as_of=START + timedelta(hours=3)).number == 2
    assert revision(archive, URL, as_of=START + timedelta(hours=2)).number == 3


def test_history_holds_every_look(three_revisions: Desk) -> None:
    edited(three_revisions)
    pk = 1
    three_revisions.do(lambda tx: record_look(tx, pk, "gone", detail="HTTP 410"))
    looks = history(three_revisions.archive, URL).looks
    assert [(look.outcome, look.revision, look.wrote) for look in looks] == [
        ("changed", 1, True),
        ("changed", 2, True),
        ("changed", 3, True),
        ("same", 3, False),
        ("gone", None, False),
    ]
    assert looks[-1].detail == "HTTP 410"
    assert looks[0].http_status == 200


def test_diff_compares_the_last_two_revisions_or_those_named(three_revisions: Desk) -> None:
    found = diff(three_revisions.archive, URL)
    assert (found.old.number, found.new.number) == (2, 3)
    assert [field.field for field in found.fields] == ["title"]
    assert diff(three_revisions.archive, URL, 1, 3).fields == ()
    assert diff(three_revisions.archive, URL, 1, 2).new.number == 2
    with pytest.raises(NotFound):
        diff(three_revisions.archive, URL, 1, 9)


def test_one_revision_is_nothing_to_compare(news_desk: Desk) -> None:
    news_desk.record()
    with pytest.raises(UsageError, match="one revision"):
        diff(news_desk.archive, URL)


def test_lineage_names_the_original_where_the_archive_holds_it(news_desk: Desk) -> None:
    news_desk.record()
    news_desk.add_source(a_source("mirror"))
    copy = "https://www.mirror.example/copy"
    claims = (
        LineageClaim("republished_from", f"{URL}?utm_source=mirror", ("links to it",)),
        LineageClaim("syndicated_from", None, ("by-line",), name="AFP"),
    )
    news_desk.record(an_article(copy, lineage=claims), a_capture(copy, source_id="mirror"))
    original = get(news_desk.archive, URL).id
    assert [(c.relation, c.article_id, c.name) for c in get(news_desk.archive, copy).lineage] == [
        ("republished_from", original, None),
        ("syndicated_from", None, "AFP"),
    ]


def test_of_a_withheld_article_there_are_metadata_only(three_revisions: Desk) -> None:
    three_revisions.now += timedelta(hours=1)
    three_revisions.record(an_article(title="Now closed"), a_capture(rights=Rights(noarchive=True)), policy=WITHHOLD)
    archive = three_revisions.archive
    view = get(archive, URL)
    assert (view.status, view.withheld_because) == ("withheld", "noarchive")
    assert (view.revision, view.revisions) == (None, ())
    assert len(history(archive, URL).looks) == 4
    for ask in (
        lambda: revision(archive, URL),
        lambda: revision(archive, URL, number=1),
        lambda: revision(archive, URL, as_of=START),
        lambda: diff(archive, URL, 1, 2),
    ):
        with pytest.raises(NotFound, match="noarchive"):
            ask()
    assert find(archive, "pact") == []
    assert find(archive) == []
    assert find(archive, as_of=START) == []


# --- finding


def test_a_hit_shows_what_the_page_says_now_if_that_matches(three_revisions: Desk) -> None:
    (hit,) = find(three_revisions.archive, "sign harbour")
    assert (hit.revision, hit.current, hit.title) == (3, True, "Ministers sign harbour pact")


def test_what_a_publisher_took_out_is_found_and_marked(three_revisions: Desk) -> None:
    (hit,) = find(three_revisions.archive, "postpone")
    assert (hit.revision, hit.current, hit.title) == (2, False, "Ministers postpone harbour pact")


def test_as_of_searches_what_was_in_force(three_revisions: Desk) -> None:
    at = START + timedelta(hours=1)
    assert [h.revision for h in find(three_revisions.archive, "postpone", as_of=at)] == [2]
    assert find(three_revisions.archive, "postpone", as_of=START) == []
    assert find(three_revisions.archive, "postpone", as_of=date(2026, 11, 2)) == []
    assert [h.revision for h in find(three_revisions.archive, as_of=START)] == [1]


def test_a_snippet_shows_the_words_found(news_desk: Desk) -> None:
    body = "Nothing here. " * 60 + "Then Thế giới spoke of shared patrols at sea. " + "More of it. " * 60
    news_desk.record(an_article(body=body))
    (hit,) = find(news_desk.archive, 'the gioi "shared patrols at sea"')
    assert [hit.snippet[a:b] for a, b in hit.marks] == [["Thế", "giới"][0], "giới", "shared patrols at sea"]
    assert len(hit.snippet) < 300


def test_filters_by_source_country_and_language(news_desk: Desk) -> None:
    news_desk.add_source(a_source("kabar", country="ID", timezone="Asia/Jakarta"))
    news_desk.record()
    url = "https://www.kabar.example/1"
    news_desk.record(an_article(url, language="zh-Hant"), a_capture(url, source_id="kabar"))
    archive = news_desk.archive
    assert [h.source for h in find(archive, source=["kabar"])] == ["kabar"]
    assert [h.source for h in find(archive, "pact", country=["id"])] == ["kabar"]
    assert [h.source for h in find(archive, language=["ZH"])] == ["kabar"]
    assert [h.source for h in find(archive, language=["zu"])] == []
    assert len(find(archive, language=["en", "zh"])) == 2
    assert find(archive, country=["US"], language=["zh"]) == []
    with pytest.raises(NotFound, match="nobody"):
        find(archive, source=["kabar", "nobody"])


def test_limit_and_order(news_desk: Desk) -> None:
    for day in (1, 3, 2):
        url = f"https://www.harbour-times.example/{day}"
        news_desk.record(an_article(url, published=a_time(START.replace(day=day))), a_capture(url))
    archive = news_desk.archive
    assert [h.url[-1] for h in find(archive)] == ["3", "2", "1"]
    assert [h.url[-1] for h in find(archive, limit=1)] == ["3"]
    with pytest.raises(UsageError):
        find(archive, limit=0)
    with pytest.raises(QueryError):
        find(archive, "!!!")


def test_all_hits_come_one_by_one_in_the_order_of_find(news_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["archive.query.find"]  # the package has the function under this name
    monkeypatch.setattr(module, "BATCH", 2)
    for day in range(1, 8):
        url = f"https://www.harbour-times.example/{day}"
        body = "They spoke of patrols. " * day + "Of other things. " * 20
        news_desk.record(an_article(url, body=body, published=a_time(START.replace(day=day))), a_capture(url))
    for text in (None, "patrols"):
        every = list(hits(news_desk.archive, text, Filters()))
        assert len(every) == 7
        assert every == find(news_desk.archive, text, limit=50)
        assert every[:3] == find(news_desk.archive, text, limit=3)
        assert count(news_desk.archive, text, Filters()) == 7
    monkeypatch.setattr(module, "COUNTED_TO", 5)
    assert count(news_desk.archive, "patrols", Filters()) == 5
    with news_desk.archive.reading() as session:  # what is read meanwhile does not disturb it
        coming = hits(session, "patrols", Filters())
        first = next(coming)
        assert find(session, "patrols", limit=1) == [first]
        assert len([first, *coming]) == 7


def test_a_hit_tells_what_a_spreadsheet_wants(news_desk: Desk) -> None:
    news_desk.record()
    (hit,) = find(news_desk.archive)
    assert (hit.country, hit.lead, hit.authors, hit.first_seen_at) == (
        "US",
        "Two governments agreed on shared patrols.",
        ("Ada Whitlock",),
        START,
    )


def test_filters_that_mean_nothing_are_refused(news_desk: Desk) -> None:
    news_desk.record()
    for filters in (
        {"country": ["Korea"]},
        {"language": ["z"]},
        {"since": date(2026, 11, 3), "until": date(2026, 11, 2)},
    ):
        with pytest.raises(UsageError):
            find(news_desk.archive, **filters)


@pytest.fixture
def dated(news_desk: Desk) -> Desk:
    """Articles of a source at UTC+7 and of one at UTC-5, around 3 November, one of an unknown day."""
    news_desk.add_source(a_source("kabar", country="ID", timezone="Asia/Jakarta"))

    def publish(name: str, source: str, at: datetime | None, **fields: object) -> None:
        url = f"https://www.{source}.example/{name}"
        published = a_time(at, **fields) if at else None
        news_desk.record(an_article(url, published=published), a_capture(url, source_id=source))

    publish("jakarta-first", "kabar", datetime(2026, 11, 2, 17, 0, tzinfo=UTC))  # 00:00 on the 3rd
    publish("jakarta-before", "kabar", datetime(2026, 11, 2, 16, 59, tzinfo=UTC))
    publish("jakarta-last", "kabar", datetime(2026, 11, 3, 16, 59, tzinfo=UTC))
    publish("jakarta-day", "kabar", datetime(2026, 11, 3, tzinfo=UTC), precision="day")
    publish("new-york-last", "harbour-times", datetime(2026, 11, 4, 4, 59, tzinfo=UTC))  # 23:59 on the 3rd
    publish("new-york-after", "harbour-times", datetime(2026, 11, 4, 5, 0, tzinfo=UTC))
    publish("new-york-day", "harbour-times", datetime(2026, 11, 3, tzinfo=UTC), precision="day")
    publish("new-york-next-day", "harbour-times", datetime(2026, 11, 4, tzinfo=UTC), precision="day")
    publish("unknown", "kabar", None)
    return news_desk


def names(desk: Desk, **window: object) -> set[str]:
    return {hit.url.rsplit("/", 1)[1] for hit in find(desk.archive, limit=50, **window)}  # type: ignore[arg-type]


def test_a_day_is_whole_in_the_zone_of_each_source(dated: Desk) -> None:
    third = date(2026, 11, 3)
    assert names(dated, since=third, until=third) == {
        "jakarta-first",
        "jakarta-last",
        "jakarta-day",
        "new-york-last",
        "new-york-day",
    }
    assert names(dated, until=date(2026, 11, 2)) == {"jakarta-before"}
    assert names(dated, since=date(2026, 11, 4)) == {"new-york-after", "new-york-next-day"}
    assert "unknown" in names(dated)


def test_a_window_of_times_is_exact_and_takes_whole_days_by_their_date(dated: Desk) -> None:
    since = datetime(2026, 11, 4, 5, 0, tzinfo=UTC)
    assert names(dated, since=since) == {"new-york-after", "new-york-next-day"}
    assert names(dated, until=datetime(2026, 11, 2, 16, 59, tzinfo=UTC)) == {"jakarta-before"}
    local = datetime(2026, 11, 3, 0, 0)  # noqa: DTZ001  # midnight at each source
    assert names(dated, since=local, until=local) == {"jakarta-first", "jakarta-day", "new-york-day"}


# --- status


def test_status_counts_by_source(three_revisions: Desk) -> None:
    desk = three_revisions
    desk.add_source(a_source("kabar", country="ID"))
    url = "https://www.harbour-times.example/closed"
    desk.record(an_article(url), a_capture(url, rights=Rights(noarchive=True)), policy=WITHHOLD)
    links = [Link(f"https://www.kabar.example/{n}") for n in range(3)]
    desk.do(lambda tx: record_links(tx, "kabar", "feed:a", links))
    desk.do(
        lambda tx: record_poll(
            tx, "kabar", "feed:a", memory=ChannelMemory(), polled_at=START, outcome="ok", shown=AnswerFacts(3, 3, START)
        )
    )
    desk.do(lambda tx: record_failed_poll(tx, "kabar", "feed:b", polled_at=START, reason="HTTP 500"))
    kabar, harbour = sorted(status(desk.archive), key=lambda s: s.source, reverse=True)
    assert (harbour.articles, harbour.withheld, harbour.revisions, harbour.captures) == (2, 1, 3, 4)
    assert harbour.polled_at is None
    assert (kabar.articles, kabar.pending, kabar.failed, kabar.country) == (0, 3, 0, "ID")
    assert [(c.key, c.outcome, c.detail, c.items, c.failures) for c in kabar.channels] == [
        ("feed:a", "ok", None, 3, 0),
        ("feed:b", "failed", "HTTP 500", None, 1),
    ]
    assert kabar.polled_at == START
    assert [s.source for s in status(desk.archive, ["kabar"])] == ["kabar"]
    with pytest.raises(NotFound, match="nobody"):
        status(desk.archive, ["nobody"])


def test_queries_share_a_session_of_the_callers(three_revisions: Desk) -> None:
    with three_revisions.archive.reading() as session:
        assert get(session, URL).revision == revision(session, URL)
        assert len(find(session, "pact")) == len(status(session)) == 1
        assert session.in_transaction()
