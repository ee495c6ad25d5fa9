"""`scrapy shell`: for files of this machine. What is on the web is refused, as by `scrapy fetch`."""

from __future__ import annotations

import argparse

from scrapy.commands.shell import Command as ScrapyShell
from scrapy.utils.url import guess_scheme

from crawler.commands.fetch import refuse_remote


class Command(ScrapyShell):
    """Opens Scrapy's shell on a file. In the shell, `fetch()` of an address on the web raises PastTheRules."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises UsageError."""
        refuse_remote([guess_scheme(url) for url in args[:1]])
        super().run(args, opts)
