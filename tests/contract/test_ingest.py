from __future__ import annotations

from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from archive.frontier import links
from archive.frontier.known_articles import known_article, known_articles
from archive.ingest.record import record_article, record_look
from archive.model.article import LineageClaim
from archive.model.capture import Capture, Exchange, Rights, RightsPolicy
from archive.model.frontier import PendingLink
from archive.model.link import Hints, Link
from archive.tables import (
    AliasRow,
    ArticleRow,
    Base,
    CaptureRow,
    LineageRow,
    LinkRow,
    ObservationRow,
    RevisionRow,
)
from archive.testing import START, WITHHOLD, Desk, a_capture, an_article
from archive.verify import verify
from archive.warc.reader import read_response

URL = "https://www.harbour-times.example/news/pact"


def count(desk: Desk, table: type[Base]) -> int:
    with desk.archive.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def the_article(desk: Desk) -> ArticleRow:
    with desk.archive.reading() as session:
        return session.scalars(select(ArticleRow)).one()


def observations(desk: Desk) -> list[tuple[str, str | None, int | None]]:
    with desk.archive.reading() as session:
        rows = session.scalars(select(ObservationRow).order_by(ObservationRow.pk))
        return [(row.outcome, row.detail, row.revision_number) for row in rows]


def kept(desk: Desk) -> list[str]:
    with desk.archive.reading() as session:
        return list(session.scalars(select(CaptureRow.kept).order_by(CaptureRow.pk)))


def look(desk: Desk, outcome: str, capture: Capture | None = None, detail: str | None = None, **options: Any) -> str:
    pk = the_article(desk).pk
    desk.now += timedelta(hours=1)
    recorded = desk.do(lambda tx: record_look(tx, pk, outcome, capture=capture, detail=detail, **options))  # type: ignore[arg-type]
    return str(recorded.kind)


def test_a_first_look_writes_everything(news_desk: Desk) -> None:
    recorded = news_desk.record()
    assert (recorded.kind, recorded.revision) == ("new", 1)
    row = the_article(news_desk)
    assert (row.status, row.first_seen_at, row.current_revision) == ("live", START, 1)
    assert observations(news_desk) == [("changed", None, 1)]
    assert kept(news_desk) == ["response"]
    with news_desk.archive.reading() as session:
        revision = session.scalars(select(RevisionRow)).one()
        assert revision.title == "Ministers sign harbour pact"
        assert revision.changes == []
        assert revision.published == {
            "at": "2026-11-02T09:00:00Z",
            "precision": "minute",
            "raw": START.isoformat(),
            "source": "json-ld",
            "confidence": 0.9,
            "zone": None,
        }
        assert revision.reasons == {"modified_at": "no date found"}
    assert list(verify(news_desk.archive, news_desk.warc_path)) == []


def test_the_same_text_in_other_bytes_keeps_digests_only(news_desk: Desk) -> None:
    news_desk.record()
    again = news_desk.record(capture=a_capture(URL, b"<p>other counters</p>", at=START + timedelta(hours=1)))
    assert again.kind == "unchanged"
    assert count(news_desk, RevisionRow) == 1
    assert kept(news_desk) == ["response", "digest"]
    assert [o[0] for o in observations(news_desk)] == ["changed", "same"]


def test_an_edit_makes_one_revision_with_its_kinds(news_desk: Desk) -> None:
    news_desk.record()
    news_desk.now += timedelta(hours=1)
    edited = news_desk.record(an_article(title="Ministers shelve pact", body="All other."))
    assert (edited.kind, edited.revision) == ("revised", 2)
    with news_desk.archive.reading() as session:
        assert session.scalar(select(RevisionRow.changes).where(RevisionRow.number == 2)) == ["headline", "body"]
    assert the_article(news_desk).changed_at == news_desk.now


def with_counter(desk: Desk, number: int, views: int, more: str = "") -> str:
    """Record a look at the article `number`, whose page bears a counter. Return what the look meant."""
    prose = f"The ministers of district {number} met on Monday and signed a pact on shared patrols, which enters into force in May."
    shown = an_article(f"{URL}-{number}", body=f"{prose} Forty voted for it.\n{more}\n{views:,} views")
    return str(desk.record(shown).kind)


