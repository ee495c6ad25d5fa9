"""Full text on both databases: the same documents, the same queries, the same answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from archive import search
from archive.search import base, parse
from archive.storage.session import Archive
from archive.testing import Desk, an_article

DOCUMENTS = {
    1: ("Campbell dan Cho sarapan di Washington", "", "Isu Indo- Pasifik dan Laut Barat. U.S. lawmakers on the IRA."),
    2: ("Thế giới hôm nay", "Đà Nẵng đón khách", "Bộ trưởng Ngoại giao Việt Nam nói về hòa bình."),
    3: ("中美关系稳定发展", "英美", "王毅会见美国国务卿。5G网络"),
    4: ("한국은 미국과 회담", "", "외교부 대변인이 밝혔다."),
    5: ("وزير الخارجية أحمد", "", "إلى آسيا في ٢٠٢٦، السِّياسة"),
    6: ("ประเทศไทยและอาเซียน", "", "รัฐมนตรีต่างประเทศ"),
    7: ("МИД России", "", "Учёный: диплом и дипломатия."),
    8: ("日本のガラパゴス", "", "岸田首相が述べた"),
    9: ("Straße nach Łódź", "", "Ørsted, İstanbul, Þór og Æsir"),
    10: ("भारत और चीन", "", "विदेश मंत्री ने कहा"),
    11: ("ကမ္ဘာ့သတင်း", "", "ព័ត៌មានពិភពលោក"),
    12: ("Kurz", "Zwischen den Feldern endet", "hier eine Phrase"),
}


@pytest.fixture
def indexed(archive: Archive) -> Iterator[Session]:
    index = search.backend(archive.engine.dialect.name)
    with archive.writing() as session:
        for pk, (title, lead, body) in DOCUMENTS.items():
            index.add(session, [search.RevisionText(pk, title, lead, body)])
    with archive.reading() as session:
        yield session


def found(session: Session, query: str) -> list[int]:
    matches = search.find(session, parse(query))
    ranked = select(matches.c.revision_pk).order_by(matches.c.rank.desc(), matches.c.revision_pk)
    return list(session.scalars(ranked))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("campbell SARAPAN", [1]),
        ("campbell bandung", []),
        ("Indo-Pasifik", [1]),
        ("indo pasifik", [1]),
        ('"laut barat"', [1]),
        ('"barat laut"', []),
        ("laut -barat", []),
        ("IRA", [1]),
        ("US", [1]),
        ("U.S.", [1]),
        ("the gioi", [2]),
        ("Thế giới", [2]),
        ("da nang", [2]),
        ("ĐÀ NẴNG", [2]),
        ("hoà bình", [2]),
        ("中美", [3]),
        ("中美关系", [3]),
        ("美", [3]),
        ("系", [3]),
        ("展", [3]),
        ("系美", []),
        ("王毅 美国", [3]),
        ("5G网络", [3]),
        ("한국", [4]),
        ("미국", [4]),
        ("미국은", []),
        ("외교부", [4]),
        ("احمد", [5]),
        ("الى اسيا", [5]),
        ("السياسة", [5]),
        ("2026", [5]),
        ("ไทย", [6]),
        ("อาเซียน", [6]),
        ("учёный", [7]),
        ("ученый", [7]),
        ("дипл*", [7]),
        ("дипл", []),
        ("ガラパゴス", [8]),
        ("ｶﾞﾗﾊﾟｺﾞｽ", [8]),
        ("カラハコス", []),
        ("岸田", [8]),
        ("strasse lodz", [9]),
        ("orsted istanbul thor aesir", [9]),
        ("भारत", [10]),
        ("मंत्री", [10]),
        ("मत्र", []),
        ("ကမ္ဘာ", [11]),
        ("ពិភពលោក", [11]),
        ("sarapan OR 王毅 -campbell", [3]),
        ("(campbell", [1]),
        ('"endet hier"', []),
        ('"den feldern endet"', [12]),
    ],
)
def test_a_query_finds_the_same_on_both_databases(indexed: Session, query: str, expected: list[int]) -> None:
    assert found(indexed, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "x'); DROP TABLE search; --",
        "title: campbell",
        "NEAR(campbell cho)",
        "campbell* ^cho + {a b}: *",
        "a & b | !c <-> d:*",
        "'campbell'",
        "campbell \\",
        '"campbell',
        "\x00campbell\x00",
    ],
)
def test_nothing_of_a_query_is_read_as_syntax_of_the_database(indexed: Session, query: str) -> None:
    assert set(found(indexed, query)) <= {1}
    assert found(indexed, "campbell") == [1]


def test_a_headline_counts_for_more_than_the_body(archive: Archive) -> None:
    index = search.backend(archive.engine.dialect.name)
    with archive.writing() as session:
        index.add(
            session,
            [search.RevisionText(1, "Weather report", None, "A word about the treaty. " + "Rain and sun. " * 20)],
        )
        index.add(
            session,
            [search.RevisionText(2, "Treaty signed", None, "A word about the weather. " + "Rain and sun. " * 20)],
        )
        index.add(session, [search.RevisionText(3, "Nothing", None, "Rain and sun. " * 20)])
    with archive.reading() as session:
        assert found(session, "treaty") == [2, 1]


def test_two_megabytes_in_one_paragraph_are_indexed_from_their_start(archive: Archive) -> None:
    index = search.backend(archive.engine.dialect.name)
    distinct = " ".join(f"w{n}x" for n in range(300_000))
    ideographs = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(700_000))
    with archive.writing() as session:
        index.add(session, [search.RevisionText(1, "Long", "lead", f"alpha {distinct}")])
        index.add(session, [search.RevisionText(2, "Long", None, ideographs)])
        index.add(session, [search.RevisionText(3, "Same word", None, "again " * 400_000)])
        index.add(session, [search.RevisionText(4, "One word", None, "y" * 2_000_000)])
    with archive.reading() as session:
        assert found(session, "alpha lead") == [1]
        assert found(session, ideographs[50_000:50_010]) == [2]
        assert found(session, "again") == [3]
        assert found(session, "y" * 3000) == [4]


def test_phrases_are_found_far_into_a_long_text(archive: Archive) -> None:
    index = search.backend(archive.engine.dialect.name)
    filler = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(30_000))
    with archive.writing() as session:
        index.add(session, [search.RevisionText(1, None, None, f"{filler}和平共处五项原则{filler[:500]}")])
    with archive.reading() as session:
        assert found(session, "和平共处五项原则") == [1]
        assert found(session, "和平五项") == []


def test_revisions_are_found_as_soon_as_they_are_recorded(news_desk: Desk) -> None:
    news_desk.record(an_article(title="Ministers sign harbour pact"))
    with news_desk.archive.reading() as session:
        assert len(found(session, "harbour pact")) == 1
        assert search.search_is_current(session)


def test_an_empty_archive_has_a_current_index(archive: Archive) -> None:
    with archive.reading() as session:
        assert search.search_is_current(session)
        assert found(session, "anything") == []


def test_an_index_of_another_preparation_is_refused_until_it_is_rebuilt(news_desk: Desk) -> None:
    news_desk.record()
    with news_desk.archive.writing() as session:
        session.execute(text("UPDATE meta SET value = '0' WHERE key = :key"), {"key": base.PREPARED_BY})
    with news_desk.archive.reading() as session:
        assert not search.search_is_current(session)
        with pytest.raises(search.StaleIndex, match="another version"):
            found(session, "pact")
    steps: list[tuple[int, int]] = []
    with news_desk.archive.writing() as session:
        assert search.rebuild(session, lambda done, total: steps.append((done, total))) == 1
    assert steps == [(1, 1)]
    with news_desk.archive.reading() as session:
        assert len(found(session, "pact")) == 1


def test_a_rebuild_that_fails_leaves_the_index_as_it_was(news_desk: Desk) -> None:
    news_desk.record()

    def rebuild_and_fail(session: Session) -> None:
        search.rebuild(session)
        raise RuntimeError("pulled the plug")

    with pytest.raises(RuntimeError), news_desk.archive.writing() as session:
        rebuild_and_fail(session)
    with news_desk.archive.reading() as session:
        assert len(found(session, "pact")) == 1
