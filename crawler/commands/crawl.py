"""`scrapy crawl news`: the same as `dateline crawl`."""

from __future__ import annotations

import argparse
import os
import re
import sys

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

KNOWN = {"sources", "limit"}


class Command(ScrapyCrawl):
    """Replaces this process by `dateline crawl`, which opens the archive and composes the crawl that the spider works for."""

    def short_desc(self) -> str:
        return (
            "Fetch what is new now: `scrapy crawl news -a sources=ID,ID -a limit=N` is `dateline crawl ID ID --limit N`"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises UsageError."""
        os.execv(sys.executable, [sys.executable, "-m", "dateline", *dateline_words(args, opts.spargs)])


def dateline_words(spiders: list[str], given: dict[str, str]) -> list[str]:
    """The words of the `dateline` command that means the same. Raises UsageError."""
    if spiders != ["news"]:
        raise UsageError("the spider of this project is `news`: scrapy crawl news", print_help=False)
    if unknown := sorted(given.keys() - KNOWN):
        raise UsageError(
            f"-a {unknown[0]}: the spider `news` takes -a sources=ID,ID and -a limit=N. All else is a setting of Dateline: "
            "see `dateline config`.",
            print_help=False,
        )
    words = ["crawl", *filter(None, re.split(r"[,\s]+", given.get("sources", "")))]
    if "limit" in given:
        words += ["--limit", given["limit"]]
    return words