def test_a_counter_that_stands_on_other_articles_as_well_is_no_edit(news_desk: Desk) -> None:
    assert [with_counter(news_desk, number, 10) for number in (1, 2, 3)] == ["new"] * 3
    news_desk.now += timedelta(hours=1)
    assert with_counter(news_desk, 1, 1_204) == "unchanged"
    assert observations(news_desk)[-1] == ("same", "only lines that change by themselves differ", 1)
    assert with_counter(news_desk, 1, 1_205) == "unchanged"
    assert with_counter(news_desk, 1, 1_206, "Patrols: 12") == "revised"
    assert with_counter(news_desk, 1, 1_207, "Patrols: 15") == "revised"
    assert with_counter(news_desk, 1, 1_208, "Patrols: 15") == "unchanged"
    assert count(news_desk, RevisionRow) == 5
    assert list(verify(news_desk.archive, news_desk.warc_path)) == []


def test_a_counter_that_no_other_article_has_is_the_articles_own(news_desk: Desk) -> None:
    assert [with_counter(news_desk, number, 10) for number in (1, 2)] == ["new"] * 2
    assert with_counter(news_desk, 1, 11) == "revised"


def test_flapping_is_an_observation_that_names_the_earlier_revision(news_desk: Desk) -> None:
    a, b = an_article(title="A"), an_article(title="B")
    kinds = [news_desk.record(article).kind for article in (a, b, a, b, b, a)]
    assert kinds == ["new", "revised", "revised", "flapping", "unchanged", "flapping"]
    assert count(news_desk, RevisionRow) == 3
    assert observations(news_desk)[3] == ("changed", "flapping: shows revision 2 again", 2)
    assert the_article(news_desk).current_revision == 3


def test_our_own_change_is_not_the_publishers(news_desk: Desk) -> None:
    news_desk.record()
    newer = an_article(extractor="test-2", body="The ministers met.\nRead by a better extractor.")
    assert news_desk.record(newer, baseline=newer).kind == "unchanged"
    edited = an_article(extractor="test-2", body="The ministers never met.")
    assert news_desk.record(edited).kind == "revised"
    assert count(news_desk, RevisionRow) == 2


def test_without_a_baseline_a_new_extractor_makes_no_revision_but_a_new_state(news_desk: Desk) -> None:
    news_desk.record()
    newer = an_article(extractor="test-2", body="Read by a better extractor.")
    assert news_desk.record(newer).kind == "unchanged"
    assert "not compared" in (observations(news_desk)[-1][1] or "")
    assert kept(news_desk) == ["response", "response"]  # the new baseline
    assert news_desk.record(an_article(extractor="test-2", body="An edit.")).kind == "revised"


def test_an_edit_between_two_extractors_is_found_by_the_baseline(news_desk: Desk) -> None:
    news_desk.record()
    baseline = an_article(extractor="test-2", body="Old text, read again.")
    assert news_desk.record(an_article(extractor="test-2", body="New text."), baseline=baseline).kind == "revised"


def test_every_address_is_an_alias_of_one_article(news_desk: Desk) -> None:
    hop = a_capture("https://www.harbour-times.example/old", b"", status=301, headers=(("Location", URL),)).answer
    capture = a_capture(URL, redirects=(hop,), asked="https://www.harbour-times.example/old")
    news_desk.record(an_article(amp_url=URL + "/amp"), capture)
    with news_desk.archive.reading() as session:
        kinds = {
            row.url.removeprefix("https://www.harbour-times.example"): row.kind
            for row in session.scalars(select(AliasRow))
        }
        assert kinds == {"/news/pact": "canonical", "/old": "requested", "/news/pact/amp": "amp"}
        for url in (URL, URL + "?utm_source=x", "http://harbour-times.example/old/", URL + "/amp"):
            assert known_article(session, "harbour-times", url) is not None
        assert known_article(session, "another", URL) is None
    assert news_desk.record(an_article(URL + "/amp", canonical_url=URL)).kind == "unchanged"
    assert count(news_desk, ArticleRow) == 1


