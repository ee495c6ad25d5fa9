"""Between Scrapy's requests and responses and our exchanges."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response

from archive.model.capture import Exchange, Headers
from crawler.frontier.task import Task


def request_of(task: Task, *, callback: Any, errback: Any, requested_at: datetime) -> Request:
    """Return the request that goes out for a task. Answers of any status come back to `callback`."""
    headers = dict(task.handler.request_headers(task))
    body = b""
    if task.method == "POST":
        body = urlencode(task.form or ()).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return Request(
        task.url,
        method=task.method,
        headers=headers,
        body=body,
        callback=callback,
        errback=errback,
        meta={"task": task, "requested_at": requested_at, "handle_httpstatus_all": True},
        dont_filter=True,
    )


def exchange_of(response: Response, requested_at: datetime, responded_at: datetime) -> Exchange:
    """Return what went over the wire, as far as Scrapy shows it: bodies without transfer coding, header names capitalised."""
    request = response.request
    assert request is not None, "a downloaded response has its request"
    return Exchange(
        url=request.url,
        method=request.method,
        request_headers=(("Host", urlsplit(request.url).netloc), *_headers(request), *_length(request)),
        requested_at=requested_at,
        responded_at=responded_at,
        status=response.status,
        response_headers=_headers(response),
        body=response.body,
        ip=str(response.ip_address) if response.ip_address else None,
        http_version=(response.protocol or "HTTP/1.1").partition("/")[2],
        request_body=request.body,
    )


def _length(request: Request) -> Headers:
    """The header that the client adds on the wire."""
    return (("Content-Length", str(len(request.body))),) if request.body else ()


def _headers(message: Request | Response) -> Headers:
    return tuple(
        # PostgreSQL cannot store U+0000, and no header may hold it (RFC 9110, 5.5).
        (name.decode("latin-1"), value.decode("latin-1").replace("\x00", ""))
        for name, values in message.headers.items()
        for value in values
    )
