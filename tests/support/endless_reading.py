"""Imported in the process from which readers are forked: see `support.endless`."""

from __future__ import annotations

import signal

from crawler.reading import read as reading
from crawler.reading.page import Page, Reading
from support.endless import ENDLESS

read = reading.read


def read_or_never_end(page: Page) -> Reading:
    while ENDLESS in page.url:
        signal.pause()
    return read(page)


reading.read = read_or_never_end