def redirected(to: str, body: bytes = b"<p>x</p>") -> Capture:
    hop = a_capture(URL, b"", status=301, headers=(("Location", to),)).answer
    return a_capture(to, body, redirects=(hop,), asked=URL)


def test_a_move_with_the_same_text_stays_the_same_article(news_desk: Desk) -> None:
    news_desk.record()
    to = "https://www.harbour-times.example/world/pact-2"
    known = the_article(news_desk).pk
    assert news_desk.record(an_article(to), redirected(to), known=known).kind == "unchanged"
    row = the_article(news_desk)
    assert (row.canonical_url, row.status) == (to, "live")
    assert observations(news_desk)[-1] == ("moved", f"moved to {to}", 1)


def test_a_redirect_to_another_story_is_no_edit(news_desk: Desk) -> None:
    news_desk.record()
    known = the_article(news_desk).pk
    to = "https://www.harbour-times.example/sport/cup"
    other = an_article(
        to, title="Cup final", body="Eleven players and a ball met in the rain, says the referee, who left."
    )
    assert news_desk.record(other, redirected(to), known=known).kind == "new"
    assert count(news_desk, ArticleRow) == 2
    with news_desk.archive.reading() as session:
        assert session.get_one(ArticleRow, known).status == "moved"
        assert session.get_one(ArticleRow, known).current_revision == 1


def test_missing_must_be_seen_twice_to_be_gone_and_410_once(news_desk: Desk) -> None:
    news_desk.record()
    gone = a_capture(URL, b"not here", status=404)
    assert look(news_desk, "missing", gone) == "missing"
    assert the_article(news_desk).status == "missing"
    assert look(news_desk, "soft-404") == "gone"
    assert the_article(news_desk).status == "gone"
    assert count(news_desk, RevisionRow) == 1
    assert news_desk.record().kind == "unchanged"  # it came back
    assert the_article(news_desk).status == "live"
    assert look(news_desk, "gone", a_capture(URL, b"", status=410)) == "gone"


def test_looks_that_show_nothing_new_leave_an_observation_each(news_desk: Desk) -> None:
    news_desk.record()
    assert look(news_desk, "failed", detail="timeout") == "failed"
    assert the_article(news_desk).status == "live"
    assert look(news_desk, "blocked", a_capture(URL, b"no", status=403)) == "blocked"
    assert look(news_desk, "same", a_capture(URL, b"", status=304), "304") == "unchanged"
    assert the_article(news_desk).status == "live"
    assert [o[0] for o in observations(news_desk)] == ["changed", "failed", "blocked", "same"]
    assert kept(news_desk) == ["response", "response", "revisit"]


def test_identical_bytes_become_a_revisit_record(news_desk: Desk) -> None:
    news_desk.record(capture=a_capture(URL, b"<p>same</p>"))
    look(news_desk, "same", a_capture(URL, b"<p>same</p>", at=START + timedelta(hours=1)))
    assert kept(news_desk) == ["response", "revisit"]
    assert list(verify(news_desk.archive, news_desk.warc_path)) == []


@pytest.mark.parametrize(
    ("rights", "reason"),
    [
        (Rights(noarchive=True, evidence=("meta:robots=noarchive",)), "noarchive"),
        (Rights(tdm_reservation=True), "tdm-reservation"),
    ],
)
def test_a_page_that_may_not_be_kept(news_desk: Desk, rights: Rights, reason: str) -> None:
    secret = "a sentence that must not be kept anywhere"
    capture = a_capture(URL, f"<p>{secret}</p>".encode(), rights=rights)
    assert (
        news_desk.record(an_article(body=secret, title=secret, lead=secret), capture, policy=WITHHOLD).kind
        == "withheld"
    )
    assert count(news_desk, RevisionRow) == 0
    assert the_article(news_desk).status == "withheld"
    with news_desk.archive.reading() as session:
        row = session.scalars(select(CaptureRow)).one()
        assert (row.kept, row.withheld_because, row.warc_file) == ("withheld", reason, None)
        assert row.payload_digest == capture.transfer_digest
        assert session.scalars(select(ObservationRow.text_digest)).one() is not None
        for table in Base.metadata.sorted_tables:
            for stored in session.execute(select(table)):
                assert secret not in str(stored)
    assert not any(secret.encode() in path.read_bytes() for path in news_desk.warc_path.glob("*"))


