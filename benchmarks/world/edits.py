"""Revisions that no edit made, and edits of which there is no revision."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from benchmarks.world.case import Case, Finding, layout_of
from benchmarks.world.causes import cause, key
from benchmarks.world.history import Life
from benchmarks.world.product import Revision
from benchmarks.world.prose import EditKind, Story

FALSE = "false edit"
WORDS = frozenset({"number", "negation", "name"})
"""Edits of single words."""


def false_edits(case: Case) -> Iterator[Finding]:
    """Revisions behind the first that claim an edit where there was none.

    An article that moved may be two of the archive's: each of them is judged by itself.
    """
    for article in dict.fromkeys(revision.article for revision in case.revisions):
        yield from _false_edits(case, [revision for revision in case.revisions if revision.article == article])


def _false_edits(case: Case, revisions: list[Revision]) -> Iterator[Finding]:
    explained: set[int] = set()
    for before, after in pairwise(revisions):
        look, earlier = case.look_of(after), case.look_of(before)
        if case.holds_another(after):
            yield case.finding(FALSE, f"another article's text; canonical {case.site.canonical}", look)
        elif case.shows(look) != "article":
            yield case.finding(FALSE, f"another page: {case.shows(look)}", look)
        elif case.shows(earlier) == "wall" and before.number == 1:
            continue  # only the beginning could be read before
        elif case.shows(earlier) != "article":
            yield case.finding(FALSE, f"return from another page: {case.shows(earlier)}", look)
        elif _was_edited(case, look) and look not in explained:
            explained.add(look)
        else:
            why, detail = cause(before, after, (case.page(earlier), case.page(look)))
            yield case.finding(FALSE, why, look, detail)


def _was_edited(case: Case, look: int) -> bool:
    """Return whether the article differs from what its last showing before this look was."""
    before = [seen for seen in case.shown if seen < look]
    return bool(before) and case.version(before[-1]) != case.version(look)


def made_edits(case: Case) -> Iterator[tuple[EditKind, int]]:
    """(kind, look) of each edit between two looks that showed the article, if a reader of the page can see it.

    A retraction that is seen once is left out: a text that has nothing of the former may be believed when it is seen again.
    """
    for before, look in pairwise(case.shown):
        for version in range(case.version(before) + 1, case.version(look) + 1):
            kind = case.life.edits[version]
            assert kind is not None
            seen_once = kind == "retraction" and look == case.shown[-1]
            if not seen_once and (kind != "byline" or case.site.tells_authors):
                yield kind, look


def missed_edit(case: Case, kind: EditKind, look: int) -> Finding | None:
    """What is wrong with the archive's record of an edit that the article's look shows. None: nothing is."""
    made = [revision for revision in case.revisions if case.look_of(revision) == look]
    shown = case.life.versions[case.version(look)]
    edited = _edited(case.life, kind, shown)
    if any(_tells(revision, kind, shown, edited) for revision in made):
        return None
    if case.is_merged or not case.revisions:
        why = "merged" if case.is_merged else "not recorded"
    else:
        why = "revision without it" if made else "in no revision"
    return case.finding(f"missed edit: {kind}", f"{why}; {layout_of(case.site)}", look)


def _edited(life: Life, kind: EditKind, shown: Story) -> list[str]:
    """The paragraphs that this edit added or changed, as far as they still stand in the text that is shown."""
    version = life.edits.index(kind)
    if kind in WORDS:
        return [part.text for part in shown.paragraphs if shown.swaps[kind][0] in part.text]
    before = life.versions[version - 1].paragraphs
    return [part.text for part in life.versions[version].paragraphs if part not in before and part in shown.paragraphs]


def _tells(revision: Revision, kind: EditKind, story: Story, edited: list[str]) -> bool:
    """Return whether a revision shows what the edit of this kind made of the text."""
    match kind:
        case "caption":
            # The view has no captions. The first revision of an article at its new address has nothing to differ from.
            return "caption" in revision.changes or revision.number == 1
        case "headline":
            return key(story.title) in key(revision.title)
        case "standfirst":
            return key(story.lead or "") in key(revision.text)
        case "byline":  # whether the names are told apart is another question
            return all(key(name) in key(" ".join(revision.authors)) for name in story.authors)
        case _:
            return all(key(text) in key(revision.text) for text in edited)
