"""Nothing goes out but what the frontier lets go.

robots.txt, delays, pauses and budgets are the frontier's. A request that comes from elsewhere (Scrapy's shell, a spider of
somebody else run with these settings) has asked nobody.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request

PAST_THE_RULES = (
    "not asked, because Scrapy by itself obeys neither the host's robots.txt nor the delay it wants. "
    "`dateline extract URL` fetches one page by all rules and shows what is read of it."
)


class PastTheRules(Exception):
    """A request on the web that the frontier did not send."""


class FrontierOnly:
    """Refuses every request on the web that does not carry a task of the frontier."""

    def process_request(self, request: Request) -> None:
        """Raises PastTheRules."""
        if "task" not in request.meta and is_remote(request.url):
            raise PastTheRules(f"{request.url}: {PAST_THE_RULES}")


def is_remote(url: str) -> bool:
    """Return whether an address is on the web, rather than a file or data."""
    return urlsplit(url).scheme.lower() not in ("file", "data", "")
