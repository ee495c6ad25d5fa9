"""`python -m support.endless dateline-arguments…`: the product's own command, whose readers never come to the end of a page
with `ENDLESS` in its address."""

from __future__ import annotations

from multiprocessing.context import ForkServerContext

ENDLESS = "/endless"


def main() -> None:
    from crawler import forking
    from dateline.main import main as dateline

    context = forking.context

    def with_endless_pages() -> ForkServerContext:
        made = context()
        made.set_forkserver_preload(["crawler.preload", "support.endless_reading"])
        return made

    forking.context = with_endless_pages
    dateline()


if __name__ == "__main__":
    main()
