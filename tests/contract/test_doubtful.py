"""Looks that may have shown another page than the article's, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from archive.frontier import links
from archive.ingest.doubtful import judge, record_doubtful
from archive.ingest.record import Recorded, record_article
from archive.model.article import Article
from archive.model.capture import RightsPolicy
from archive.model.frontier import PendingLink
from archive.model.link import Hints, Link
from archive.model.text.sketch import sketch_of
from archive.tables import AliasRow, ArticleRow, CaptureRow, LinkRow, ObservationRow, RevisionRow
from archive.testing import START, Desk, a_capture, an_article
from archive.verify import verify
from archive.writer.writer import Transaction

SITE = "https://www.harbour-times.example/news/"
WALL = "We and our partners store information on your device. You may accept or manage your choices."
OTHER = "Ferries stayed in port all day, and no ship sailed.\nThe storm is expected to pass by the weekend."


def unmarked(name: str, body: str = WALL) -> Article:
    """A page without byline and date, under a headline that only the feed names."""
    plain = an_article(SITE + name, body=body, lead=None, authors=(), published=None)
    return replace(plain, provenance={"title": "feed"})


def story(name: str, body: str = "The ministers met on Monday.\nThey signed a pact on shared patrols.") -> Article:
    return an_article(SITE + name, title=f"Ministers sign {name}", body=f"{body}\nIt concerns {name} alone.")


def look(desk: Desk, article: Article, *, known: int | None = None, link: PendingLink | None = None) -> Recorded | None:
    """A look as the record step of a crawl writes it."""
    capture = a_capture(article.url, f"<p>{article.title} {article.body}</p>".encode(), at=desk.now)

    def work(tx: Transaction) -> Recorded | None:
        pk = link.pk if link else None
        judgement = judge(tx, capture, article, known=known, hint=link.hints.title if link else None)
        if judgement.doubtful:
            return record_doubtful(tx, capture, article, judgement, link=pk, policy=RightsPolicy())
        return record_article(tx, capture, article, link=pk, known=known, first=judgement.first)

    recorded: Recorded | None = desk.do(work)
    return recorded


def looks(desk: Desk, article: int) -> list[tuple[str, str | None, int | None]]:
    with desk.archive.reading() as session:
        rows = session.scalars(
            select(ObservationRow).where(ObservationRow.article_pk == article).order_by(ObservationRow.pk)
        )
        return [(row.outcome, row.detail, row.revision_number) for row in rows.all()]


def revisions(desk: Desk, article: int) -> list[RevisionRow]:
    with desk.archive.reading() as session:
        wanted = select(RevisionRow).where(RevisionRow.article_pk == article).order_by(RevisionRow.number)
        return list(session.scalars(wanted))


def the_article(desk: Desk, article: int) -> ArticleRow:
    with desk.archive.reading() as session:
        return session.get_one(ArticleRow, article)


def links_of(desk: Desk, *names: str, title: str | None = None) -> list[PendingLink]:
    shown = [Link(SITE + name, Hints(title)) for name in names]
    return list(desk.do(lambda tx: links.record_links(tx, "harbour-times", "feed:x", shown)).new)


def is_sound(desk: Desk) -> bool:
    return list(verify(desk.archive, desk.warc_path)) == []


def test_a_wall_is_a_failed_look_that_is_kept(news_desk: Desk) -> None:
    pk = news_desk.record(story("pact")).article_pk
    for _ in range(3):
        news_desk.now += timedelta(days=1)
        recorded = look(news_desk, unmarked("pact"), known=pk)
        assert recorded is not None
        assert recorded.kind == "failed"
    assert looks(news_desk, pk) == [("changed", None, 1), *[("failed", "another-page", None)] * 3]
    row = the_article(news_desk, pk)
    assert (row.status, row.last_seen_at, row.current_revision) == ("live", START, 1)
    with news_desk.archive.reading() as session:
        assert {capture.kept for capture in session.scalars(select(CaptureRow))} == {"response"}
    news_desk.now += timedelta(days=1)
    again = look(news_desk, story("pact"), known=pk)
    assert again is not None
    assert again.kind == "unchanged"
    assert is_sound(news_desk)


def test_a_second_look_with_an_articles_marks_confirms_the_first(news_desk: Desk) -> None:
    pk = news_desk.record(story("pact")).article_pk
    news_desk.now = first = START + timedelta(hours=5)
    look(news_desk, unmarked("pact", OTHER), known=pk)
    marked = an_article(SITE + "pact", title="Storm closes the strait", body=OTHER, lead=None)
    news_desk.now = first + timedelta(hours=2)
    recorded = look(news_desk, marked, known=pk)
    assert recorded is not None
    assert recorded.kind == "revised"
    for _ in range(2):  # once, however often it is shown
        news_desk.now += timedelta(hours=2)
        look(news_desk, marked, known=pk)
    assert [revision.number for revision in revisions(news_desk, pk)] == [1, 2]


def test_a_text_without_marks_is_confirmed_on_a_site_that_has_none(news_desk: Desk) -> None:
    plain = replace(story("pact"), authors=(), published=None)
    pk = news_desk.record(plain).article_pk
    news_desk.now = first = START + timedelta(hours=5)
    look(news_desk, unmarked("pact", OTHER), known=pk)
    news_desk.now = first + timedelta(minutes=30)  # not another time
    look(news_desk, unmarked("pact", OTHER), known=pk)
    assert len(revisions(news_desk, pk)) == 1
    news_desk.now = first + timedelta(hours=2)
    look(news_desk, unmarked("pact", OTHER), known=pk)
    news_desk.now = first + timedelta(hours=4)
    look(news_desk, unmarked("pact", OTHER), known=pk)
    _, revised = revisions(news_desk, pk)
    assert (revised.captured_at, revised.body) == (first, OTHER)
    assert looks(news_desk, pk) == [
        ("changed", None, 1),
        ("changed", "confirmed by a later look", 2),
        ("failed", "another-page", None),
        ("same", "confirms the text that an earlier look showed first", 2),
        ("same", None, 2),
    ]
    row = the_article(news_desk, pk)
    assert (row.changed_at, row.changes, row.status) == (first, 1, "live")
    assert is_sound(news_desk)


def test_what_two_articles_show_at_once_is_never_confirmed(news_desk: Desk) -> None:
    plain = [replace(story(name), authors=(), published=None) for name in ("pact", "storm")]
    pks = [news_desk.record(article).article_pk for article in plain]
    for _ in range(3):
        news_desk.now += timedelta(hours=5)
        for name, pk in zip(("pact", "storm"), pks, strict=True):
            look(news_desk, unmarked(name), known=pk)
    assert [len(revisions(news_desk, pk)) for pk in pks] == [1, 1]


def test_a_text_with_which_a_site_hides_its_articles_is_no_edit_from_the_second_on(news_desk: Desk) -> None:
    names = ("pact", "storm", "visa")
    pks = [news_desk.record(story(name, f"{OTHER} {name * 40}")).article_pk for name in names]
    news_desk.now += timedelta(hours=5)
    for name, pk in zip(names, pks, strict=True):
        look(news_desk, replace(story(name), body=WALL), known=pk)  # headline, byline and date stand as ever
    assert [len(revisions(news_desk, pk)) for pk in pks] == [2, 1, 1]
    assert is_sound(news_desk)


def test_no_article_is_made_of_what_another_address_shows(news_desk: Desk) -> None:
    pk = news_desk.record(story("pact")).article_pk
    news_desk.now += timedelta(hours=5)
    look(news_desk, unmarked("pact"), known=pk)
    [link] = links_of(news_desk, "storm", title="Storm closes the strait")
    assert look(news_desk, unmarked("storm"), link=link) is None
    with news_desk.archive.reading() as session:
        row = session.get_one(LinkRow, link.pk)
        assert (row.state, row.reason, row.attempts) == ("pending", "another-page", 1)
        assert row.not_before == news_desk.now + links.FIRST_PAUSE
        assert session.scalars(select(ArticleRow.pk)).all() == [pk]
    news_desk.now += timedelta(hours=5)
    recorded = look(news_desk, story("storm"), link=link)
    assert recorded is not None
    assert recorded.kind == "new"
    assert is_sound(news_desk)


def test_another_page_in_place_of_a_new_article_is_known_by_the_first(news_desk: Desk) -> None:
    one, two = links_of(news_desk, "pact", "storm")
    assert look(news_desk, unmarked("pact"), link=one) is not None
    assert look(news_desk, unmarked("storm"), link=two) is None


# --- wrong canonical addresses


def name_canonical(desk: Desk, link: PendingLink, canonical: str, text: str | None) -> list[str]:
    target = Link(SITE + canonical)
    ready = desk.do(
        lambda tx: links.record_alias(tx, "harbour-times", link.url, target, link=link, sketch=sketch_of(text)),
    )
    return [each.url for each in ready]


def states(desk: Desk) -> dict[str, tuple[str, int | None]]:
    with desk.archive.reading() as session:
        return {row.url.removeprefix(SITE): (row.state, row.article_pk) for row in session.scalars(select(LinkRow))}


def test_pages_that_wait_for_a_wrong_canonical_address_are_read_as_they_are(news_desk: Desk) -> None:
    text = story("pact").body
    amp, other = links_of(news_desk, "pact/amp", "storm")
    assert name_canonical(news_desk, amp, "pact", text) == [SITE + "pact"]
    assert name_canonical(news_desk, other, "pact", OTHER) == []
    recorded = news_desk.record(story("pact"))
    assert [link.url for link in recorded.released] == [SITE + "storm"]
    assert all(link.take_as_is for link in recorded.released)
    assert states(news_desk)["pact/amp"] == ("alias", recorded.article_pk)
    assert states(news_desk)["storm"] == ("pending", None)
    news_desk.now += timedelta(hours=1)
    assert news_desk.record(story("pact")).released == ()  # they are released once
    own = news_desk.record(an_article(SITE + "storm", body=OTHER), link=other.pk)
    assert own.kind == "new"
    assert is_sound(news_desk)


def test_a_known_canonical_address_is_compared_at_once(news_desk: Desk) -> None:
    pk = news_desk.record(story("pact")).article_pk
    printed, other, textless = links_of(news_desk, "pact/print", "storm", "video")
    assert name_canonical(news_desk, printed, "pact", story("pact").body) == []
    assert name_canonical(news_desk, other, "pact", OTHER) == [SITE + "storm"]
    assert name_canonical(news_desk, textless, "pact", None) == []
    found = states(news_desk)
    assert (found["pact/print"], found["storm"], found["video"]) == (("alias", pk), ("pending", None), ("alias", pk))


def test_a_known_article_that_names_another_one_stays_itself(news_desk: Desk) -> None:
    pact = news_desk.record(story("pact")).article_pk
    storm = news_desk.record(an_article(SITE + "storm", title="Storm", body=OTHER)).article_pk
    news_desk.now += timedelta(hours=5)
    wrong = an_article(SITE + "storm", title="Storm", body=OTHER, canonical_url=SITE + "pact")
    recorded = look(news_desk, wrong, known=storm)
    assert recorded is not None
    assert (recorded.kind, recorded.article_pk) == ("unchanged", storm)
    assert the_article(news_desk, storm).moved_to_pk is None
    assert len(revisions(news_desk, pact)) == 1
    with news_desk.archive.reading() as session:
        assert session.get_one(AliasRow, ("harbour-times", "harbour-times.example/news/pact")).article_pk == pact
    assert is_sound(news_desk)
