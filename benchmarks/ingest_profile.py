"""Where the CPU time of an ingest goes: milliseconds a page by process and thread, from one `dateline crawl`.

    .venv/bin/python benchmarks/ingest_profile.py --pages 300
    .venv/bin/python benchmarks/ingest_profile.py --pages 300 --functions   # and by function (needs py-spy on PATH)
    .venv/bin/python benchmarks/ingest_profile.py --pages 300 --learnt      # with the site's template, learnt before

CPU time, unlike time on the clock, says much even while neighbours load the machine. Start-up is shown by itself, as the
time of a crawl of 1 page.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import site_pages
from ingest import EARLIER, HERE, check, plain, wait_for, write_registry
from processes import Spent, threads, tree


def role(pid: int, crawl: int, server: int) -> str:
    if pid == server:
        return "web server of the benchmark"
    if pid == crawl:
        return "fetching process"
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return "?"
    if "forkserver" not in command:
        return "resource tracker"
    return "fork server" if parent == crawl else "readers"


def crawl(
    folder: Path, server: int, environment: dict[str, str], functions: Path | None
) -> tuple[float, dict[str, float]]:
    """Run a crawl; seconds on the clock, and CPU seconds by role and kind of thread."""
    command = [sys.executable, "-m", "dateline", "--home", str(folder / "home"), "crawl", "--revisit", "none"]
    if functions is not None:
        command = ["py-spy", "record", "--subprocesses", "--threads", "--gil", "--rate", "200", "--format", "raw",
                   "--output", str(functions), "--", *command]  # fmt: skip
    before = sum(threads(server).values())
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=plain() | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    spent, roles = Spent(), dict[int, str]()

    def name(pid: int, thread: int) -> str:
        if roles[pid] != "fetching process":
            return roles[pid]
        return f"{roles[pid]}: {'event loop' if thread == pid else 'writer and other threads'}"

    while process.poll() is None:
        here = tree(process.pid)
        main = process.pid if functions is None else here[min(1, len(here) - 1)]  # py-spy stands before it
        for pid in [*here, server]:
            if roles.get(pid, "?") == "?":
                roles[pid] = role(pid, main, server)
        spent.look([*here, server], name)
        time.sleep(0.1)
    assert process.returncode == 0, process.returncode
    by_role = spent.seconds()
    by_role["web server of the benchmark"] -= before
    return time.perf_counter() - begun, by_role


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--functions", action="store_true", help="by function as well, with py-spy")
    parser.add_argument("--learnt", action="store_true", help="after a crawl of earlier pages, of which it learns")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as name:
        results = []
        for pages in (1, options.pages):
            folder = Path(name) / str(pages)
            folder.mkdir()
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            base = f"http://127.0.0.1:{port}"
            earlier = EARLIER if options.learnt else 0
            site_pages.write(folder, pages + earlier, base)
            server = subprocess.Popen([sys.executable, str(HERE / "site_pages.py"), str(folder), str(port)])
            try:
                wait_for(port)
                functions = folder / "functions" if options.functions and pages > 1 else None
                environment, feed = write_registry(folder, base), folder / "feed.xml"
                if earlier:
                    feed.write_bytes(site_pages.feed(range(pages, pages + earlier), base))
                    crawl(folder, server.pid, environment, None)
                feed.write_bytes(site_pages.feed(range(pages), base))
                results.append(crawl(folder, server.pid, environment, functions))
                check(folder, pages + earlier, feeds=2 if earlier else 1, by_template=pages if earlier else 0)
            finally:
                server.kill()
                server.wait()
        (start, start_by), (seconds, by_role) = results
        print(f"{pages} pages in {seconds:.1f} s; a crawl of one page takes {start:.1f} s")
        print(f"{'CPU':45} {'start-up, s':>12} {'ms a page':>10}")
        for label in sorted(by_role):
            begun = start_by.get(label, 0.0)
            print(f"{label:45} {begun:12.2f} {1000 * (by_role[label] - begun) / pages:10.2f}")
        whole = 1000 * (sum(by_role.values()) - sum(start_by.values())) / pages
        print(f"{'together':45} {sum(start_by.values()):12.2f} {whole:10.2f}")
        if options.functions and functions is not None:
            shutil.copy(functions, "ingest_profile.folded")
            print("by function: ingest_profile.folded (input of flamegraph.pl or speedscope)")


if __name__ == "__main__":
    main()
