"""The end of a crawl before it is done: nothing more is asked for, and what is on its way is still recorded."""

from __future__ import annotations

import structlog

from archive.outage import explain, is_storage
from crawler.engine.report import CrawlReport
from crawler.frontier.frontier import Frontier

log = structlog.get_logger()


def halted_by(error: BaseException, report: CrawlReport, frontier: Frontier) -> bool:
    """Halt the crawl if there is no room to save anything more. Return whether `error` says so. A database that is away does
    not halt it: that is waited for."""
    if not is_storage(error) or (explained := explain(error)) is None:
        return False
    if report.halted is None:
        log.error("crawl_halted", error=explained.message)
        report.halted = f"{explained.message}. {explained.hint}" if explained.hint else explained.message
    frontier.close()
    return True
