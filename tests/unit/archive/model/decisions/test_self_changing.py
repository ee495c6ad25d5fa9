"""Histories of a site whose lines change by themselves, generated: they make no edit, and a number of the article's own does."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model.decisions.decide import changed_kinds
from archive.model.decisions.self_changing import change_by_themselves, lines_apart, lines_of
from archive.model.revision import State, state_of
from archive.testing import an_article

PROSE = {
    "en": "The ministers of {name} met and said that {number} sailors were killed off the coast.",
    "de": "Die Minister von {name} teilten mit, dass {number} Seeleute vor der Küste getötet wurden.",
    "ru": "Министры {name} сообщили, что у побережья погибли {number} моряков.",
    "ar": "قال وزراء {name} إن {number} بحارا قتلوا قبالة الساحل.",
    "zh": "{name}的部长们表示，有{number}名水手在海岸附近丧生。",
    "th": "รัฐมนตรีของ {name} กล่าวว่ามีลูกเรือ {number} คนเสียชีวิตนอกชายฝั่งและยังค้นหาต่อไป",
}
COUNTERS = {
    "en": ["{k} views", "Comments ({k})", "{k} hours ago", "{k} free articles left", "Brent {k} USD | FTSE {k}"],
    "de": [
        "{k} Aufrufe",
        "Kommentare ({k})",
        "vor {k} Stunden",
        "Noch {k} Artikel kostenlos",
        "Brent {k} USD | DAX {k}",
    ],
    "ru": ["{k} просмотров", "Комментарии ({k})", "{k} часов назад", "Brent {k} USD | IMOEX {k}"],
    "ar": ["{k} مشاهدة", "التعليقات ({k})", "منذ {k} ساعات", "برنت {k} دولار | المؤشر {k}"],
    "zh": ["阅读 {k}", "评论（{k}）", "{k}小时前", "今天是{k}月28日"],
    "th": ["เข้าชม {k} ครั้ง", "ความคิดเห็น ({k})", "{k} ชั่วโมงที่แล้ว"],
}
NAMES = ("Averland", "Kestria", "Belmar", "Novaria", "Ostmark", "Tessalia", "Vellmar", "Zamora")
FEW = settings(deadline=None, max_examples=50)
"""The words of a language are loaded when they are first asked for."""
NUMBERS = st.integers(2, 999_999)


@dataclass(frozen=True)
class Site:
    """A site in one language: the lines of its own that stand on each of its pages, at the top or at the end."""

    language: str
    counters: tuple[str, ...]
    at_top: bool

    def state(self, name: str, number: int, counts: list[int], extra: str = "") -> State:
        """The state of the article about `name`, with one count for each of the site's lines."""
        prose = [PROSE[self.language].format(name=name, number=number)]
        own = [line.format(k=f"{count:,}") for line, count in zip(self.counters, counts, strict=True)]
        lines = [*own, *prose, extra] if self.at_top else [*prose, extra, *own]
        return state_of(an_article(lead=None, language=self.language, body="\n".join(filter(None, lines))))


@st.composite
def sites(draw: st.DrawFn) -> Site:
    language = draw(st.sampled_from(sorted(PROSE)))
    counters = draw(st.lists(st.sampled_from(COUNTERS[language]), min_size=1, max_size=3, unique=True))
    return Site(language, tuple(counters), draw(st.booleans()))


def counts(site: Site) -> st.SearchStrategy[list[int]]:
    return st.lists(NUMBERS, min_size=len(site.counters), max_size=len(site.counters))


def others(draw: st.DataObject, site: Site) -> list[frozenset[str]]:
    names = draw.draw(st.lists(st.sampled_from(NAMES[1:]), min_size=2, unique=True))
    return [lines_of(site.state(name, draw.draw(NUMBERS), draw.draw(counts(site))).hashes) for name in names]


@FEW
@given(sites(), NUMBERS, st.data())
def test_lines_of_the_site_make_no_edit_at_any_look(site: Site, number: int, data: st.DataObject) -> None:
    looks = [site.state("Averland", number, data.draw(counts(site))) for _ in range(data.draw(st.integers(2, 5)))]
    around = others(data, site)
    for before, after in pairwise(looks):
        assert not changed_kinds(after.hashes, before.hashes) or change_by_themselves(after, before, around)


