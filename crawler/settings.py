"""Scrapy's settings: wiring only. What users may set is in `archive.config`; `scrapy_settings` carries it over.

Most of Scrapy's conveniences are off on purpose: robots, delays, redirects, retries and content codings are handled
where they can be recorded and obeyed (politeness, frontier, spider), for every request alike.
"""

from __future__ import annotations

from typing import Any

from archive.config import Settings
from archive.model.content_codings import ACCEPT_ENCODING
from crawler.user_agent import user_agent

BOT_NAME = "dateline"
SPIDER_MODULES = ["crawler.spiders.news"]  # `work` is for long-lived processes: no command runs it by name
COMMANDS_MODULE = "crawler.commands"

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
TWISTED_DNS_RESOLVER = DNS_RESOLVER = "crawler.http.resolver.GuardedResolver"

# The frontier holds back what may not go out yet; Scrapy sends at once what it gets.
CONCURRENT_REQUESTS = 0
CONCURRENT_REQUESTS_PER_DOMAIN = 64
CONCURRENT_ITEMS = 1  # a response gives one item; Scrapy starts so many tasks for each response
DOWNLOAD_DELAY = 0
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 1 << 30  # the frontier bounds what is in flight

DOWNLOAD_HANDLERS = dict.fromkeys(("http", "https"), "crawler.http.bounded_client.BoundedDownloads")
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_FAIL_ON_DATALOSS = True
DOWNLOAD_WARNSIZE = 0

# Scrapy's own parts are named here where they are wanted: one that is set to None or switched off is loaded all the same.
# Left out are robots (Scrapy's parses 5xx bodies, allows on errors and never expires: crawler.http.politeness), redirects (every hop is
# recorded and asks its own host's robots first), retries (the frontier), content codings (the archive keeps bytes as
# transferred: archive.model.content_codings), proxies (the address guard would check the proxy's address), cookies and caches.
DOWNLOADER_MIDDLEWARES_BASE = {
    "crawler.middlewares.frontier_only.FrontierOnly": 50,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE: dict[str, int] = {}  # no ports of our own, no phoning of anybody
# The first one normalises as well: both happen in the extraction pool, so that a page goes to another process once.
ITEM_PIPELINES = {
    "crawler.pipelines.extract_and_normalise.ExtractAndNormalise": 100,
    "crawler.pipelines.classify.Classify": 200,
    "crawler.pipelines.deduplicate.Deduplicate": 300,
    "crawler.pipelines.record.Record": 400,
}
STATS_CLASS = "scrapy.statscollectors.DummyStatsCollector"  # the crawl's report counts
STATS_DUMP = False
LOG_LEVEL = "WARNING"  # of `scrapy` commands; `dateline` has its own


def scrapy_settings(settings: Settings) -> dict[str, Any]:
    """This module's settings, completed by what the user chose."""
    fixed = {name: value for name, value in globals().items() if name.isupper() and name != "ACCEPT_ENCODING"}
    headers = {
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Encoding": ACCEPT_ENCODING,
    }
    if "@" in settings.contact:
        headers["From"] = settings.contact  # RFC 9110, 10.1.2
    return fixed | {
        "LOG_ENABLED": False,  # archive.logs sets the root handler
        "USER_AGENT": user_agent(settings),
        "DEFAULT_REQUEST_HEADERS": headers,
        "DOWNLOAD_TIMEOUT": settings.timeout.total_seconds(),
        "DNS_TIMEOUT": min(20.0, settings.timeout.total_seconds()),
        "DOWNLOAD_MAXSIZE": settings.max_body,
        "DATELINE_RESOLVE": settings.resolve,
        "DATELINE_ALLOW_NETWORKS": settings.allow_networks,
    }
