"""The figures of a world, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import fmean
from typing import get_args

from benchmarks.world.case import Finding, Scores
from benchmarks.world.causes import SEVERAL
from benchmarks.world.edits import FALSE
from benchmarks.world.fields import FIRST_LOOK, NOW
from benchmarks.world.prose import EditKind

WORST = 10
"""Causes that are listed of each kind of finding."""
WORD_EDITS = ("number", "negation", "name", "caption")
"""The edits for which the goal of 1 % holds."""


def report(scores: Scores, *, reread: bool) -> Iterator[str]:
    """A table of figures with their goals."""
    edits = [name for name in scores.expected if _is_edit(name)]
    words = [name for name in WORD_EDITS if scores.expected[name]]
    yield "| | found | goal |"
    yield "|---|---|---|"
    yield f"| looks at articles | {scores.looks} | |"
    yield f"| false edits | {scores.count(FALSE)} | 0 |"
    yield f"| missed edits, of numbers, negations, names and captions | {_missed(words, scores)} | <= 1 % |"
    yield f"| missed edits, all kinds | {_missed(edits, scores)} | |"
    yield f"| wrong merges | {scores.count('wrong merge')} | 0 |"
    yield f"| articles not recorded | {_share(scores.count('article not recorded'), scores.expected['articles'])} | 0 |"
    yield f"| articles that nobody wrote | {scores.count('article that nobody wrote')} | 0 |"
    yield f"| articles whose first text is another page | {scores.count('another page as first text')} | 0 |"
    goal = "<= 1 %" if reread else ""
    yield _lines_row("after the first look", FIRST_LOOK, "", scores)
    yield _lines_row(f"at the end{', read again' if reread else ''}", NOW, goal, scores)
    yield f"| authors, mean F1 | {_mean(scores.authors)} | >= 0.95 |"
    yield f"| minute of publication | {_mean(scores.minutes)} | >= 0.98 |"
    yield f"| paragraphs of the text that are held | {_mean(scores.paragraphs)} | |"
    yield ""
    yield "missed edits by kind: " + ", ".join(
        f"{name} {scores.count(f'missed edit: {name}')} of {scores.expected[name]}" for name in sorted(edits)
    )
    classes = Counter(map(_class, (finding for finding in scores.findings if finding.what == FALSE)))
    yield "false edits by what differs: " + ", ".join(f"{name} {count}" for name, count in classes.most_common())
    if not reread:
        yield "This version of the product does not read stored captures again (`dateline reextract` is not there)."


def _missed(kinds: list[str], scores: Scores) -> str:
    """How many edits of these kinds are missed, of how many that were made."""
    return _share(
        sum(scores.count(f"missed edit: {kind}") for kind in kinds), sum(scores.expected[kind] for kind in kinds)
    )


def _class(finding: Finding) -> str:
    """What differs at a false edit, roughly."""
    if finding.why.startswith(("another page", "return from another page")):
        return "another page in the article's place"
    if finding.why.startswith(("another article", "fields")):
        return finding.why.partition(";")[0].partition(":")[0]
    return "lines of the site"


def _lines_row(when: str, what: str, goal: str, scores: Scores) -> str:
    share = _share(scores.count(what), scores.expected[what])
    return f"| pages with lines of the site in the text, {when} | {share} | {goal} |"


def _is_edit(name: str) -> bool:
    return name in get_args(EditKind)


def causes(scores: Scores) -> Iterator[str]:
    """The worst causes of each kind of finding, each with an example. A finding may have several causes."""
    groups = sorted({_group(finding) for finding in scores.findings})
    for group in groups:
        found = [finding for finding in scores.findings if _group(finding) == group]
        counted = Counter(why for finding in found for why in finding.why.split(SEVERAL))
        yield f"\n{group}: {len(found)}"
        for why, count in counted.most_common(WORST):
            yield f"  {count:5}  {why}   ({_example(next(f for f in found if why in f.why.split(SEVERAL)))})"


def _group(finding: Finding) -> str:
    return finding.what.partition(":")[0]


def _example(finding: Finding) -> str:
    detail = f": {finding.detail}" if finding.detail else ""
    return f"{finding.language}, {finding.layout}, look {finding.look + 1}, {finding.site}{finding.path}{detail}"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "0 of 0"


def _mean(values: list[float] | list[bool]) -> str:
    return f"{fmean(values):.3f} ({len(values)})" if values else "-"
