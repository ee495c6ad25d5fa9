"""`python -m support.endless dateline-arguments…`: the product's own command, whose readers never come to the end of a page
with `ENDLESS` in its address."""

from __future__ import annotations

from multiprocessing.context import ForkServerContext

ENDLESS = "/endless"


def main() -> None:
    from crawler.extraction_pool import fork_server
    from dateline.main import main as dateline

    context = fork_server.context

    def with_endless_pages() -> ForkServerContext:
        made = context()
        made.set_forkserver_preload(["crawler.extraction_pool.preload", "support.endless_reading"])
        return made

    fork_server.context = with_endless_pages
    dateline()


if __name__ == "__main__":
    main()
