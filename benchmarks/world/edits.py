"""Revisions that no edit made, and edits of which there is no revision."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.world.case import Case, Finding, layout_of
from benchmarks.world.causes import cause, key
from benchmarks.world.product import Revision
from benchmarks.world.prose import EditKind, Story

FALSE = "false edit"
WORDS = frozenset({"number", "negation", "name"})
"""Edits of single words."""


def false_edits(case: Case) -> Iterator[Finding]:
    """Revisions behind the first that claim an edit where there was none."""
    explained: set[int] = set()
    for before, after in zip(case.revisions, case.revisions[1:], strict=False):
        if after.number == 1:
            continue  # the article once more at its new address, which claims no edit
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
    """(kind, look) of each edit between two looks that showed the article.

    A retraction that is seen once is left out: a text that has nothing of the former may be believed when it is seen again.
    """
    for before, look in zip(case.shown, case.shown[1:], strict=False):
        for version in range(case.version(before) + 1, case.version(look) + 1):
            kind = case.life.edits[version]
            assert kind is not None
            if kind != "retraction" or look != case.shown[-1]:
                yield kind, look


def missed_edit(case: Case, kind: EditKind, look: int) -> Finding | None:
    """What is wrong with the archive's record of an edit that the article's look shows. None: nothing is."""
    made = [revision for revision in case.revisions if case.look_of(revision) == look]
    story = case.life.versions[case.version(look)]
    if any(_tells(revision, kind, story) for revision in made):
        return None
    if case.is_merged or not case.revisions:
        why = "merged" if case.is_merged else "not recorded"
    else:
        why = "revision without it" if made else "in no revision"
    return case.finding(f"missed edit: {kind}", f"{why}; {layout_of(case.site)}", look)


def _tells(revision: Revision, kind: EditKind, story: Story) -> bool:
    """Return whether a revision shows what the edit of this kind made of the text."""
    text = key(revision.text)
    if kind in WORDS:
        edited = story.swaps[kind][0]
        return all(key(part.text) in text for part in story.paragraphs if edited in part.text)
    match kind:
        case "caption":
            return "caption" in revision.changes
        case "headline":
            return key(story.title) in key(revision.title)
        case "standfirst":
            return key(story.lead or "") in text
        case "byline":
            return {key(name) for name in story.authors} <= {key(name) for name in revision.authors}
        case _:
            return all(key(part.text) in text for part in story.paragraphs)
