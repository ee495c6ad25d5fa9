"""Scrapy's process object, made our way."""

from __future__ import annotations

import logging
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

from archive.config import Settings
from crawler.settings import scrapy_settings

if TYPE_CHECKING:
    from scrapy.crawler import AsyncCrawlerProcess

_CONFIGURED_BY_SCRAPY = ("scrapy", "twisted")


def new_process(settings: Settings, **overridden: Any) -> AsyncCrawlerProcess:
    """Return a process with `scrapy_settings`, some of them `overridden`.

    It installs the reactor, so it comes before every import that asks for one. Log levels stay as `archive.logs` set them:
    Scrapy would turn its own up to DEBUG.
    """
    # It looks at the whole stack of calls three times, and reads the files of all that stand there: at the first request that
    # takes 0.3 s, here 0.17, in a thread that nobody called 0.04.
    early = threading.Thread(target=import_module, args=("scrapy.core.downloader.contextfactory",))
    early.start()
    early.join()
    from scrapy.crawler import AsyncCrawlerProcess

    # Those below them as well: logging.config takes their levels away.
    levels = {
        name: logging.getLogger(name).level
        for name in (*_CONFIGURED_BY_SCRAPY, *logging.root.manager.loggerDict)
        if name.partition(".")[0] in _CONFIGURED_BY_SCRAPY
    }
    disabled = logging.root.manager.disable
    logging.disable(
        max(disabled, levels["scrapy"] - 1)
    )  # what it says of itself between turning up and our turning down
    try:
        return AsyncCrawlerProcess(scrapy_settings(settings) | {"LOG_INSTALL_ROOT_HANDLER": False} | overridden)
    finally:
        logging.disable(disabled)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