def test_a_withheld_page_is_watched_for_changes_and_stays_withheld(news_desk: Desk) -> None:
    capture = a_capture(URL, rights=Rights(noarchive=True))
    news_desk.record(capture=capture, policy=WITHHOLD)
    assert news_desk.record(capture=capture, policy=WITHHOLD).kind == "withheld"
    news_desk.record(an_article(body="Edited."), capture, policy=WITHHOLD)
    look(news_desk, "missing", a_capture(URL, b"", status=404))
    assert [o[0] for o in observations(news_desk)] == ["changed", "same", "changed", "missing"]
    assert the_article(news_desk).status == "withheld"


def test_research_may_keep_a_reserved_page(news_desk: Desk) -> None:
    capture = a_capture(URL, rights=Rights(tdm_reservation=True))
    assert news_desk.record(capture=capture, policy=RightsPolicy(tdm="research")).kind == "new"


def test_a_page_that_becomes_free_gets_its_first_revision(news_desk: Desk) -> None:
    news_desk.record(capture=a_capture(URL, rights=Rights(noarchive=True)), policy=WITHHOLD)
    assert news_desk.record().kind == "new"
    assert the_article(news_desk).status == "live"


def test_a_paywall_is_no_edit(news_desk: Desk) -> None:
    news_desk.record()
    assert news_desk.record(an_article(body="The ministers met …", text_scope="excerpt")).kind == "paywalled"
    assert count(news_desk, RevisionRow) == 1
    assert the_article(news_desk).status == "paywalled"


def test_lineage_is_kept_once(news_desk: Desk) -> None:
    claim = LineageClaim("translation_of", "https://original.example/x", ("source link 'Sumber'",))
    news_desk.record(an_article(lineage=(claim,), original_url="https://original.example/x"))
    news_desk.record(an_article(lineage=(claim,), title="Edited"))
    with news_desk.archive.reading() as session:
        row = session.scalars(select(LineageRow)).one()
        assert (row.relation, row.url, row.evidence) == (claim.relation, claim.url, list(claim.evidence))


def test_a_failing_work_takes_nothing_with_it(news_desk: Desk) -> None:
    article, capture = an_article(), a_capture()

    def broken(tx: object) -> None:
        record_article(tx, capture, article)  # type: ignore[arg-type]
        raise RuntimeError("after everything was written")

    jobs: list[Future[Any]] = [
        news_desk.writer.submit(lambda tx: record_article(tx, a_capture(URL + "/a"), an_article(URL + "/a"))),
        news_desk.writer.submit(broken),
        news_desk.writer.submit(lambda tx: record_article(tx, a_capture(URL + "/b"), an_article(URL + "/b"))),
    ]
    assert jobs[0].result(10).kind == "new"
    with pytest.raises(RuntimeError, match="after everything"):
        jobs[1].result(10)
    assert jobs[2].result(10).kind == "new"
    assert count(news_desk, ArticleRow) == 2
    assert list(verify(news_desk.archive, news_desk.warc_path)) == []


# --- links


def file(desk: Desk, *shown: Link) -> links.RecordedLinks:
    filed: links.RecordedLinks = desk.do(lambda tx: links.record_links(tx, "harbour-times", "feed:x", shown))
    return filed


def states(desk: Desk) -> dict[str, str]:
    with desk.archive.reading() as session:
        return {row.url.rpartition("/")[2]: row.state for row in session.scalars(select(LinkRow))}


BASE = "https://www.harbour-times.example/"


def test_links_are_filed_once_and_stay_pending_until_settled(news_desk: Desk) -> None:
    hints = Hints(title="Pact", authors=("A",), published="x", published_at=START)
    filed = file(news_desk, Link(BASE + "1", hints), Link(BASE + "1?utm_source=rss"), Link(BASE + "2"))
    assert [link.url for link in filed.new] == [BASE + "1?utm_source=rss", BASE + "2"]
    assert file(news_desk, Link(BASE + "1")).new == ()
    with news_desk.archive.reading() as session:
        assert len(links.pending(session, ["harbour-times"], news_desk.now)) == 2
    news_desk.record(an_article(BASE + "2"), link=filed.new[1].pk)
    with news_desk.archive.reading() as session:
        assert [link.pk for link in links.pending(session, ["harbour-times"], news_desk.now)] == [filed.new[0].pk]
    news_desk.record(an_article(BASE + "3"))
    assert file(news_desk, Link(BASE + "3")).new == ()  # known by another way
    assert states(news_desk)["3"] == "done"


