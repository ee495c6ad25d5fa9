"""A crawl that keeps nothing: in a temporary archive, which is deleted in the end.

A crawl writes down what hosts say (robots.txt, pauses); a look at a page or around a site needs a place for that, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.config import Settings
from archive.model.clock import Clock
from archive.storage.archive_id import archive_id
from archive.storage.session import open_archive
from archive.warc.writer import WarcFolder
from archive.writer.writer import Writer
from crawler.engine.crawl import Crawl
from crawler.engine.report import CrawlReport
from crawler.extraction_pool.pool import ExtractionPool
from crawler.frontier.frontier import Frontier
from crawler.http.politeness import Politeness
from crawler.user_agent import robots_token


@contextmanager
def temporary_crawl(
    settings: Settings,
    source_ids: Iterable[str],
    clock: Clock,
    *,
    in_flight: int = 1,
    longest_delay: float = math.inf,
) -> Iterator[Crawl]:
    """A crawl in an archive of its own. One connection a host, whatever the settings say. `longest_delay`: see `Crawl`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="dateline-")))
        settings = settings.model_copy(update={"home": folder, "database_url": "", "warc_dir": None})
        archive = open_archive(settings, create=True)
        stack.callback(archive.engine.dispose)
        with archive.reading() as session:
            name = archive_id(session)
        warc = WarcFolder(settings.warc_path, archive_id=name, max_size=settings.warc_size, clock=clock, info={})
        writer = stack.enter_context(Writer(archive.engine, stack.enter_context(warc), clock=clock))
        pool = ExtractionPool(1, settings.extract_timeout.total_seconds())
        stack.callback(pool.close)
        pool.warm()
        yield Crawl(
            settings=settings,
            archive=archive,
            writer=writer,
            pool=pool,
            frontier=Frontier(connections_per_host=1, in_flight=in_flight, real=clock.real),
            politeness=Politeness({}, robots_token(settings), clock()),
            report=CrawlReport(source_ids),
            channels={},
            clock=clock,
            longest_delay=longest_delay,
        )
