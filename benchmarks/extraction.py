"""Reading accuracy and cost: one page at a time beside what is learnt of its site.

    .venv/bin/python benchmarks/extraction.py                 # made-up sites of 50 pages (site_layouts.py)
    .venv/bin/python benchmarks/extraction.py --corpus DIR    # and real pages: leave one out at publishers with three and more

Made-up sites: the pages 20 to 49 of each are read the generic way, and with what was learnt from the first 5, 10 and 20; then
the 50 pages as a stream, with a redesign after 25 and learning, drift and relearning as in a crawl.

A corpus is a folder of `NAME.html.gz` with `NAME.json` {"url", "title", "body", "published", "authors", …}. F1 is that of word
4-grams of lead and body.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent.parent))

from archive.model.article import Article
from archive.model.site_memory import Evidence, Learnt, Memory, drifted, is_collecting, next_step
from archive.model.source import Source
from benchmarks.site_layouts import REDESIGNED, SITES, Truth
from crawler.learn.template import learn
from crawler.reading.page import Page, Reading
from crawler.reading.read import read

PAGES, FIRST_TESTED = 50, 20
LEARNT_FROM = (5, 10, 20)
FIELDS = ("f1", "title", "authors", "minute")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+")


# --- scores


def grams(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    size = min(4, len(words)) or 1
    return Counter(tuple(words[i : i + size]) for i in range(max(0, len(words) - size + 1)))


def f1(truth: str, found: str) -> float:
    a, b = grams(truth), grams(found)
    total = sum(a.values()) + sum(b.values())
    return 2 * sum((a & b).values()) / total if total else 1.0


def folded(text: str | None) -> str:
    return " ".join(_WORD.findall((text or "").casefold()))


def names_f1(truth: Iterable[str], found: Iterable[str]) -> float:
    a, b = {folded(name) for name in truth}, {folded(name) for name in found}
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 1.0


def score(
    article: Article | None, title: str | None, text: str | None, authors: list[str] | None, published: datetime | None
) -> dict[str, float]:
    """The fields that the truth knows; a missing article is wrong in all."""
    marks: dict[str, float] = {}
    said = "\n".join(part for part in (article.lead, article.body) if part) if article else ""
    if text:
        marks["f1"] = f1(text, said)
    if title:
        marks["title"] = float(article is not None and folded(article.title) == folded(title))
    if authors is not None:
        marks["authors"] = names_f1(authors, article.authors if article else ())
    if published is not None:
        at = article.published if article else None
        exact = at is not None and at.precision != "day" and abs(at.at - published) < timedelta(minutes=1)
        marks["minute"] = float(exact)
    return marks


def of_truth(article: Article | None, truth: Truth) -> dict[str, float]:
    text = "\n".join(part for part in (truth.lead, *truth.body) if part)
    return score(article, truth.title, text, list(truth.authors), truth.published)


@dataclass
class Tally:
    """Marks and milliseconds of several pages."""

    marks: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    milliseconds: list[float] = field(default_factory=list)
    by_template: int = 0

    def add(self, marks: dict[str, float], reading: Reading, milliseconds: float) -> None:
        for name, mark in marks.items():
            self.marks[name].append(mark)
        self.milliseconds.append(milliseconds)
        self.by_template += bool(reading.article and reading.article.provenance.get("body") == "template")

    def row(self) -> str:
        means = [f"{statistics.mean(self.marks[name]):.3f}" if self.marks[name] else "·" for name in FIELDS]
        share = self.by_template / max(1, len(self.milliseconds))
        return " | ".join([*means, f"{share:.0%}", f"{statistics.median(self.milliseconds):.1f}"])


def timed(page: Page) -> tuple[Reading, float]:
    began = time.process_time()
    reading = read(page)
    return reading, 1000 * (time.process_time() - began)


# --- made-up sites


def made_up() -> None:
    print("| site | read | body F1 | title | authors | minute | by template | ms |\n|---|---|---|---|---|---|---|---|")
    total: defaultdict[str, Tally] = defaultdict(Tally)
    for site in SITES:
        source = Source(id="s", name=site.name, homepage=site.host + "/", timezone="Europe/Kyiv", language=("en",))
        pages = [site.page(number) for number in range(PAGES)]
        teaching = [read(Page(html, url, source=source, memory=Memory(collecting=True))) for url, html, _ in pages[:20]]
        memories: dict[str, Memory | None] = {"generic": None}
        for number in LEARNT_FROM:
            memories[f"after {number}"] = Memory.of(learn([r.evidence for r in teaching[:number] if r.evidence]))
        for name, memory in memories.items():
            tally = Tally()
            for url, html, truth in pages[FIRST_TESTED:]:
                reading, took = timed(Page(html, url, source=source, memory=memory))
                for each in (tally, total[name]):
                    each.add(of_truth(reading.article, truth), reading, took)
            print(f"| {site.layout} | {name} | {tally.row()} |")
    for name, tally in total.items():
        print(f"| **all** | {name} | {tally.row()} |")


@dataclass
class Stream:
    """A site's memory as it grows in a crawl (see archive/ingest/site_templates.py and crawler/engine/site_learning.py), without an archive."""

    learnt: Learnt = field(default_factory=Learnt)
    seen: int = 0
    recent: str = ""
    evidence: list[Evidence] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    @property
    def memory(self) -> Memory:
        return Memory.of(self.learnt, collecting=is_collecting(self.seen))

    def note(self, number: int, reading: Reading) -> None:
        before = self.seen
        if reading.fit is not None:
            self.recent += "0" if reading.fit else "1"
        if reading.evidence is not None:
            self.evidence.insert(0, reading.evidence)
        self.seen += 1
        if self.learnt.template is not None and drifted(self.recent):
            self.learnt, self.seen, self.recent, self.evidence = Learnt(None, self.learnt.blocks), 0, "", []
            self.events.append(f"{number}: retired")
        elif self.seen >= next_step(before):
            found = learn(self.evidence, self.learnt)
            if found.digest != self.learnt.digest:
                self.events.append(f"{number}: learnt")
            if found.template != self.learnt.template:
                self.recent = ""
            self.learnt = found


