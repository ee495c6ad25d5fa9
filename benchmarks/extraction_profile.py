"""Where the time of reading a page goes: milliseconds of CPU by stage, beside trafilatura on the same pages in the same process.

    .venv/bin/python benchmarks/extraction_profile.py                  # pages of the made-up site of site_pages.py
    .venv/bin/python benchmarks/extraction_profile.py DIR [--pages N]  # saved pages: *.html, *.html.gz

A stage is timed by wrapping the functions that `crawler.reading` calls. The whole reading is timed without the wrappers.
"""

from __future__ import annotations

import argparse
import gzip
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from trafilatura import bare_extraction

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import site_pages
from crawler.reading import authors, dates, reader
from crawler.reading import read as entry
from crawler.reading.page import Page, Reading

STAGES = {
    "decode": ("decode_html", "is_html"),
    "parse": ("parse",),
    "title": ("headline", "heading"),
    "dates": ("printed_dates", "visible_dates", "machine_times", "searched_date", "claim"),
    "authors": ("people", "organisations"),
    "captions": ("take_captions", "own_captions"),
    "body": ("find_body",),
    "clean": ("clean_lines", "without"),
    "lead": ("printed_lead",),
    "kind": ("classify_page",),
    "language": ("detect",),
    "addresses": ("addresses", "take_source_link", "claims"),
}


def pages(folder: Path | None, most: int) -> list[bytes]:
    """The first `most` pages of a folder, or as many made-up ones."""
    if folder is None:
        return [site_pages.page(number, "http://127.0.0.1:8000") for number in range(most)]
    files = sorted([*folder.rglob("*.html"), *folder.rglob("*.html.gz")])
    random.Random(1).shuffle(files)  # a sample of all sites, the same each time
    return [gzip.decompress(f.read_bytes()) if f.suffix == ".gz" else f.read_bytes() for f in files[:most]]


def timed(call: Callable[[bytes], object], found: list[bytes]) -> list[float]:
    """Milliseconds of CPU that `call` takes for each page; the best of two."""
    taken = []
    for html in found:
        runs = []
        for _ in range(2):
            begun = time.process_time()
            call(html)
            runs.append(1_000 * (time.process_time() - begun))
        taken.append(min(runs))
    return taken


def read(html: bytes) -> Reading:
    return entry.read(Page(html, "https://news.example/world/2026/11/24/a-story"))


def by_stage(found: list[bytes]) -> dict[str, float]:
    """Milliseconds of CPU for all pages by stage; each function's callees count for the outermost stage."""
    spent = dict.fromkeys(STAGES, 0.0)
    inside: list[str] = []

    def wrap(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if inside:
                return function(*args, **kwargs)
            inside.append(stage)
            begun = time.process_time()
            try:
                return function(*args, **kwargs)
            finally:
                spent[stage] += 1_000 * (time.process_time() - begun)
                inside.pop()

        return wrapper

    callers = (entry, reader, dates, authors)
    kept = {
        (module, name): (stage, getattr(module, name))
        for stage, names in STAGES.items()
        for name in names
        for module in callers
        if hasattr(module, name)
    }
    for (module, name), (stage, function) in kept.items():
        setattr(module, name, wrap(stage, function))
    try:
        for html in found:
            read(html)
    finally:
        for (module, name), (_, function) in kept.items():
            setattr(module, name, function)
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--pages", type=int, default=100)
    options = parser.parse_args()
    found = pages(options.folder, options.pages)
    timed(read, found[:5])  # models are loaded at the first use
    ours, theirs = timed(read, found), timed(lambda html: bare_extraction(html, with_metadata=True), found)
    print(f"{len(found)} pages of {sum(map(len, found)) // len(found) // 1000} KB on average, ms of CPU a page")
    for name, taken in (("dateline", ours), ("trafilatura", theirs)):
        print(
            f"  {name:12} median {statistics.median(taken):6.1f}   mean {statistics.mean(taken):6.1f}   max {max(taken):7.1f}"
        )
    print(
        f"  {'ratio':12} median {statistics.median(ours) / statistics.median(theirs):6.2f}   mean {sum(ours) / sum(theirs):6.2f}"
    )
    spent = by_stage(found)
    whole = sum(ours)
    for stage, cost in sorted(spent.items(), key=lambda item: -item[1]):
        print(f"  {stage:12} {cost / len(found):6.2f}   {cost / whole:5.0%}")
    print(f"  {'the rest':12} {(whole - sum(spent.values())) / len(found):6.2f}")
    print(
        "  bodies by   ",
        dict(Counter((a.provenance.get("body") if (a := read(h).article) else "no article") for h in found)),
    )


if __name__ == "__main__":
    main()
