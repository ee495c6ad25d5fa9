"""Strange pages for as long as you like: no exception, no hang, no memory that grows.

    .venv/bin/python benchmarks/fuzz.py --minutes 10 --seed 1

Pages of tests/gold are changed at random and read as a crawl reads them, in a process of its own; single strings go through
the readers of dates, names and languages. Exit 1 if anything raised, took more than two seconds of CPU time, or if the memory grew
by more than a quarter after the first fifth of the time; what did it is kept in `--keep`.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from support.mutate import gold_pages, mutated  # noqa: E402

from archive.model.link import Hints  # noqa: E402
from archive.model.source import Source  # noqa: E402
from crawler.normalise.authors import people  # noqa: E402
from crawler.normalise.dates import claim, zone_of  # noqa: E402
from crawler.normalise.language import detect  # noqa: E402
from crawler.reading.page import Page  # noqa: E402
from crawler.reading.read import read  # noqa: E402

HANG = 2.0
"""Seconds of CPU time."""
GROWTH = 1.25
ZONES = ("Asia/Seoul", "Europe/Kyiv", "America/St_Johns", None)
LANGUAGES = ("vi", "ko", "fa", "th", "en", "ru", "ja", "zh", "tr", "id")


def memory() -> int:
    """Bytes that this process holds now (Linux); elsewhere the most that it ever held."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def one(rng: Random, page: bytes) -> str:
    """Read a page and a few of its strings; returns the kind of page."""
    zone, languages = rng.choice(ZONES), tuple(rng.sample(LANGUAGES, 2))
    source = Source("courier", "River Courier", "https://courier.example/", language=languages, timezone=zone)
    found = read(Page(page, "https://courier.example/2026/11/02/a", hints=Hints(title="x"), source=source))
    cut = rng.randrange(len(page) + 1)
    text = page[cut : cut + rng.randint(1, 300)].decode("utf-8", "replace")
    claim(text, "visible", 0.5, zone_of(zone), languages)
    people([text, text[::-1]], ["River Courier"])
    detect(text, languages)
    return found.kind


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "dateline-fuzz")
    chosen = parser.parse_args()
    pages, rng = gold_pages(), Random(chosen.seed)
    kinds, findings, worst, settled = Counter[str](), list[str](), 0.0, 0
    began = time.monotonic()
    while (passed := time.monotonic() - began) < chosen.minutes * 60:
        page = mutated(rng, pages)
        started, problem = time.process_time(), ""
        try:
            kinds[one(rng, page)] += 1
        except Exception:  # noqa: BLE001  # that is what it looks for
            problem = traceback.format_exc()
        seconds = time.process_time() - started
        worst = max(worst, seconds)
        if not problem and seconds > HANG:
            problem = f"{seconds:.1f} s of CPU time"
        if problem:
            chosen.keep.mkdir(parents=True, exist_ok=True)
            file = chosen.keep / f"{hashlib.sha256(page).hexdigest()[:12]}.html"
            file.write_bytes(page)
            findings.append(f"{file}: {problem.strip().splitlines()[-1]}")
            print(f"{file}\n{problem}", file=sys.stderr, flush=True)
        if not settled and passed > chosen.minutes * 12:
            settled = memory()
    grown = memory() / settled
    print(f"{sum(kinds.values())} pages read: {dict(kinds.most_common())}; {len(findings)} findings")
    print(
        f"slowest {worst:.2f} s of CPU time; memory {settled >> 20} MB after a fifth of the time, {memory() >> 20} MB at the end"
    )
    return 1 if findings or grown > GROWTH else 0


if __name__ == "__main__":
    sys.exit(main())