def redesigned() -> None:
    print(
        "\n| site, redesigned after 25 | read | body F1 | title | authors | minute | by template | ms | events |\n|---|---|---|---|---|---|---|---|---|"
    )
    for site in SITES:
        source = Source(id="s", name=site.name, homepage=site.host + "/", timezone="Europe/Kyiv", language=("en",))
        pages = [site.page(n, None if n < 25 else REDESIGNED[site.layout]) for n in range(PAGES)]
        stream, learnt, generic = Stream(), Tally(), Tally()
        for number, (url, html, truth) in enumerate(pages):
            plain, took = timed(Page(html, url, source=source))
            generic.add(of_truth(plain.article, truth), plain, took)
            reading, took = timed(Page(html, url, source=source, memory=stream.memory))
            learnt.add(of_truth(reading.article, truth), reading, took)
            stream.note(number, reading)
        name = f"{site.layout} → {REDESIGNED[site.layout]}"
        print(f"| {name} | generic | {generic.row()} | |\n| | learning | {learnt.row()} | {', '.join(stream.events)} |")


# --- real pages


def leave_one_out(corpus: Path, least: int) -> None:
    """Every page of the publishers with `least` pages and more, read with what the publisher's others teach."""
    groups: defaultdict[str, list[tuple[bytes, dict[str, object]]]] = defaultdict(list)
    for file in sorted(corpus.rglob("*.json")):
        truth = json.loads(file.read_text("utf-8"))
        html = gzip.decompress(file.with_suffix(".html.gz").read_bytes())
        groups[(urlsplit(truth["url"]).hostname or "").removeprefix("www.")].append((html, truth))
    generic, learnt = Tally(), Tally()
    worse: list[str] = []
    chosen = {host: pages for host, pages in groups.items() if len(pages) >= least}
    for host, pages in sorted(chosen.items()):
        teaching = [
            read(Page(html, str(truth["url"]), memory=Memory(collecting=True))).evidence for html, truth in pages
        ]
        for index, (html, truth) in enumerate(pages):
            others = [found for i, found in enumerate(teaching) if i != index and found is not None]
            memory = Memory.of(learn(others, least=least - 1))
            marks = []
            for tally, known in ((generic, None), (learnt, memory)):
                reading, took = timed(Page(html, str(truth["url"]), memory=known))
                published = truth.get("published")
                at = datetime.fromisoformat(str(published)) if published and "T" in str(published) else None
                authors = truth.get("authors")
                found = score(
                    reading.article,
                    str(truth["title"]) if truth.get("title") else None,
                    _plain(truth.get("body")),
                    [str(name) for name in authors] if isinstance(authors, list) else None,
                    at if at is not None and at.tzinfo else None,
                )
                tally.add(found, reading, took)
                marks.append(found)
            worse += [
                f"{host} {index}: {n} {marks[0][n]:.3f} -> {m:.3f}"
                for n, m in marks[1].items()
                if abs(m - marks[0][n]) > 0.002
            ]
    pages_read = len(generic.milliseconds)
    print(
        f"\n{pages_read} pages of {len(chosen)} publishers with {least} and more, each read with what the others teach\n"
    )
    print("| read | body F1 | title | authors | minute | by template | ms |\n|---|---|---|---|---|---|---|")
    print(f"| generic | {generic.row()} |\n| learnt | {learnt.row()} |")
    for line in worse:
        print(f"  {line}")


def _plain(body: object) -> str | None:
    """The text of a corpus' body: a string, or nested lists of paragraphs."""
    if body is None or isinstance(body, str):
        return body
    if isinstance(body, dict):
        return "\n".join(filter(None, (_plain(value) for value in body.values())))
    assert isinstance(body, list)
    return "\n".join(filter(None, (_plain(part) for part in body)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--corpus", type=Path, action="append", default=[], help="a folder of real pages with their truth"
    )
    parser.add_argument("--least", type=int, default=3, help="pages that a publisher of the corpus must have [3]")
    parser.add_argument("--only-corpus", action="store_true", help="leave the made-up sites out")
    chosen = parser.parse_args()
    if not chosen.only_corpus:
        made_up()
        redesigned()
    for corpus in chosen.corpus:
        leave_one_out(corpus, chosen.least)


if __name__ == "__main__":
    main()