def test_hints_survive_their_row(news_desk: Desk) -> None:
    hints = Hints("T", "S", ("A", "B"), "Mon", START, "Tue", START, "en", "g")
    (link,) = file(news_desk, Link(BASE + "1", hints)).new
    assert link.hints == hints
    news_desk.record(an_article(BASE + "1"), link=link.pk, hints=link.hints)
    with news_desk.archive.reading() as session:
        (known,) = known_articles(session, [the_article(news_desk).pk])
        assert known.hints == hints


def test_an_update_in_the_feed_names_the_known_article(news_desk: Desk) -> None:
    (link,) = file(news_desk, Link(BASE + "1", Hints(updated="a", updated_at=START))).new
    news_desk.record(an_article(BASE + "1"), link=link.pk)
    later = Link(BASE + "1", Hints(updated="b", updated_at=START + timedelta(hours=1)))
    assert [known.url for known in file(news_desk, later).updated] == [BASE + "1"]
    assert file(news_desk, later).updated == ()


def test_a_failing_link_is_given_up_after_some_crawls(news_desk: Desk) -> None:
    (link,) = file(news_desk, Link(BASE + "1")).new
    for _ in range(links.MOST_ATTEMPTS - 1):
        news_desk.do(lambda tx: links.record_failed_attempt(tx, link.pk, "timeout"))
    assert states(news_desk) == {"1": "pending"}
    news_desk.do(lambda tx: links.record_failed_attempt(tx, link.pk, "timeout"))
    assert states(news_desk) == {"1": "failed"}


def alias(desk: Desk, link: PendingLink, canonical: str) -> list[PendingLink]:
    ready: list[PendingLink] = desk.do(
        lambda tx: links.record_alias(tx, "harbour-times", link.url, Link(canonical), link=link)
    )
    return ready


def test_aliases_lead_to_one_article(news_desk: Desk) -> None:
    amp, printed = file(news_desk, Link(BASE + "amp"), Link(BASE + "print")).new
    (canonical,) = alias(news_desk, amp, BASE + "story")
    assert canonical.url == BASE + "story"
    assert alias(news_desk, printed, BASE + "story") == []  # it is being fetched already
    news_desk.record(an_article(BASE + "story"), link=canonical.pk)
    assert states(news_desk) == {"amp": "alias", "print": "alias", "story": "done"}
    with news_desk.archive.reading() as session:
        found = {known_article(session, "harbour-times", BASE + name) for name in ("amp", "print", "story")}
        assert len(found) == 1
        assert None not in found
    (late,) = file(news_desk, Link(BASE + "mobile")).new
    assert alias(news_desk, late, BASE + "story") == []
    assert states(news_desk)["mobile"] == "alias"


def test_pages_are_read_as_they_are_where_the_canonical_one_fails(news_desk: Desk) -> None:
    (amp,) = file(news_desk, Link(BASE + "amp")).new
    (canonical,) = alias(news_desk, amp, BASE + "story")
    (again,) = news_desk.do(lambda tx: links.release_aliases(tx, "harbour-times", canonical.url_key))
    assert (again.url, again.take_as_is) == (BASE + "amp", True)
    with news_desk.archive.reading() as session:  # also after a crash
        assert [link.take_as_is for link in links.pending(session, ["harbour-times"], news_desk.now)] == [True, False]


def test_pages_that_name_each_other_as_canonical_end(news_desk: Desk) -> None:
    one, two = file(news_desk, Link(BASE + "1"), Link(BASE + "2")).new
    assert alias(news_desk, one, BASE + "2") == []
    (again,) = alias(news_desk, two, BASE + "1")
    assert (again.url, again.take_as_is) == (BASE + "2", True)
    news_desk.record(an_article(BASE + "2"), link=two.pk)
    assert states(news_desk) == {"1": "alias", "2": "done"}


