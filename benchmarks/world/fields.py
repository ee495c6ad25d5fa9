"""What the archive says of one reading: authors, the minute of publication, the paragraphs, and lines that are the site's."""

from __future__ import annotations

from datetime import datetime, timedelta

from benchmarks.world.case import Case, Scores, layout_of
from benchmarks.world.causes import key, kinds_of, site_lines
from benchmarks.world.product import Revision
from benchmarks.world.prose import Story
from benchmarks.world.site import Site

FIRST_LOOK, NOW = "site's lines, first look", "site's lines, now"


def score_fields(case: Case, scores: Scores) -> None:
    """Judge the last revision that shows the article itself."""
    own = [revision for revision in case.revisions if case.shows(case.look_of(revision)) == "article"]
    if own:
        _authors(case, own[-1], scores)
        _minute(case, own[-1], scores)
        _paragraphs(case, own[-1], scores)


def score_site_lines(case: Case, what: str, revision: Revision, scores: Scores) -> None:
    """Judge whether lines of the site stand in the text of a revision."""
    look = case.look_of(revision)
    if case.shows(look) != "article":
        return
    scores.expected[what] += 1
    if found := site_lines(revision, case.page(look)):
        scores.findings.append(case.finding(what, kinds_of(found), look, ", ".join(found)))


def _authors(case: Case, revision: Revision, scores: Scores) -> None:
    look, bar, site = case.look_of(revision), case.site.bar, case.site
    if not site.tells_authors:
        return
    mark = names_f1(case.life.versions[case.version(look)], site, revision.authors)
    scores.authors.append(mark)
    if mark == 1:
        return
    form = f"bar {bar.dress}, {'one element' if bar.in_one else 'elements'}, {'by' if bar.by_word else 'bare'}"
    written = site.names_authors and (site.json_ld != "none" or site.layout == "microdata")
    if site.layout == "data-only":
        form = f"as data ({site.data_form})"
    where = f"in metadata ({site.json_ld}, {site.layout})" if written else f"on the page only; {form}"
    scores.findings.append(case.finding("authors", f"{'wrong' if revision.authors else 'missing'}; {where}", look))


def names_f1(story: Story, site: Site, found: tuple[str, ...]) -> float:
    """F1 of the byline's names. Where nobody is named, the desk and the publisher count as nobody."""
    nobody = {key(site.language.desk), key(site.name)}
    truth, got = {key(name) for name in story.authors}, {key(name) for name in found}
    if not truth:
        return float(not got - nobody)
    return 2 * len(truth & got) / (len(truth) + len(got))


def _minute(case: Case, revision: Revision, scores: Scores) -> None:
    site = case.site
    if not site.tells_minutes:
        return
    published, precision = revision.published_at, revision.published_precision
    known = published is not None and precision != "day"
    right = known and abs(datetime.fromisoformat(str(published)) - case.life.published) < timedelta(minutes=1)
    scores.minutes.append(right)
    if not right:
        got = "another time" if known else "day only" if published else "no date"
        why = f"{got}; zone {site.metadata_zone}, JSON-LD {site.json_ld}, {site.layout}"
        scores.findings.append(case.finding("minute", why, case.look_of(revision)))


def _paragraphs(case: Case, revision: Revision, scores: Scores) -> None:
    look, text = case.look_of(revision), key(revision.text)
    held = [key(part.text) in text for part in case.life.versions[case.version(look)].paragraphs]
    scores.paragraphs.append(sum(held) / len(held))
    if not all(held):
        how = "in part" if any(held) else "none"
        scores.findings.append(case.finding("text incomplete", f"{how}; {layout_of(case.site)}", look))