@FEW
@given(sites(), NUMBERS, NUMBERS, st.data())
def test_a_number_that_is_corrected_in_a_sentence_is_an_edit(
    site: Site, number: int, corrected: int, data: st.DataObject
) -> None:
    if number == corrected:
        return
    before = site.state("Averland", number, data.draw(counts(site)))
    after = site.state("Averland", corrected, data.draw(counts(site)))
    assert changed_kinds(after.hashes, before.hashes) == ("body",)
    assert not change_by_themselves(after, before, others(data, site))


@FEW
@given(
    sites(),
    st.sampled_from(["{name}: {k}", "{name} | {k} | 40", "{name} {k} %", "{name}\n{k}"]),
    NUMBERS,
    NUMBERS,
    st.data(),
)
def test_a_number_in_a_row_or_heading_of_the_article_is_an_edit(
    site: Site, form: str, number: int, corrected: int, data: st.DataObject
) -> None:
    if number == corrected:
        return
    shown = data.draw(counts(site))
    before = site.state("Averland", 12, shown, form.format(name="Dravia", k=number))
    after = site.state("Averland", 12, data.draw(counts(site)), form.format(name="Dravia", k=corrected))
    assert not change_by_themselves(after, before, others(data, site))


@FEW
@given(sites(), st.data())
def test_a_word_that_changes_beside_a_counter_is_an_edit(site: Site, data: st.DataObject) -> None:
    before = site.state("Averland", 12, data.draw(counts(site)))
    after = site.state("Kestria", 12, data.draw(counts(site)))
    assert not change_by_themselves(after, before, others(data, site))


def state(body: str, **fields: object) -> State:
    return state_of(an_article(body=body, **fields))  # type: ignore[arg-type]


TEXT = "The ministers met on Monday and signed a pact on shared patrols, which enters into force in May and ends in June 2031."
VIEWS = lines_of(state(f"{TEXT}\n12 views").hashes)


@pytest.mark.parametrize(
    ("others", "known"), [([], False), ([VIEWS], False), ([VIEWS] * 2, True), ([VIEWS] * 2 + [frozenset()] * 7, False)]
)
def test_some_other_articles_must_bear_the_line(others: list[frozenset[str]], known: bool) -> None:
    assert change_by_themselves(state(f"{TEXT}\n13 views"), state(f"{TEXT}\n12 views"), others) is known


@pytest.mark.parametrize(
    ("others", "known"), [([VIEWS] * 2, False), ([VIEWS] * 3, True), ([VIEWS] * 3 + [frozenset()] * 28, False)]
)
def test_more_must_bear_a_line_that_appears_or_vanishes(others: list[frozenset[str]], known: bool) -> None:
    with_line, without = state(f"{TEXT}\n13 views\n2 comments"), state(f"{TEXT}\n2 comments")
    assert change_by_themselves(with_line, without, others) is known
    assert change_by_themselves(without, with_line, others) is known


@pytest.mark.parametrize(("bearing", "known"), [(4, False), (5, True)])
def test_nearly_all_must_bear_a_sentence(bearing: int, known: bool) -> None:
    one, other = state(f"{TEXT}\nYou have 2 free articles left."), state(f"{TEXT}\nYou have 3 free articles left.")
    assert change_by_themselves(one, other, [lines_of(one.hashes)] * bearing) is known
    assert not change_by_themselves(one, other, [lines_of(one.hashes)] * 5 + [frozenset()] * 2)


def test_what_differs_elsewhere_is_asked_of_nobody() -> None:
    before = state(f"{TEXT}\n12 views")
    assert lines_apart(state(f"{TEXT}\n13 views"), before)
    assert not lines_apart(state(f"{TEXT}\n13 views", title="Another"), before)
    assert not lines_apart(state(f"{TEXT}\n13 views", extractor="test-2"), before)
    assert not lines_apart(state(f"{TEXT} No.\n13 views"), before)
    assert not lines_apart(before, before)
    assert not lines_apart(state(TEXT), state(f"{TEXT} No."))


def test_a_row_that_moves_is_an_edit() -> None:
    assert not lines_apart(state(f"{TEXT}\nAverland 12\nKestria 9"), state(f"{TEXT}\nKestria 9\nAverland 12"))


def test_a_line_that_appears_in_a_text_without_such_lines_is_compared_as_well() -> None:
    with_line, without = state(f"{TEXT}\n13 views"), state(TEXT)
    assert change_by_themselves(with_line, without, [VIEWS] * 3)
    assert change_by_themselves(without, with_line, [VIEWS] * 3)
    lead = state(TEXT, lead="13 views")
    assert change_by_themselves(lead, state(TEXT, lead=None), [VIEWS] * 3)