def test_excluded_links_carry_their_reason(news_desk: Desk) -> None:
    news_desk.do(lambda tx: links.record_excluded(tx, "harbour-times", "feed:x", [(Link(BASE + "photo"), "rule")]))
    assert file(news_desk, Link(BASE + "photo")).new == ()
    with news_desk.archive.reading() as session:
        assert session.scalars(select(LinkRow.reason)).one() == "rule"


def test_the_stored_bytes_are_those_of_the_wire(news_desk: Desk) -> None:
    import gzip

    body = gzip.compress(b"<p>zipped</p>")
    headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
    exchange = a_capture(URL, body, headers=headers).answer
    assert isinstance(exchange, Exchange)
    news_desk.record(capture=Capture("harbour-times", URL, exchange, b"<p>zipped</p>"))
    with news_desk.archive.reading() as session:
        row = session.scalars(select(CaptureRow)).one()
    assert row.warc_file is not None and row.warc_offset is not None
    stored = read_response(news_desk.warc_path / row.warc_file, row.warc_offset)
    assert (stored.body, stored.payload, stored.status) == (body, b"<p>zipped</p>", 200)
    assert ("X-Archive-Orig-Transfer-Encoding", "chunked") in stored.headers


def test_what_a_server_refused_is_tried_again_later_and_not_at_once(news_desk: Desk) -> None:
    (link,) = file(news_desk, Link(BASE + "1")).new

    def due() -> int:
        with news_desk.archive.reading() as session:
            return len(links.pending(session, ["harbour-times"], news_desk.now))

    news_desk.do(lambda tx: links.record_failed_attempt(tx, link.pk, "HTTP 403", answered=True))
    assert due() == 0
    news_desk.now += timedelta(minutes=15)
    assert due() == 1
    news_desk.do(lambda tx: links.record_failed_attempt(tx, link.pk, "HTTP 403", answered=True))
    news_desk.now += timedelta(minutes=20)
    assert due() == 0  # the second pause is longer


def test_what_robots_forbade_is_looked_at_again_a_day_later(news_desk: Desk) -> None:
    (link,) = file(news_desk, Link(BASE + "1")).new
    news_desk.do(lambda tx: links.settle(tx, link.pk, "excluded", "robots"))
    assert file(news_desk, Link(BASE + "1")).new == ()
    news_desk.now += timedelta(hours=25)
    assert [again.pk for again in file(news_desk, Link(BASE + "1")).new] == [link.pk]


def test_two_looks_in_one_hour_confirm_nothing(news_desk: Desk) -> None:
    news_desk.record()
    assert look(news_desk, "missing") == "missing"
    news_desk.now -= timedelta(minutes=59)
    assert look(news_desk, "missing") == "missing"
    assert the_article(news_desk).status == "missing"


def test_a_304_that_forbids_keeping_withholds_the_article(news_desk: Desk) -> None:
    news_desk.record()
    look(news_desk, "same", a_capture(URL, b"", status=304, rights=Rights(noarchive=True)), policy=WITHHOLD)
    assert the_article(news_desk).status == "withheld"


def test_an_edit_made_while_withheld_is_a_revision_once_it_may_be_kept(news_desk: Desk) -> None:
    news_desk.record()
    edited = an_article(body="Edited while nobody might keep it.")
    assert news_desk.record(edited, a_capture(URL, rights=Rights(noarchive=True)), policy=WITHHOLD).kind == "withheld"
    with news_desk.archive.reading() as session:
        (known,) = known_articles(session, [the_article(news_desk).pk])
        assert known.withheld
    back = news_desk.record(edited)
    assert (back.kind, back.revision) == ("revised", 2)
    assert the_article(news_desk).status == "live"
    assert the_article(news_desk).state_capture_pk is not None


def test_very_long_addresses_and_odd_bytes_are_filed_on_both_databases(news_desk: Desk) -> None:
    long = [Link(BASE + "x" * 5000), Link(BASE + "x" * 5001)]
    assert len(file(news_desk, *long).new) == 2
    assert file(news_desk, *long).new == ()
