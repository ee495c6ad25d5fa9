"""The archive compared with what really happened."""

from __future__ import annotations

from benchmarks.world.case import Case, Finding, Scores, addressed, layout_of, owners, revisions_of
from benchmarks.world.edits import false_edits, made_edits, missed_edit
from benchmarks.world.fields import FIRST_LOOK, NOW, score_fields, score_site_lines
from benchmarks.world.product import Held
from benchmarks.world.server import World

PAGES_OF_ITS_OWN = ("/privacy-gate", "/section/")
"""Addresses of the world's sites that are no articles."""


def score(world: World, first: Held, last: Held, looks: int) -> Scores:
    """Compare the archive as it was after the first look, and as it is now, with the truth."""
    scores = Scores()
    ours: set[str] = set()
    for host, lives in world.lives.items():
        site = world.sites[host]
        known = {life.number: addressed(site, life, last) for life in lives}
        owned = owners(lives, known, last)
        ours |= set(owned)
        for life in lives:
            own = [article for article, number in owned.items() if number == life.number]
            is_merged = bool(known[life.number]) and not own
            case = Case(world, site, life, revisions_of(last, own), looks, is_merged)
            _score_case(case, scores)
            for revision in revisions_of(first, own)[:1]:
                score_site_lines(case, FIRST_LOOK, revision, scores)
    scores.looks = sum(1 for article, *_ in last.looks if article in ours)
    scores.findings += _unwritten(world, last, ours)
    return scores


def _score_case(case: Case, scores: Scores) -> None:
    _recorded(case, scores)
    scores.findings += false_edits(case)
    for kind, look in made_edits(case):
        scores.expected[kind] += 1
        if missed := missed_edit(case, kind, look):
            scores.findings.append(missed)
    score_fields(case, scores)
    for revision in case.revisions[-1:]:
        score_site_lines(case, NOW, revision, scores)


def _recorded(case: Case, scores: Scores) -> None:
    """Judge whether an article that was shown is in the archive, and no other page is held as its first text."""
    if not case.shown:
        return
    scores.expected["articles"] += 1
    if case.is_merged:
        scores.findings.append(case.finding("wrong merge", f"canonical: {case.site.canonical}", case.shown[0]))
    elif not case.revisions:
        scores.findings.append(case.finding("article not recorded", layout_of(case.site), case.shown[0]))
    elif (shows := case.shows(look := case.look_of(case.revisions[0]))) not in ("article", "wall"):
        why = "another article" if shows == "unborn" else shows
        scores.findings.append(case.finding("another page as first text", why, look))


def _unwritten(world: World, held: Held, ours: set[str]) -> list[Finding]:
    """Articles of the archive under addresses at which no article ever was."""
    sites = {site.id: site for site in world.sites.values()}
    findings = []
    for article, (source, url) in held.articles.items():
        if article in ours:
            continue
        site = sites[source]
        path = url.removeprefix(site.origin)
        why = next((own for own in PAGES_OF_ITS_OWN if path.startswith(own)), path)
        findings.append(
            Finding("article that nobody wrote", why, site.id, site.layout, site.language.code, path, look=0)
        )
    return findings
