from __future__ import annotations

import pytest

from archive.model.article import Article, Caption
from archive.model.decisions.decide import EarlierRevision, changed_kinds, decide, hashes_to_compare
from archive.model.revision import State, content_hash, state_of
from archive.testing import START, a_time, an_article


def state(**fields: object) -> State:
    return state_of(an_article(**fields))  # type: ignore[arg-type]


def past(*states: State) -> list[EarlierRevision]:
    return [EarlierRevision(number, s) for number, s in enumerate(states, start=1)]


def test_first_sight_is_new() -> None:
    assert decide(state(), None).kind == "new"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"title": "Ministers shelve harbour pact"}, "headline"),
        ({"lead": "Talks go on."}, "lead"),
        ({"lead": None}, "lead"),
        ({"body": "The ministers met on Tuesday."}, "body"),
        ({"authors": ("Someone Else",)}, "byline"),
        ({"authors": ()}, "byline"),
        ({"published": a_time(START.replace(day=3))}, "date"),
        ({"captions": (Caption("The pier at dawn"),)}, "caption"),
    ],
)
def test_each_field_has_its_kind(fields: dict[str, object], kind: str) -> None:
    decision = decide(state(**fields), state(), past(state()))
    assert (decision.kind, decision.changes) == ("revised", (kind,))


def test_several_kinds_come_in_a_fixed_order() -> None:
    decision = decide(state(body="Other.", title="Other"), state())
    assert decision.changes == ("headline", "body")


@pytest.mark.parametrize(
    "body",
    [
        "The ministers  met on Monday.\n\nThey signed a pact on shared patrols. It enters into force in May.",
        "The ministers met on Monday.\nThey signed a pact on shared\u00a0patrols.\nIt enters into force in May.",
        "The min\u00adisters met on Monday.\nThey signed a pact on shared patrols.\u200b\nIt enters into force in May.",
    ],
)
def test_typography_is_no_edit(body: str) -> None:
    assert decide(state(body=body), state()).kind == "unchanged"


def test_case_and_diacritics_are_edits() -> None:
    assert decide(state(title="Ministers Sign harbour pact"), state()).kind == "revised"
    assert decide(state(title="Thủ tướng"), state(title="Thu tuong")).kind == "revised"


@pytest.mark.parametrize("fields", [{"title": None}, {"body": None}, {"published": None}])
def test_what_a_look_does_not_show_says_nothing(fields: dict[str, object]) -> None:
    assert decide(state(**fields), state()).kind == "unchanged"
    assert decide(state(), state(**fields)).kind == "unchanged"


def test_another_extractor_is_never_an_edit() -> None:
    decision = decide(state(extractor="test-2", body="Completely other words."), state())
    assert decision.kind == "incomparable"


def test_a_b_a_makes_three_revisions_and_the_second_return_is_flapping() -> None:
    a, b, c = state(title="A"), state(title="B"), state(title="C")
    assert decide(b, a, past(a)).kind == "revised"
    assert decide(a, b, past(a, b)).kind == "revised"
    again = decide(b, a, past(a, b, a))
    assert (again.kind, again.earlier) == ("flapping", 2)
    back = decide(a, b, past(a, b, a))
    assert (back.kind, back.earlier) == ("flapping", 3)
    assert decide(c, a, past(a, b, a)).kind == "revised"


def test_a_change_of_extractor_does_not_hide_that_a_text_came_back() -> None:
    a, b = state(title="A"), state(title="B")
    old_a, old_b = state(title="A", extractor="test-0"), state(title="B", extractor="test-0")
    assert decide(a, b, past(old_a, old_b)).kind == "revised"
    again = decide(b, a, past(old_a, old_b, a))
    assert (again.kind, again.earlier) == ("flapping", 2)


def test_what_two_extractors_read_differently_is_no_return() -> None:
    a, b = state(title="A"), state(title="B")
    old_a, old_b = state(title="A", lead=None, extractor="test-0"), state(title="B", lead=None, extractor="test-0")
    assert decide(b, a, past(old_a, old_b, a)).kind == "revised"


def test_remembered_keeps_what_was_not_shown() -> None:
    kept = hashes_to_compare(state(title=None, lead=None), state())
    assert kept["headline"] == state().hashes["headline"]
    assert kept["lead"] is None  # a lead that is gone is an edit


def test_remembered_forgets_other_extractors() -> None:
    assert hashes_to_compare(state(title=None), state(extractor="test-0"))["headline"] is None


def test_order_of_authors_and_captions_is_no_edit() -> None:
    one = an_article(authors=("A", "B"), captions=(Caption("x"), Caption("y")))
    two = an_article(authors=("B", "A"), captions=(Caption("y"), Caption("x")))
    assert changed_kinds(state_of(one).hashes, state_of(two).hashes) == ()


def test_content_hash_knows_where_a_field_ends() -> None:
    def of(title: str, lead: str) -> str:
        article: Article = an_article(title=title, lead=lead)
        return content_hash(state_of(article).hashes)

    assert of("ab", "c") != of("a", "bc")
