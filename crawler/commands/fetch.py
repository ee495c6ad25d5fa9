"""`scrapy fetch`: refused, since it would go past the rules of hosts."""

from __future__ import annotations

import argparse

from scrapy.commands.fetch import Command as ScrapyFetch
from scrapy.exceptions import UsageError

from crawler.middlewares.frontier_only import PAST_THE_RULES, is_remote


class Command(ScrapyFetch):
    """Shows a file of this machine. An address on the web is refused."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises UsageError."""
        refuse_remote(args)
        super().run(args, opts)


def refuse_remote(args: list[str]) -> None:
    """Raise UsageError if one of these addresses is on the web."""
    for url in args:
        if is_remote(url):
            raise UsageError(f"{url}: {PAST_THE_RULES}", print_help=False)
