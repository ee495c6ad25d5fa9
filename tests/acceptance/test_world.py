"""The generated world of `benchmarks/world`: whether it measures rightly, and what holds of the product in a small one today."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from statistics import fmean
from typing import get_args

import pytest
from support import forked

from benchmarks.world.edits import FALSE
from benchmarks.world.fields import NOW
from benchmarks.world.history import Life, look_time
from benchmarks.world.play import play
from benchmarks.world.product import Held, Revision
from benchmarks.world.prose import EditKind
from benchmarks.world.report import causes, report
from benchmarks.world.score import score
from benchmarks.world.server import World

SITES, LOOKS, SEED = 12, 3, 3
PORT = 8000
"""Where the sites would be served: these tests ask them without HTTP, but for the last one."""


# --- the world


def test_a_seed_makes_the_same_world_again() -> None:
    one, two = (World.make(SEED, SITES, LOOKS, PORT) for _ in range(2))
    assert one == two
    for look in range(LOOKS):
        one.look = two.look = look
        for host, lives in one.lives.items():
            for life in lives:
                path = life.states[look].path
                assert one.answer(host, path) == two.answer(host, path)
    other = World.make(SEED + 1, SITES, LOOKS, PORT)
    assert one.lives.keys() == other.lives.keys()
    assert one.lives != other.lives


def test_no_two_articles_say_the_same() -> None:
    world = World.make(SEED, 48, 5, PORT)
    texts = Counter(life.versions[0].text for lives in world.lives.values() for life in lives)
    assert max(texts.values()) == 1
    paragraphs = Counter(
        (host, part.text)
        for host, lives in world.lives.items()
        for life in lives
        for part in life.versions[0].paragraphs
        if not part.heading
    )
    assert sum(count for count in paragraphs.values() if count > 1) <= 0.01 * sum(paragraphs.values())


def test_pages_show_what_the_truth_says() -> None:
    """Each paragraph of an article is in the bytes of its page, as markup or as data."""
    world = World.make(SEED, SITES, LOOKS, PORT)
    for host, lives in world.lives.items():
        for life in lives:
            for look, state in enumerate(life.states):
                if state.shows != "article":
                    continue
                world.look = look
                shown = unescape(world.answer(host, state.path).body).replace('\\"', '"')
                if "__next_f" in shown:
                    continue  # cut anywhere
                for part in life.versions[state.version].paragraphs:
                    assert part.text in shown, (host, state.path)


# --- the measure


def perfect(world: World, looks: int) -> Held:
    """What an archive holds that says of each look exactly what happened."""
    held = Held()
    for host, lives in world.lives.items():
        for life in lives:
            seen = None
            for look in range(looks):
                state = life.states[look]
                if state.shows != "article":
                    continue
                article, source = f"{host}/{life.number}", world.sites[host].id
                held.articles[article] = (source, world.sites[host].origin + state.path)
                held.addresses[source, state.path].add(article)
                held.looks.append((article, look_time(look), "same", ""))
                if state.version != seen:
                    held.revisions[article].append(revision(article, life, look, len(held.revisions[article]) + 1))
                seen = state.version
    return held


def revision(article: str, life: Life, look: int, number: int) -> Revision:
    story = life.versions[life.states[look].version]
    return Revision(
        article=article,
        number=number,
        captured_at=look_time(look),
        title=story.title,
        lead=story.lead or "",
        body="\n".join(part.text for part in story.paragraphs),
        authors=story.authors,
        published_at=life.published.isoformat(),
        published_precision="minute",
        changes=frozenset({"caption"}),
        extractor="1",
    )


def test_a_perfect_archive_has_no_findings() -> None:
    world = World.make(SEED, 24, 4, PORT)
    held = perfect(world, 4)
    scores = score(world, held, held, 4)
    assert scores.findings == []
    assert set(scores.authors) == set(scores.paragraphs) == {1.0}
    assert all(scores.minutes)
    assert all(scores.expected[kind] for kind in ("number", "negation", "name", "caption", "headline"))
    assert scores.looks == len(held.looks)


def test_each_fault_of_an_archive_is_found() -> None:
    world = World.make(SEED, SITES, LOOKS, PORT)
    quiet = [
        (host, life)
        for host, lives in world.lives.items()
        for life in lives
        if len(life.versions) == 1
        and {state.shows for state in life.states} == {"article"}
        and not world.sites[host].endless
    ]
    held = perfect(world, LOOKS)
    # The line under the headline stands in the text from the second look on, which became an edit.
    host, life = quiet[0]
    page = world.page(world.sites[host], life, 1)
    page.bar()
    (first,) = held.revisions[f"{host}/{life.number}"]
    body = f"{page.printed[0][1]}\n{first.body}"
    held.revisions[f"{host}/{life.number}"].append(replace(first, number=2, captured_at=look_time(1), body=body))
    # An article is filed under another one's.
    host, life = quiet[10]
    other = next(each for each in world.lives[host] if each.number != life.number)
    del held.revisions[f"{host}/{life.number}"]
    held.addresses[world.sites[host].id, life.paths[0]] = {f"{host}/{other.number}"}
    # Another name, another day, and a text that lacks a paragraph.
    host, life = quiet[20]
    (was,) = held.revisions[f"{host}/{life.number}"]
    held.revisions[f"{host}/{life.number}"] = [
        replace(
            was,
            authors=("Somebody Else",),
            published_at="2026-01-01T00:00:00Z",
            body=was.body.partition("\n")[2],
        )
    ]
    # Not there at all.
    host, life = quiet[30]
    del held.addresses[world.sites[host].id, life.paths[0]]

    found = Counter(finding.what for finding in score(world, held, held, LOOKS).findings)
    kinds = (
        "false edit",
        "site's lines, now",
        "wrong merge",
        "authors",
        "minute",
        "text incomplete",
        "article not recorded",
    )
    assert {kind: found[kind] for kind in kinds} == dict.fromkeys(kinds, 1), found


def test_an_edit_that_is_not_told_is_missed() -> None:
    world = World.make(SEED, SITES, 4, PORT)
    held = perfect(world, 4)
    whole = score(world, held, held, 4)
    for article, revisions in held.revisions.items():
        held.revisions[article] = revisions[:1]
    findings = score(world, held, held, 4).findings
    missed = Counter(each.what.removeprefix("missed edit: ") for each in findings if each.what.startswith("missed"))
    assert missed == {kind: count for kind, count in whole.expected.items() if kind in get_args(EditKind)}


# --- the product


@dataclass(frozen=True)
class Bounds:
    """What is reached in the small world today, where the goal is not reached yet.

    To be tightened with each rule that brings it nearer. They leave a little room, for what is learnt of a site depends on
    the order in which its pages come.
    """

    false_edits: int = 140  # the goal: 0
    missed_edits: int = 1  # 0; it lies on the site whose text is only in the page's data
    first_texts_of_others: int = 12  # 0
    pages_with_site_lines: float = 0.95  # 0.01
    authors: float = 0.75  # 0.95
    paragraphs: float = 0.90


@pytest.mark.timeout(900)
def test_what_holds_in_a_small_world(tmp_path: Path) -> None:
    """The goals that are reached hold, and the others are missed by no more than today."""
    scores, reread = play(SEED, SITES, LOOKS, tmp_path, start=forked.run)
    print("\n".join([*report(scores, reread=reread), *causes(scores)]))  # shown when it fails

    world = World.make(SEED, SITES, LOOKS, PORT)
    lives = [life for each in world.lives.values() for life in each]
    assert scores.looks >= sum(state.shows == "article" for life in lives for state in life.states)
    assert scores.expected["articles"] == sum(any(state.shows == "article" for state in life.states) for life in lives)
    for never in ("wrong merge", "article not recorded", "article that nobody wrote"):
        assert scores.count(never) == 0, never
    assert fmean(scores.minutes) >= 0.98

    bounds = Bounds()
    missed = [finding for finding in scores.findings if finding.what.startswith("missed edit")]
    assert scores.count(FALSE) <= bounds.false_edits
    assert len(missed) <= bounds.missed_edits
    assert scores.count("another page as first text") <= bounds.first_texts_of_others
    assert scores.count(NOW) <= bounds.pages_with_site_lines * scores.expected[NOW]
    assert fmean(scores.authors) >= bounds.authors
    assert fmean(scores.paragraphs) >= bounds.paragraphs
