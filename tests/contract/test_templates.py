"""What is kept of what was learnt, on both databases; learning is one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from support.gazette import Piece

from archive.ingest.site_templates import (
    HISTORY,
    PageNote,
    SiteState,
    load_site,
    load_sites,
    put_in_force,
    redesigns,
    site_memory,
)
from archive.model.site_memory import RECENT, WINDOW, Block, Evidence, Learnt, Memory, Place, Template
from archive.tables import AlarmRow, ArticleRow, EvidenceRow, ObservationRow, RevisionRow, SiteMemoryRow, TemplateRow
from archive.testing import START, Desk, a_capture, an_article
from archive.writer.writer import Transaction
from crawler.engine.site_learning import remember
from crawler.reading.page import Page
from crawler.reading.read import read

SOURCE = "harbour-times"
BASE = "https://www.harbour-times.example"


def evidence(number: int, *, new: bool = False) -> Evidence:
    piece = Piece(number)
    html = piece.new_page(BASE + piece.path) if new else piece.old_page(BASE + piece.path)
    found = read(Page(html.encode(), BASE + piece.path, memory=Memory(collecting=True))).evidence
    assert found is not None
    return found


@pytest.fixture(scope="module")
def taught() -> list[Evidence]:
    return [evidence(number) for number in range(6)]


def an_archived(desk: Desk, number: int) -> int:
    article = an_article(f"{BASE}/news/{number}", body=f"Text of article {number}, which nobody else has.")
    return desk.record(article).article_pk


def notes(desk: Desk, found: list[Evidence], first: int = 0) -> list[PageNote]:
    return [
        PageNote(an_archived(desk, first + number), f"{BASE}/news/{first + number}", True, None, each)
        for number, each in enumerate(found)
    ]


def state(desk: Desk) -> SiteState:
    with desk.archive.reading() as session:
        return load_sites(session, [SOURCE]).get(SOURCE, SiteState())


def told(desk: Desk, fits: str) -> list[PageNote]:
    pk = an_archived(desk, 500)
    return [PageNote(pk, f"{BASE}/news/500", False, "" if fit == "1" else "body: not found") for fit in fits]


def test_five_articles_teach_a_template_that_is_recalled(news_desk: Desk, taught: list[Evidence]) -> None:
    assert state(news_desk) == SiteState()
    first = notes(news_desk, taught[:4])
    assert news_desk.do(lambda tx: remember(tx, SOURCE, first)).learnt == Learnt()
    more = notes(news_desk, taught[4:5], 4)
    learnt = news_desk.do(lambda tx: remember(tx, SOURCE, more))
    assert learnt.learnt.template is not None
    assert learnt.seen == 5
    assert state(news_desk) == learnt
    assert learnt.memory.version == learnt.learnt.digest != ""


def test_an_article_looked_at_again_teaches_once(news_desk: Desk, taught: list[Evidence]) -> None:
    pk = an_archived(news_desk, 1)
    again = [PageNote(pk, f"{BASE}/news/1", number == 0, None, taught[1]) for number in range(12)]
    after = news_desk.do(lambda tx: remember(tx, SOURCE, again))
    assert (after.seen, after.learnt) == (1, Learnt())


def test_learning_that_is_cut_short_leaves_what_was(news_desk: Desk, taught: list[Evidence]) -> None:
    given = notes(news_desk, taught)

    def cut_short(tx: Transaction) -> None:
        assert remember(tx, SOURCE, given).learnt.template is not None
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        news_desk.do(cut_short)
    assert state(news_desk) == SiteState()
    with news_desk.archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(EvidenceRow)) == 0
    assert news_desk.do(lambda tx: remember(tx, SOURCE, given)).learnt.template is not None


def test_a_template_that_fits_no_more_is_retired_and_learning_begins_again(
    news_desk: Desk, taught: list[Evidence]
) -> None:
    first = notes(news_desk, taught)
    before = news_desk.do(lambda tx: remember(tx, SOURCE, first))
    fitting = told(news_desk, "1111")
    assert news_desk.do(lambda tx: remember(tx, SOURCE, fitting)).learnt == before.learnt
    missing = told(news_desk, "0" * 8)
    after = news_desk.do(lambda tx: remember(tx, SOURCE, missing))
    assert after.learnt.template is None
    assert after.learnt.blocks == before.learnt.blocks
    assert (after.seen, after.recent) == (0, "")
    with news_desk.archive.reading() as session:
        known = site_memory(session, SOURCE)
        assert redesigns(session, START - timedelta(days=1)) == {SOURCE: known.redesign}
        assert redesigns(session, START + timedelta(days=1)) == {}
    assert known.redesign is not None
    assert known.redesign.startswith(f"layout changed: the template did not fit 8 of the last {RECENT} pages")
    assert known.last_misfit == f"body: not found: {BASE}/news/500"
    renewed = notes(news_desk, [evidence(number, new=True) for number in range(20, 26)], 20)
    relearnt = news_desk.do(lambda tx: remember(tx, SOURCE, renewed))
    assert relearnt.learnt.template is not None
    assert relearnt.learnt.template.selector("body") == "section.reading"
    with news_desk.archive.reading() as session:
        assert redesigns(session, START - timedelta(days=1)) == {}
        assert [bool(past.retired_at) for past in site_memory(session, SOURCE).history] == [False, True, True]


def test_what_another_version_learnt_is_ignored_and_learnt_again(news_desk: Desk, taught: list[Evidence]) -> None:
    first = notes(news_desk, taught)
    news_desk.do(lambda tx: remember(tx, SOURCE, first))
    news_desk.do(lambda tx: tx.session.execute(update(TemplateRow).values(format=99)))
    assert state(news_desk) == SiteState()
    with news_desk.archive.reading() as session:
        known = site_memory(session, SOURCE)
        assert known.current is None
        assert known.history[0].ignored
    again = notes(news_desk, taught, 50)
    assert news_desk.do(lambda tx: remember(tx, SOURCE, again)).learnt.template is not None
    with news_desk.archive.reading() as session:
        because = [past.retired_because for past in site_memory(session, SOURCE).history]
    assert because == [None, "learnt by another version of Dateline"]


def test_memory_is_bounded(news_desk: Desk, taught: list[Evidence]) -> None:
    pks = [an_archived(news_desk, number) for number in range(WINDOW)]
    given = [PageNote(pk, f"{BASE}/{pk}", True, None, taught[pk % 6]) for pk in pks]
    after = news_desk.do(lambda tx: remember(tx, SOURCE, given))
    assert after.seen == WINDOW
    assert not after.memory.collecting
    for number in range(HISTORY + 5):
        learnt = Learnt(Template({"body": Place(f"div.b{number}", 5, 5)}), (Block("k", "Line", 3),))
        assert news_desk.do(lambda tx, learnt=learnt: put_in_force(tx, SOURCE, learnt)) is True
        assert news_desk.do(lambda tx, learnt=learnt: put_in_force(tx, SOURCE, learnt)) is False
        assert news_desk.do(lambda tx: load_site(tx, SOURCE)).learnt == learnt
    with news_desk.archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(TemplateRow)) == HISTORY
        assert session.scalar(select(func.count()).select_from(EvidenceRow)) == 0  # learnt: not needed any more
        assert session.scalar(select(func.count()).select_from(SiteMemoryRow)) == 1
        assert session.scalar(select(func.count()).select_from(AlarmRow)) == 0


def test_a_look_at_another_layout_is_compared_with_its_baseline(news_desk: Desk) -> None:
    url = f"{BASE}/news/pact"
    old = an_article(url, layout="a1", body="One line.\nTwo lines.\nA line of the site's.")
    assert news_desk.record(old).kind == "new"
    new = an_article(url, layout="b2", body="One line.\nTwo lines.")
    news_desk.now += timedelta(hours=1)
    looked = news_desk.record(
        new, a_capture(url, b"<p>new</p>", at=news_desk.now), baseline=replace(old, body=new.body)
    )
    assert looked.kind == "unchanged"
    with news_desk.archive.reading() as session:
        row = session.scalars(select(ArticleRow)).one()
        assert row.state_layout == "b2"
        assert session.scalar(select(func.count()).select_from(RevisionRow)) == 1
        newest = session.scalars(select(ObservationRow).order_by(ObservationRow.pk.desc())).first()
        assert newest is not None
        assert row.state_capture_pk == newest.capture_pk  # the next look is compared with this page
    edited = replace(new, body="One line.\nThree lines.")
    news_desk.now += timedelta(hours=1)
    assert news_desk.record(edited, a_capture(url, b"<p>edited</p>", at=news_desk.now)).kind == "revised"
