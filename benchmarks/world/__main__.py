"""Makes a world, lets the product crawl it, and prints what its archive says rightly and wrongly.

    .venv/bin/python -m benchmarks.world                                   200 sites, 5 looks (about 10,000 looks at articles)
    .venv/bin/python -m benchmarks.world --sites 24 --looks 3 --seed 7     a quick look
    .venv/bin/python -m benchmarks.world --seed 1000                       a world of the seeds that are held out

The figures go to stdout, with the worst causes of what is wrong. `--findings FILE` writes each finding as a line of JSON. Of a
world of the seeds that are held out neither is told. `--keep FOLDER` leaves the archive and the log of the commands there.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from benchmarks.world import HELD_OUT
from benchmarks.world.play import play
from benchmarks.world.report import causes, report


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, default=200)
    parser.add_argument("--looks", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", type=Path, help="a file for all findings, a line of JSON each")
    parser.add_argument("--keep", type=Path, help="an empty folder for the archive; default: a temporary one")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dateline-world-")))
        folder.mkdir(parents=True, exist_ok=True)
        scores, reread = play(chosen.seed, chosen.sites, chosen.looks, folder.absolute(), say=_say)
    print(f"{chosen.sites} sites, {chosen.looks} looks, seed {chosen.seed}")
    print("\n".join(report(scores, reread=reread)))
    if chosen.seed >= HELD_OUT:
        return
    print("\n".join(causes(scores)))
    if chosen.findings:
        with chosen.findings.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(finding), ensure_ascii=False) + "\n" for finding in scores.findings)


if __name__ == "__main__":
    main()
