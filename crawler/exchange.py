"""Between Scrapy's requests and responses and our exchanges."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from archive.channels import ChannelMemory
from archive.model.capture import Exchange, Headers
from crawler.tasks import Task


def conditional_headers(task: Task, memory: ChannelMemory | None) -> dict[str, str]:
    """If-None-Match and If-Modified-Since (RFC 9110, 13.1) for what the archive holds of this URL; for a sub-request the
    headers that its page sends along."""
    if task.errand is not None:
        return dict(task.errand.headers)
    etag = last_modified = None
    if task.renders:  # a shell that has not changed says nothing about what its scripts fetch
        return {}
    if task.purpose == "feed" and memory is not None:
        etag, last_modified = memory.etag, memory.last_modified
    elif task.purpose == "article" and task.known is not None and not task.known.withheld:
        etag, last_modified = task.known.etag, task.known.last_modified
    headers = {}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    return headers


def exchange_of(response: Response, requested_at: datetime, responded_at: datetime) -> Exchange:
    """What went over the wire, as far as Scrapy lets us see it: bodies without transfer coding, header names capitalised."""
    request = response.request
    assert request is not None, "a downloaded response has its request"
    return Exchange(
        url=request.url,
        method=request.method,
        request_headers=(("Host", urlsplit(request.url).netloc), *_headers(request)),
        requested_at=requested_at,
        responded_at=responded_at,
        status=response.status,
        response_headers=_headers(response),
        body=response.body,
        ip=str(response.ip_address) if response.ip_address else None,
        http_version=(response.protocol or "HTTP/1.1").partition("/")[2],
    )


def _headers(message: Request | Response) -> Headers:
    return tuple(
        # PostgreSQL cannot store U+0000, and no header may hold it (RFC 9110, 5.5).
        (name.decode("latin-1"), value.decode("latin-1").replace("\x00", ""))
        for name, values in message.headers.items()
        for value in values
    )
