"""`scrapy view`: refused for the web, as `scrapy fetch` is."""

from __future__ import annotations

import argparse

from scrapy.commands.view import Command as ScrapyView

from crawler.commands.fetch import refuse_remote


class Command(ScrapyView):
    """Shows a file of this machine in the browser. An address on the web is refused."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises UsageError."""
        refuse_remote(args)
        super().run(args, opts)
