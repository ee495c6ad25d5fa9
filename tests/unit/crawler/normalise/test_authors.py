"""Bylines."""

from __future__ import annotations

import pytest

from crawler.normalise.authors import organisations, people


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (["By Ana Lima"], ("Ana Lima",)),
        (["Von Ana Lima und Jo Doe"], ("Ana Lima", "Jo Doe")),
        (["Ana Lima, Jo Doe and Bo Ek"], ("Ana Lima", "Jo Doe", "Bo Ek")),
        (["Lima, Ana"], ("Lima, Ana",)),
        (["Ana Lima", "ANA LIMA"], ("Ana Lima",)),
        (["van der Berg"], ("van der Berg",)),
        (["srf/hosb"], ("srf/hosb",)),
        (["Nguyễn Văn An"], ("Nguyễn Văn An",)),
        (["记者 王小明"], ("王小明",)),
        (["王小明、李华"], ("王小明", "李华")),
        (["김철수 기자"], ("김철수 기자",)),
        (["بقلم: أحمد علي"], ("أحمد علي",)),
        (["Анна Иванова"], ("Анна Иванова",)),
        (["Ana Lima (al)"], ("Ana Lima",)),
        (["Ana &amp; Bo"], ("Ana", "Bo")),
        (["Martin Luther King Jr."], ("Martin Luther King Jr.",)),
        (["Ana Lima - June 12, 2025"], ("Ana Lima",)),
        (["AFP", "Reuters", "dpa", "新华社", "연합뉴스"], ()),
        (["Example News", "news.example"], ()),
        (["admin", "Editorial Team", "105092", "https://news.example/ana", "@ana", "", " "], ()),
        (["Ana Lima", "AFP"], ("Ana Lima",)),
    ],
)
def test_people(raw: list[str], names: tuple[str, ...]) -> None:
    assert people(raw, ["Example News", "news.example"]) == names


def test_organisations_are_agencies_and_the_site() -> None:
    assert organisations(["By AFP", "Ana Lima", "Example News"], ["example news"]) == ("AFP", "Example News")
