"""Imported in the process from which readers are forked: see `support.endless`."""

from __future__ import annotations

import signal

from crawler.reading import reader
from crawler.reading.reader import Page, Reading
from support.endless import ENDLESS

read = reader.read


def read_or_never_end(page: Page) -> Reading:
    while ENDLESS in page.url:
        signal.pause()
    return read(page)


reader.read = read_or_never_end
